"""A forward in a process of its own, started anew and never forked.

What goes over its pipes is arrays behind a small head: to it the lengths and the tokens of
passages, from it their vectors. It ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.encode.child import child_environment
from retrieval.encode.forward_plan import ForwardPlan
from retrieval.errors import ModelError
from retrieval.records import Numerics
from retrieval.vectors import FloatRows

CHILD: tuple[str, ...] = (sys.executable, "-P", "-m", "retrieval.encode.worker_child")
"""The command of a worker; ``-P`` keeps the working folder's modules out of it."""


class WorkerForward:
    """Runs passages in a process of its own; calls wait for each other.

    Args:
        plan: What it runs.
        child: The command that starts it.

    Raises:
        ModelError: It ended while it was starting.
    """

    def __init__(self, plan: ForwardPlan, *, child: Sequence[str] = CHILD) -> None:
        self._turn = threading.Lock()
        words = [
            f"--folder={plan.folder}",
            f"--graph={plan.graph}",
            f"--precision={plan.precision.value}",
            f"--device={plan.device}",
            f"--threads={plan.threads}",
        ]
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            [*child, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=child_environment(offline=True),
        )
        self._numerics: Numerics | None = None

    @property
    def numerics(self) -> Numerics:
        """How vectors are computed there; waits until it is ready."""
        with self._turn:
            return self._ready()

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        """Compute the vectors of passages; see ``Forward``."""
        if not ids:
            return
        with self._turn:
            self._ready()
            try:
                send_passages(self._stream(self._process.stdin), ids)
                read_into(self._stream(self._process.stdout), rows)
            except (OSError, EOFError):
                raise self._lost() from None

    def close(self) -> None:
        """End the process and wait for it."""
        with contextlib.suppress(OSError):
            self._stream(self._process.stdin).close()
        self._process.wait()
        self._stream(self._process.stdout).close()

    def _ready(self) -> Numerics:
        if self._numerics is None:
            line = self._stream(self._process.stdout).readline()
            if not line:
                raise self._lost()
            self._numerics = Numerics(**orjson.loads(line))
        return self._numerics

    def _stream(self, stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None:
            raise ModelError("A process that encodes has no pipes.")
        return stream

    def _lost(self) -> ModelError:
        return ModelError(
            f"A process that encodes ended with code {self._process.wait()}.",
            fix="What it said is above; a negative code is a signal, -9 most often that memory"
            " ran out: use fewer --devices.",
        )


def send_passages(stream: IO[bytes], ids: Sequence[NDArray[np.int64]]) -> None:
    """Write how many passages there are, the tokens of each, and all tokens; int64."""
    head = np.array([len(ids), *(len(one) for one in ids)], dtype=np.int64)
    stream.write(head.tobytes() + np.concatenate(ids).astype(np.int64).tobytes())
    stream.flush()


def read_passages(stream: IO[bytes]) -> list[NDArray[np.int64]] | None:
    """Read what ``send_passages`` wrote; None at the end of the stream.

    Raises:
        EOFError: It ended within passages.
    """
    head = np.empty(1, dtype=np.int64)
    try:
        read_into(stream, head)
    except EOFError:
        return None
    lengths = np.empty(int(head[0]), dtype=np.int64)
    read_into(stream, lengths)
    tokens = np.empty(int(lengths.sum()), dtype=np.int64)
    read_into(stream, tokens)
    return np.split(tokens, np.cumsum(lengths)[:-1])


def read_into(stream: IO[bytes], rows: NDArray[Any]) -> None:
    """Fill an array with the next bytes.

    Raises:
        EOFError: There are fewer.
    """
    content = stream.read(rows.nbytes)
    if len(content) != rows.nbytes:
        raise EOFError
    rows[...] = np.frombuffer(content, dtype=rows.dtype).reshape(rows.shape)
