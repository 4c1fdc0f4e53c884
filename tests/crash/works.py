"""What is killed: commands one after another, and what the index holds before and after each."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import retrieval
from retrieval.records import Document
from retrieval.testing.encoders import HASHING_NAME
from tests.crash.killing import Held, Process, count_passages

CORPUS = "corpus.jsonl"
INDEX_ARGS = ("index", CORPUS, "--index", "notes", "--json", "--quiet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One command.

    Attributes:
        args: Its words.
        before: What the index holds before it; None if there is none.
        after: What it holds once the command is acknowledged.
        passages: What it has to encode, of what ``before`` does not have.
        deletes: Ids it deletes; empty when it indexes.
    """

    args: Sequence[str]
    before: Held | None
    after: Held
    passages: int = 0
    deletes: Sequence[str] = ()

    def check_again(self, report: dict[str, Any], *, committed: bool, spilled: int) -> None:
        """Check the report of the same command run again, undisturbed.

        Args:
            report: What it said.
            committed: Whether the killed run had committed.
            spilled: Passages it had left with a receipt.
        """
        told = f"{report}, of {self.passages} passages {spilled} spilled, {committed=}"
        if self.deletes:
            gone = len(self.deletes)
            assert report["deleted"] == (0 if committed else gone), told
            assert len(report["missing"]) == (gone if committed else 0), told
            return
        assert report["read"] == report["added"] + report["replaced"] + report["unchanged"], told
        assert report["documents"] == len(self.after), told
        assert report["committed"] is not committed, told
        if committed:
            assert report["encoded_passages"] == report["resumed_passages"] == 0, told
            assert report["unchanged"] == report["read"], told
            return
        assert report["resumed_passages"] == spilled, told
        assert report["encoded_passages"] + report["resumed_passages"] == self.passages, told


Life = Callable[[Process, random.Random], Iterator[Work]]
"""Prepares one command after another; each is done when the next is asked for."""


def numbered(numbers: Iterable[int], version: str) -> list[Document]:
    """Return documents ``d<number>``, every fifth long enough for several passages."""
    return [
        Document(
            f"d{number:05d}",
            f"Text {number} of version {version}."
            + (f" It goes on about {number} and {version}." * 15 if number % 5 == 0 else ""),
            metadata={"version": version, "n": number},
        )
        for number in numbers
    ]


def write_corpus(path: Path, documents: Iterable[Document]) -> None:
    """Write documents as JSON Lines."""
    rows = [{"id": one.doc_id, "text": one.text, **one.metadata} for one in documents]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def held_by(documents: Iterable[Document]) -> Held:
    """Return documents by id."""
    return {one.doc_id: one for one in documents}


def indexing(
    process: Process, before: Held | None, documents: Sequence[Document], *options: str
) -> Work:
    """Write a corpus and return the command that indexes it."""
    write_corpus(process.here / CORPUS, documents)
    given = held_by(documents)
    known = before or {}
    return Work(
        args=(*INDEX_ARGS, *options),
        before=before,
        after=given if "--sync" in options else {**known, **given},
        passages=count_passages(
            one for one in documents if known.get(one.doc_id) != one or before is None
        ),
    )


def build_here(process: Process, documents: Sequence[Document]) -> None:
    """Index documents in this process: nothing is killed."""
    write_corpus(process.here / CORPUS, documents)
    corpus = process.here / CORPUS
    with retrieval.build(corpus, index=str(process.index), model=HASHING_NAME):
        pass


def first_builds(process: Process, chance: random.Random) -> Iterator[Work]:
    """Build an index where there is none."""
    while True:
        shutil.rmtree(process.index, ignore_errors=True)
        yield indexing(process, None, numbered(range(60), f"{chance.random()}"))


def updates(process: Process, chance: random.Random) -> Iterator[Work]:
    """Change documents and add some, generation after generation."""
    held = held_by(numbered(range(80), "first"))
    build_here(process, list(held.values()))
    while True:
        changed = numbered(chance.sample(range(120), 25), f"{chance.random()}")
        same = [one for one in list(held.values())[::3] if one.doc_id not in held_by(changed)]
        work = indexing(process, held, [*changed, *same])
        yield work
        held = work.after


def syncs(process: Process, chance: random.Random) -> Iterator[Work]:
    """Bring an index up to date with a corpus that loses, gains and changes documents."""
    held = held_by(numbered(range(80), "first"))
    build_here(process, list(held.values()))
    first = 0
    while True:
        first += chance.randrange(1, 8)
        wanted = held_by(numbered(range(first, first + 80), f"{chance.random()}"))
        kept = chance.sample(sorted(wanted), 55)
        given = {**wanted, **{name: held[name] for name in kept if name in held}}
        work = indexing(process, held, list(given.values()), "--sync")
        yield work
        held = work.after


def deletions(process: Process, chance: random.Random) -> Iterator[Work]:
    """Delete documents by id; the index is filled up again where nothing is killed."""
    held: Held = {}
    while True:
        if len(held) < 30:
            fresh = numbered(range(90), f"{chance.random()}")
            build_here(process, fresh)
            held = held_by(fresh)
        gone = sorted(chance.sample(sorted(held), 8))
        after = {name: one for name, one in held.items() if name not in gone}
        args = ("delete", *gone, "--index", "notes", "--json")
        yield Work(args=args, before=held, after=after, deletes=gone)
        held = after


def compactions(process: Process, chance: random.Random) -> Iterator[Work]:
    """Add the segment that makes eight of one tier, so that all are merged into one."""
    held: Held = {}
    for number in range(7):
        documents = numbered(range(12 * number, 12 * number + 20), f"{number}")
        build_here(process, documents)
        held |= held_by(documents)
    seven = process.here / "seven"
    shutil.copytree(process.index, seven)
    while True:
        shutil.rmtree(process.index)
        shutil.copytree(seven, process.index)
        numbers = chance.sample(range(120), 25)
        yield indexing(process, held, numbered(numbers, f"{chance.random()}"))


def spilling(process: Process, chance: random.Random) -> Iterator[Work]:
    """Index more than is held in memory: finished parts are spilled, and merged at the end."""
    held: Held | None = None
    while True:
        version = f"{chance.randrange(10**9)}"
        documents = [Document(f"d{number:05d}", f"{number} {version}") for number in range(4400)]
        if held is not None:  # some of them are in the index already
            documents[:300] = [held[f"d{number:05d}"] for number in range(300)]
        work = indexing(process, held, documents)
        yield work
        held = work.after


def real_updates(process: Process, chance: random.Random) -> Iterator[Work]:
    """Build an index with whatever model the environment says, then change half of it."""
    held: Held | None = None
    while True:
        version = f"{chance.randrange(10**6)}"
        numbers = range(100) if held is None else chance.sample(range(100), 50)
        texts = [f"Film {number} leaves me cold, says critic {version}." for number in numbers]
        changed = {
            f"d{number:05d}": Document(f"d{number:05d}", text)
            for number, text in zip(numbers, texts, strict=True)
        }
        work = indexing(process, held, list({**(held or {}), **changed}.values()))
        yield work
        held = work.after
