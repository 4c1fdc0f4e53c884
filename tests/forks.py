"""The command line in processes of their own, forked from one that has imported it.

``python -m retrieval.testing.cli`` takes longer to import than most commands take to run, and
some tests start hundreds. ``ForkServer`` is one process that imports once and does nothing
else, so that no thread and no lock of a library is taken along; each command is a fork of
it, with its own streams, environment and current folder, and can be killed like any other
process. What depends on the interpreter's start (how long it takes, what is imported) is for
tests that start a real one.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[1]
COMMAND_LINE = (
    "Stemmer",
    "faiss",
    "retrieval.cli.commands.delete",
    "retrieval.cli.commands.index",
    "retrieval.cli.commands.query",
    "retrieval.cli.main",
    "retrieval.corpus.corpus",
    "retrieval.corpus.parquet",
    "retrieval.encode.opening",
    "retrieval.engine.building",
    "retrieval.engine.index",
    "retrieval.lexical.language",
    "retrieval.store.local",
    "retrieval.store.opening",
    "retrieval.testing.encoders",
    "rich.table",
)
"""What the commands import that are run most."""
TRAINING = (
    *COMMAND_LINE,
    "retrieval.cli.commands.train",
    "retrieval.train.biencoder.task",
    "retrieval.train.running",
    "sentence_transformers",
    "torch",
    "transformers",
)
"""What ``retrieve train`` imports."""
_MESSAGE_BYTES = 1 << 20


class Forked:
    """One forked process; as much of ``subprocess.Popen`` as tests need.

    Attributes:
        args: The words after the module's name.
        pid: Its number.
        returncode: How it ended, the negative number of a signal; None while it runs.
    """

    def __init__(self, args: Sequence[str], reply: int) -> None:
        self.args = tuple(args)
        self.returncode: int | None = None
        self._reply = reply
        self._read = b""
        while b"\n" not in self._read:
            self._receive()
        self.pid = int(self._read.partition(b"\n")[0])

    def _receive(self) -> None:
        piece = os.read(self._reply, 64)
        if not piece:
            raise RuntimeError(f"the process of {self.args!r} was lost, after {self._read!r}")
        self._read += piece

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended.

        Raises:
            subprocess.TimeoutExpired: It still runs after so many seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            rest = None if until is None else max(0.0, until - time.monotonic())
            if not select.select([self._reply], [], [], rest)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._receive()
            if self._read.count(b"\n") == 2:
                self.returncode = int(self._read.split()[1])
                os.close(self._reply)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.kill()
        self.wait()


class ForkServer:
    """A process that waits to be forked.

    Args:
        modules: What it imports first. Not the module that is to be run: it is run anew.
        environment: Its environment; what an interpreter reads at its start holds for all.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks", str(theirs.fileno()), *modules],
                cwd=ROOT,
                env=dict(environment),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def start(
        self,
        module: str,
        args: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        streams: tuple[int, int, int],
    ) -> Forked:
        """Run a module as ``python -m`` does.

        Args:
            module: Its name.
            args: The words after it.
            folder: Current folder.
            environment: The whole environment.
            streams: File descriptors of standard input, output and error.
        """
        request = {
            "module": module,
            "args": [*args],
            "folder": str(folder),
            "environment": dict(environment),
        }
        reply, told = os.pipe()
        message = json.dumps(request).encode()
        assert len(message) < _MESSAGE_BYTES
        self._ours.sendall(len(message).to_bytes(8, "little"))
        socket.send_fds(self._ours, [message[:1]], [*streams, told])
        self._ours.sendall(message[1:])
        os.close(told)
        return Forked(args, reply)

    def close(self) -> None:
        """End the process that waits; those it has started go on."""
        self._ours.close()
        self._process.wait()


@cache
def server_of(modules: Sequence[str]) -> ForkServer:
    """Return this process's server that has imported some modules, started when first asked for."""
    from tests.cli.terminal import environment_of_child

    server = ForkServer(modules, environment_of_child(OMP_NUM_THREADS="1"))
    atexit.register(server.close)
    return server


def _next_request(waiting: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    size = waiting.recv(8, socket.MSG_WAITALL)
    if len(size) < 8:
        return None
    first, descriptors, _, _ = socket.recv_fds(waiting, 1, 4)
    rest = waiting.recv(int.from_bytes(size, "little") - 1, socket.MSG_WAITALL)
    return json.loads(first + rest), descriptors


def _serve(waiting: socket.socket) -> dict[str, Any] | None:
    """Fork for each request; return None when there are no more, in a fork its request."""
    while (found := _next_request(waiting)) is not None:
        request, (*streams, told) = found
        if os.fork() == 0:
            return _keep(request, streams, told)
        for one in (*streams, told):
            os.close(one)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
    return None


def _keep(request: dict[str, Any], streams: Sequence[int], told: int) -> dict[str, Any]:
    """Fork, tell the fork's number and then how it ended; return in the fork alone."""
    child = os.fork()
    if child:
        for one in streams:
            os.close(one)
        os.write(told, f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    os.close(told)
    for number, one in enumerate(streams):
        os.dup2(one, number)
    for one in streams:
        os.close(one)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- for its whole life
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    return request


def main() -> None:
    """Import, then wait for requests; in a fork, run what was asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as the package has it where it imports the large ones
        for name in sys.argv[2:]:
            importlib.import_module(name)
    gc.freeze()  # else the collector of each fork copies the memory of every module
    with socket.socket(fileno=int(sys.argv[1])) as waiting:
        request = _serve(waiting)
    if request is not None:
        sys.argv[1:] = request["args"]
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
