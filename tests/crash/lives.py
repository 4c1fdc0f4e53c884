"""The life of an index as commands, each with what it leaves behind; and its inspection."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from retrieval.errors import DamagedIndexError, IndexNotFoundError, RetrievalError
from retrieval.fsops import Files
from retrieval.index.plan import AnnPlan, PlanChoice
from retrieval.records import Document
from retrieval.store.building import Building
from retrieval.store.layout import PartKind
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot
from retrieval.store.recall_queries import read_recall_queries
from retrieval.store.recover import recover_generation
from retrieval.store.verify import check_store
from retrieval.testing.power import MemoryFiles
from retrieval.testing.power_cut import CrashStates, CutOptions
from tests.store.concept_contents import concept_content, direction
from tests.store.documents import FakeEncode, numbered, passages_of, settings, vector

FOLDER = Path("/home/indexes/notes")
Held = dict[str, Document | int]
"""Documents by id, and versions of concepts by ``concept NAME``."""


CUT_AFTER = frozenset(4**power for power in range(10))
"""Of writes that follow one another: after which the power is cut."""


class StopReadingError(Exception):
    """An input that ends in the middle, as when a person presses Ctrl-C."""


@dataclass(frozen=True)
class Command:
    """One command of a life.

    Attributes:
        run: Runs it on a file system.
        after: What the index holds once it is acknowledged, given what it held before.
        wait_s: How much later than the one before it runs.
        commits: Whether it acknowledges anything.
    """

    run: Callable[[Files, Callable[[], float], Callable[[], str]], None]
    after: Callable[[Held], Held]
    wait_s: float = 1.0
    commits: bool = True


FLOOR_PASSAGES = 6
"""Passages from which on a segment has an approximate index where a life wants some."""


RECALL_QUERIES = np.concatenate([vector(f"query {number}") for number in range(3)])
"""Real queries that recall is measured with where a life wants approximate indexes."""


def building() -> Building:
    """Return how approximate indexes are built for segments of a few passages."""

    def planned(rows: int, dim: int, memory_bytes: int | None) -> PlanChoice:
        plan = AnnPlan(links=4) if rows >= FLOOR_PASSAGES else None
        return PlanChoice(plan=plan, build_bytes=0, search_bytes=0, reason="")

    return Building(
        planner=planned,
        floor_passages=FLOOR_PASSAGES,
        queries=RECALL_QUERIES,
        timer=lambda: 0.0,
    )


def upsert(
    documents: Sequence[Document],
    *,
    sync: bool = False,
    wait_s: float = 1.0,
    approximate: bool = False,
) -> Command:
    """Add documents; a spill every three passages."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        store = LocalStore(
            FOLDER,
            settings(3),
            files=files,
            clock=clock,
            names=names,
            building=building if approximate else None,
        )
        store.upsert(documents, FakeEncode(), sync=sync)

    def after(held: Held) -> Held:
        given: Held = {one.doc_id: one for one in documents}
        concepts = {name: one for name, one in held.items() if name.startswith("concept ")}
        return {**concepts, **given} if sync else {**held, **given}

    return Command(run, after, wait_s)


def interrupted(documents: Sequence[Document]) -> Command:
    """Add documents and stop after the first spills; nothing is acknowledged."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        store = LocalStore(FOLDER, settings(2), files=files, clock=clock, names=names)

        def stopping() -> Iterator[Document]:
            yield from documents
            raise StopReadingError

        with contextlib.suppress(StopReadingError):
            store.upsert(stopping(), FakeEncode())

    return Command(run, lambda held: held, commits=False)


def delete(*ids: str, wait_s: float = 1.0, approximate: bool = False) -> Command:
    """Delete documents."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        own = building if approximate else None
        LocalStore(FOLDER, files=files, clock=clock, names=names, building=own).delete(ids)

    return Command(run, lambda held: {k: v for k, v in held.items() if k not in ids}, wait_s)


def learn(name: str, wait_s: float = 1.0) -> Command:
    """Keep a concept, as the next version of its name."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        store = LocalStore(FOLDER, files=files, clock=clock, names=names)
        store.put_concept(concept_content(name))

    def after(held: Held) -> Held:
        version = held.get(f"concept {name}", 0)
        assert isinstance(version, int)
        return {**held, f"concept {name}": version + 1}

    return Command(run, after, wait_s)


def forget(name: str) -> Command:
    """Delete a concept."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        LocalStore(FOLDER, files=files, clock=clock, names=names).delete_concept(name)

    return Command(run, lambda held: {k: v for k, v in held.items() if k != f"concept {name}"})


def recover(generation: int, held_then: Held) -> Command:
    """Go back to an earlier generation."""

    def run(files: Files, clock: Callable[[], float], names: Callable[[], str]) -> None:
        recover_generation(FOLDER, generation, files=files, clock=clock, names=names)

    return Command(run, lambda _: held_then)


LIVES: dict[str, list[Command]] = {
    "first build": [upsert(numbered(0, 5))],
    "interrupted build, resumed": [interrupted(numbered(0, 6)), upsert(numbered(0, 8))],
    "changes": [
        upsert(numbered(0, 4)),
        upsert([*numbered(1, 3, "b"), *numbered(4, 6)]),
        delete("d0", "d5"),
        upsert(numbered(0, 6, "c")),
    ],
    "interrupted change, then other work": [
        upsert(numbered(0, 3)),
        interrupted(numbered(2, 7, "b")),
        delete("d1"),
        upsert(numbered(2, 7, "b")),
    ],
    "sync": [upsert(numbered(0, 5)), upsert(numbered(3, 7), sync=True)],
    "compaction": [
        *(upsert(numbered(at, at + 1)) for at in range(7)),
        upsert(numbered(7, 9)),
        delete("d0", "d1", "d2", "d3", "d4"),
    ],
    "garbage": [
        upsert(numbered(0, 3)),
        upsert(numbered(0, 3, "b")),
        upsert(numbered(0, 3, "c"), wait_s=700.0),
        delete("d2", wait_s=700.0),
        upsert(numbered(3, 5), wait_s=700.0),
    ],
    "everything deleted": [upsert(numbered(0, 2)), delete("d0", "d1"), upsert(numbered(0, 1))],
    "recovery": [
        upsert(numbered(0, 3)),
        upsert(numbered(3, 5)),
        recover(1, {one.doc_id: one for one in numbered(0, 3)}),
        upsert(numbered(4, 6)),
    ],
    "approximate indexes": [
        upsert(numbered(0, 4), approximate=True),
        delete("d0", approximate=True),
        upsert([*numbered(1, 2, "b"), *numbered(4, 7)], approximate=True, wait_s=700.0),
    ],
    "concepts": [
        upsert(numbered(0, 3)),
        learn("good"),
        upsert(numbered(1, 4, "b"), wait_s=700.0),
        learn("good"),
        learn("bad", wait_s=700.0),
        delete("d0"),
        forget("bad"),
        learn("bad", wait_s=700.0),
    ],
}


@dataclass
class Inspection:
    """Lives through commands, cutting the power after every operation of each.

    Attributes:
        commands: The life.
        options: How widely states are enumerated.
        wrap: Puts a faulty file system between store and disk; None for the honest one.
        every_write: Cut after each of the writes that follow one another; else after the
            first, fourth, sixteenth ... of them, and when a file's last one was made. What an
            unsynced file may hold after the last has every kind that it has after another.
        finish_every: In one of so many states the interrupted command is run again.
        states: Disks inspected.
        violations: What was found wrong, one sentence each.
    """

    commands: Sequence[Command]
    options: CutOptions = field(default_factory=CutOptions)
    wrap: Callable[[MemoryFiles], Files] | None = None
    every_write: bool = False
    finish_every: int = 17
    seed: int = 0
    stop_at_first: bool = False
    states: int = 0
    violations: list[str] = field(default_factory=list)
    _writes: int = field(default=0, init=False)

    def run(self) -> None:
        """Live the whole life."""
        now = [1_000_000.0]
        numbers = itertools.count(1)
        crashes = CrashStates(self.options, random.Random(self.seed))
        files = MemoryFiles(clock=lambda: now[0])
        files.make_folder(FOLDER.parent)
        for folder in (Path("/"), Path("/home"), FOLDER.parent):
            files.sync_folder(folder)
        held: Held | None = None
        for command in self.commands:
            now[0] += command.wait_s
            target = command.after(held or {}) if command.commits else held
            allowed = [held, target]

            def after(
                operation: str,
                command: Command = command,
                allowed: Sequence[Held | None] = allowed,
            ) -> None:
                if self.stop_at_first and self.violations:
                    return
                if self._is_passed_over(operation):
                    return
                for disk in crashes.after(files):
                    self._inspect(disk, allowed, command, operation)

            files.after = after
            outer = files if self.wrap is None else self.wrap(files)
            command.run(outer, lambda: now[0], lambda: f"{next(numbers):032x}")
            held = target
            allowed[:] = [held]
            after("acknowledged")
            files.after = lambda _: None

    def _is_passed_over(self, operation: str) -> bool:
        self._writes = self._writes + 1 if operation == "write" else 0
        in_between = self._writes > 0 and self._writes not in CUT_AFTER
        return in_between and not self.every_write

    def _inspect(
        self, disk: MemoryFiles, allowed: Sequence[Held | None], command: Command, operation: str
    ) -> None:
        self.states += 1
        try:
            found = inspect(disk)
            if found not in allowed:
                raise AssertionError(f"it holds {found and sorted(found)}")
            if self.states % self.finish_every == 0:
                self._finish(disk, found, command)
        except (RetrievalError, AssertionError, OSError, ValueError, KeyError) as error:
            self.violations.append(f"after {operation}: {type(error).__name__}: {error}")

    def _finish(self, disk: MemoryFiles, found: Held | None, command: Command) -> None:
        """Run the interrupted command again, on a disk that works."""
        numbers = itertools.count(1)
        with contextlib.suppress(IndexNotFoundError):
            if command.commits:
                try:
                    command.run(disk, disk.clock, lambda: f"f{next(numbers):031x}")
                except RetrievalError as error:
                    if "nothing to recover" in str(error):
                        return
                    raise
                wanted = command.after(found or {})
                if inspect(disk) != wanted:
                    raise AssertionError(f"run again, it does not hold {sorted(wanted)}")


def inspect(disk: MemoryFiles) -> Held | None:
    """Open an index, check everything in it, and return what it holds; None for no index."""
    try:
        snapshot = Snapshot.open(FOLDER, disk)
    except IndexNotFoundError:
        return None
    held: Held = {}
    for one in snapshot.scan():
        held[one.document.doc_id] = one.document
        if one.vectors.tobytes() != passages_of(one.document).vectors.tobytes():
            raise DamagedIndexError(f"{one.document.doc_id} has vectors of another text")
    store = LocalStore(FOLDER, files=disk)
    for segment in snapshot.segments:
        if PartKind.ANN in segment.segment.parts:
            _ = segment.approximate  # what a manifest names is whole
    queries = snapshot.manifest.recall_queries
    if queries is not None:
        kept = read_recall_queries(disk, FOLDER, queries, snapshot.manifest.model.dim)
        if kept.tobytes() != RECALL_QUERIES.tobytes():
            raise DamagedIndexError("the queries that recall is measured with are others")
    for entry in snapshot.manifest.concepts:
        content = store.read_concept(entry.name)
        if content is None or content.arrays["direction"].tolist() != direction(entry.name):
            raise DamagedIndexError(f"the concept {entry.name!r} is another one")
        held[f"concept {entry.name}"] = entry.version
    problems = check_store(FOLDER, disk).problems
    if problems:
        raise DamagedIndexError("; ".join(problems))
    return held
