"""A folder with an index, a runtime folder, and the command line in it with and without helpers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from retrieval import __version__
from retrieval.fsops import LocalFiles
from retrieval.serve.control import ResidentState, residents_in, stop_residents
from tests.cli.corpus import REVIEWS
from tests.cli.terminal import MODULE, environment_of_child, open_terminal, read_all
from tests.forks import COMMAND_LINE, server_of

_LONG_S = 120.0
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a process wrote and how it ended; a terminal has both streams in one."""

    code: int
    out: bytes
    err: bytes = b""


@dataclass(slots=True)
class House:
    """A place to ask from.

    Attributes:
        folder: The current folder of every command.
        runtime: What ``XDG_RUNTIME_DIR`` is.
    """

    folder: Path
    runtime: Path

    @property
    def helpers_folder(self) -> Path:
        return self.runtime / "retrieve"

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        joined: bool = False,
        settings: Mapping[str, str] = NOTHING,
        **changes: str,
    ) -> Seen:
        """Run a command with its output in files, or both streams in the same one."""
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
            given.write(stdin)
            given.seek(0)
            with tempfile.TemporaryFile() as apart:
                err = out if joined else apart
                streams = given.fileno(), out.fileno(), err.fileno()
                code = self._run(args, streams, {**settings, **changes})
                out.seek(0)
                apart.seek(0)
                return Seen(code, out.read(), apart.read())

    def show(
        self,
        *args: str,
        columns: int = 80,
        settings: Mapping[str, str] = NOTHING,
        **changes: str,
    ) -> Seen:
        """Run a command on a terminal."""
        ours, theirs = open_terminal(columns)
        try:
            with open(os.devnull, "rb") as nothing:
                code = self._run(args, (nothing.fileno(), theirs, theirs), {**settings, **changes})
            os.close(theirs)
            return Seen(code, read_all(ours).encode())
        finally:
            os.close(ours)

    def warm(self) -> ResidentState:
        """Have the question that everybody asks answered by a helper from now on."""
        seen = self.run("query", "positive", RETRIEVE_DAEMON="auto")
        assert seen.code == 0, seen
        return self.wait_for_helper()

    def wait_for_helper(self) -> ResidentState:
        until = time.monotonic() + _LONG_S
        while time.monotonic() < until:
            for one in self.helpers():
                if not one.is_busy:
                    return one
            time.sleep(0.02)
        raise AssertionError(f"no helper came: {sorted(self.helpers_folder.glob('*'))}")

    def helpers(self) -> list[ResidentState]:
        return residents_in(str(self.helpers_folder), LocalFiles(), version=__version__)

    def answered(self) -> int:
        return sum(one.answered or 0 for one in self.helpers())

    def declined(self) -> int:
        return sum(one.declined or 0 for one in self.helpers())

    def _run(
        self, args: tuple[str, ...], streams: tuple[int, int, int], changes: dict[str, str]
    ) -> int:
        environment = environment_of_child(
            **{
                "RETRIEVE_CACHE": str(self.folder / "cache"),
                "XDG_RUNTIME_DIR": str(self.runtime),
                "OMP_NUM_THREADS": "1",
                **changes,
            }
        )
        with server_of(COMMAND_LINE).start(
            MODULE, args, folder=self.folder, environment=environment, streams=streams
        ) as child:
            return child.wait(_LONG_S)


@contextlib.contextmanager
def house(folder: Path) -> Iterator[House]:
    """Index some reviews, and end every helper at the end."""
    # paths of sockets are short, and those of tests are not
    runtime = Path(tempfile.mkdtemp(prefix="rt-", dir="/tmp"))
    try:
        one = House(folder, runtime)
        write_rows(folder)
        made = one.run("index", "reviews.jsonl", RETRIEVE_MODEL="testing-hashing")
        assert made.code == 0, made
        yield one
        stop_residents(str(one.helpers_folder), LocalFiles(), version=__version__)
    finally:
        shutil.rmtree(runtime, ignore_errors=True)


def write_rows(folder: Path, *more: Mapping[str, object]) -> None:
    """Write the reviews and twenty notes, enough to learn a concept from."""
    notes = [
        {"id": f"n{n:02}", "text": f"{'Good' if n % 2 else 'Bad'} news of day {n}.", "year": n}
        for n in range(20)
    ]
    rows = [*REVIEWS, *notes, *more]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "reviews.jsonl").write_text(text, encoding="utf-8")
