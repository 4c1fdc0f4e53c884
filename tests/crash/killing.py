"""Commands as processes of their own, killed at some moment, and a look at what they left."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from retrieval.corpus.passages import PassageCutter
from retrieval.engine.checks import verify
from retrieval.errors import DamagedIndexError, IndexNotFoundError
from retrieval.fsops import LocalFiles
from retrieval.records import Document, PassageOptions
from retrieval.store import layout
from retrieval.store.content import EncodedDocument
from retrieval.store.reader import Snapshot
from retrieval.store.sealed import unseal
from retrieval.store.spill import list_spills
from retrieval.testing.encoders import HashingEncoder
from tests.cli.terminal import MODULE, environment_of_child
from tests.forks import COMMAND_LINE, Forked, server_of

Held = dict[str, Document]
PATIENCE_S = 120.0
"""How long a process may take to get anywhere at all; a hang ends the test."""
CHECKED_VECTORS = 200
"""Documents of an index whose vectors are computed again, spread over it."""


class Moment(StrEnum):
    """From when on the time to a kill is counted."""

    START = "start"
    """The process was started."""
    LOCK = "lock"
    """It holds the lock: it has begun to write."""
    NEW_FILE = "new file"
    """A part, a spill or an unfinished file of its own has appeared."""


class Left(StrEnum):
    """What a killed command left behind."""

    NOTHING = "nothing"
    """The state before it, and no trace of it."""
    PIECES = "pieces"
    """The state before it, and files that are no part of that."""
    SPILL = "spill"
    """The state before it, and finished work with a receipt."""
    COMMITTED = "committed"
    """The state after it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended and what it had said by then."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any] | None:
        """The command's report, if it got as far as to say it: an acknowledgement."""
        if not self.out.endswith("\n"):
            return None
        found: dict[str, Any] = json.loads(self.out)
        return found


Child = subprocess.Popen[bytes] | Forked


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started.

    Attributes:
        child: The process.
        out: Where its standard output goes.
        err: Where its standard error goes.
    """

    child: Child
    out: IO[bytes]
    err: IO[bytes]

    def ended(self) -> Ended:
        """Wait for it and return how it ended."""
        with self.out as out, self.err as err, self.child as child:
            code = child.wait(PATIENCE_S)
            return Ended(code, _everything(out), _everything(err))


def _everything(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@dataclass(frozen=True, slots=True)
class Process:
    """Runs of the command line that write to one index.

    Attributes:
        here: Current folder of the processes.
        index: The index folder, which may not exist yet.
        environment: Settings, such as the model.
        forked: Whether they are forks of a process that has imported the package, so that
            all the time before a kill is spent on the command.
    """

    here: Path
    index: Path
    environment: Mapping[str, str]
    forked: bool = True

    def start(self, args: Sequence[str], *, delay_s: float = 0.0) -> Started:
        """Start a command; each passage takes ``delay_s`` longer to encode."""
        settings = {**self.environment, "RETRIEVE_TESTING_DELAY_S": str(delay_s)}
        environment = environment_of_child(**settings)
        out = tempfile.TemporaryFile()  # noqa: SIM115 -- closed when it has ended
        err = tempfile.TemporaryFile()  # noqa: SIM115
        if not self.forked:
            words = [sys.executable, "-m", MODULE, *args]
            child: Child = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.here,
                env=environment,
            )
            return Started(child, out, err)
        with Path(os.devnull).open("rb") as nothing:
            streams = nothing.fileno(), out.fileno(), err.fileno()
            child = server_of(COMMAND_LINE).start(
                MODULE, args, folder=self.here, environment=environment, streams=streams
            )
        return Started(child, out, err)

    def run(self, args: Sequence[str], *, delay_s: float = 0.0) -> Ended:
        """Run a command undisturbed."""
        return self.start(args, delay_s=delay_s).ended()

    def wait(self, child: Child, moment: Moment, known: set[str]) -> None:
        """Return when a moment has come, or the process has ended without it."""
        deadline = time.monotonic() + PATIENCE_S
        while child.poll() is None and not self._has_come(child, moment, known):
            assert time.monotonic() < deadline, f"{child.args!r} never came to: {moment}"
            time.sleep(0.0005)

    def _has_come(self, child: Child, moment: Moment, known: set[str]) -> bool:
        if moment is Moment.START:
            return True
        if moment is Moment.NEW_FILE:
            return any(_is_work(name) for name in self.names() - known)
        with contextlib.suppress(FileNotFoundError):
            return f"process {child.pid}," in (self.index / layout.LOCK_NAME).read_text()
        return False

    def names(self) -> set[str]:
        """Return the names in the index folder; none if there is no folder."""
        try:
            return set(os.listdir(self.index))
        except FileNotFoundError:
            return set()

    def stop(
        self,
        args: Sequence[str],
        moment: Moment,
        after_s: float,
        number: int = signal.SIGKILL,
        *,
        delay_s: float = 0.0,
    ) -> Ended:
        """Run a command and send it a signal so long after a moment, if it still runs."""
        known = self.names()
        started = self.start(args, delay_s=delay_s)
        self.wait(started.child, moment, known)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.child.wait(after_s)
        started.child.send_signal(number)
        return started.ended()

    def length_s(self, args: Sequence[str], *, delay_s: float) -> dict[Moment, float]:
        """Run a command undisturbed and return its length, counted from each moment.

        Raises:
            AssertionError: It failed.
        """
        known = self.names()
        started = self.start(args, delay_s=delay_s)
        since = {}
        for moment in Moment:
            self.wait(started.child, moment, known)
            since[moment] = time.monotonic()
        found = started.ended()
        assert found.code == 0, found.err
        end = time.monotonic()
        return {moment: end - at for moment, at in since.items()}

    def held(self) -> Held | None:
        """Check everything in the index and return what it holds; None for no index."""
        try:
            snapshot = Snapshot.open(self.index)
        except IndexNotFoundError:
            return None
        found = verify(self.index, sample=0)
        assert (found.problems, found.notes) == ((), ()), found
        stored = list(snapshot.scan())
        if snapshot.manifest.model.name == HashingEncoder().identity.name:
            check_vectors(snapshot, stored[:: 1 + len(stored) // CHECKED_VECTORS])
        return {one.document.doc_id: one.document for one in stored}

    def spilled_passages(self) -> int:
        """Return the passages in spills that have a whole receipt."""
        if not self.index.is_dir():
            return 0
        count = 0
        for spill in list_spills(LocalFiles(), self.index):
            with contextlib.suppress(FileNotFoundError, DamagedIndexError):
                receipt = unseal((spill / layout.RECEIPT_NAME).read_bytes(), str(spill))
                count += receipt["segment"]["passages"]
        return count

    def age(self) -> None:
        """Make every file an hour old, so that a commit collects what nothing needs."""
        then = time.time() - 3600.0
        for name in self.names():
            os.utime(self.index / name, (then, then))


def _is_work(name: str) -> bool:
    return layout.is_part(name) or layout.is_spill(name) or layout.is_temporary(name)


def check_vectors(snapshot: Snapshot, stored: Sequence[EncodedDocument]) -> None:
    """Check that documents have the vectors of their texts, and are found by them."""
    encoder = HashingEncoder()
    cuts = PassageCutter(encoder, PassageOptions()).cut_many([one.document for one in stored])
    for one, cut in zip(stored, cuts, strict=True):
        assert one.spans == tuple(cut.spans)
        assert one.vectors.tobytes() == encoder.encode_passages(cut.texts).tobytes()
    asked = stored[:: 1 + len(stored) // 5]
    for one in asked:
        (ranking,) = snapshot.search_vectors(one.vectors[:1], 1)
        assert ranking.scores[0] > 1.0 - 1e-6


def count_passages(documents: Iterable[Document]) -> int:
    """Return into how many passages the testing encoder's window cuts documents."""
    cutter = PassageCutter(HashingEncoder(), PassageOptions())
    return sum(len(cut.spans) for cut in cutter.cut_many(list(documents)))


def moment_of(
    chance: random.Random, lengths: Mapping[Moment, float], *, early: float
) -> tuple[Moment, float]:
    """Draw when to kill: over the whole length of a run, its writing more often.

    Args:
        chance: What is drawn from.
        lengths: Length of an undisturbed run, from each moment, in seconds.
        early: Share of kills counted from the start of the process, in [0, 1].

    Returns:
        A moment, and how many seconds after it.
    """
    kinds = [Moment.START, Moment.LOCK, Moment.NEW_FILE]
    (moment,) = chance.choices(kinds, [early, (1 - early) / 2, (1 - early) / 2])
    return moment, chance.uniform(0.0, 1.1 * lengths[moment])
