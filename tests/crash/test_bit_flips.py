"""One flipped bit anywhere is refused at open or reported; never a crash, never a wrong answer."""

from __future__ import annotations

import copy
import random

import numpy as np

from retrieval.errors import RetrievalError
from retrieval.store import layout
from retrieval.store.local import LocalStore
from retrieval.store.manifest import list_generations, read_manifest
from retrieval.store.verify import check_store
from retrieval.testing.power import MemoryFile, MemoryFiles, MemoryFolder
from tests.crash.lives import FOLDER
from tests.store.documents import FakeEncode, numbered, settings, vector

TRIES = 2_000


def built() -> MemoryFiles:
    files = MemoryFiles(clock=lambda: 1000.0)
    store = LocalStore(FOLDER, settings(), files=files)
    store.upsert(numbered(0, 12), FakeEncode())
    store.upsert(numbered(8, 20, "b"), FakeEncode())
    store.delete(["d3"])
    return files


def named_files(files: MemoryFiles) -> list[str]:
    generations = list_generations(files, FOLDER)
    manifests = [layout.manifest_name(one) for one in generations[-2:]]
    parts = {name for one in generations[-2:] for name in read_manifest(files, FOLDER, one).files}
    return [layout.FORMAT_NAME, *manifests, *sorted(parts)]


def answers(files: MemoryFiles) -> list[tuple[str, str, float]]:
    store = LocalStore(FOLDER, files=files)
    queries = np.concatenate([vector(text) for text in ("q", "text 9 b 0")])
    return [
        (one.document.doc_id, one.document.text[one.span.start : one.span.end], score)
        for ranking in store.search_vectors(queries, 30)
        for one, score in zip(store.fetch(ranking), ranking.scores.tolist(), strict=True)
    ]


def test_a_flipped_bit_is_refused_or_reported() -> None:
    honest = built()
    wanted = answers(honest)
    names = named_files(honest)
    chance = random.Random(0)
    refused = reported = 0
    for _ in range(TRIES):
        disk = MemoryFiles(copy.deepcopy(honest.root), clock=honest.clock)
        name = chance.choice(names)
        flip(disk, name, chance)
        message = refusal(disk)
        if message is not None:
            assert name in message or FOLDER.name in message
            refused += 1
        else:
            problems = check_store(FOLDER, disk).problems
            assert any(name in problem for problem in problems), name
            reported += 1
    assert answers(honest) == wanted
    assert refused + reported == TRIES
    assert refused > 0
    assert reported > 0


def refusal(disk: MemoryFiles) -> str | None:
    """Ask a disk; return why it refuses, None if it answers."""
    try:
        answers(disk)
    except RetrievalError as error:
        return str(error)
    return None


def flip(disk: MemoryFiles, name: str, chance: random.Random) -> None:
    folder = disk.root
    for part in FOLDER.parts[1:]:
        below = folder.entries[part]
        assert isinstance(below, MemoryFolder)
        folder = below
    file = folder.entries[name]
    assert isinstance(file, MemoryFile)
    content = bytearray(file.content)
    at = chance.randrange(len(content))
    content[at] ^= 1 << chance.randrange(8)
    file.content = bytes(content)
