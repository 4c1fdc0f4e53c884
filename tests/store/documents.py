"""Small documents with vectors made from their text, and a store to put them in."""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from retrieval.fsops import Files
from retrieval.records import Document, ModelIdentity, Numerics, PassageOptions, Span
from retrieval.store.layout import Names
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.session import WriterSettings
from retrieval.vectors import FloatRows, unit_rows

DIM = 8


def identity(weights: str = "w") -> ModelIdentity:
    return ModelIdentity(
        name="fake",
        weights_sha256=weights,
        tokenizer_sha256="t",
        pooling="mean",
        normalized=True,
        query_prompt="",
        passage_prompt="",
        dim=DIM,
        max_tokens=64,
    )


def settings(spill_passages: int = 4096, weights: str = "w") -> WriterSettings:
    return WriterSettings(
        model=identity(weights),
        passages=PassageOptions(),
        numerics=Numerics(precision="fp32", runtime="fake 1"),
        spill_passages=spill_passages,
    )


def vector(text: str) -> FloatRows:
    """Return a unit vector that depends on the text alone: float32 (1, DIM)."""
    seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
    return unit_rows(np.random.default_rng(seed).standard_normal((1, DIM)))


class FakeEncode:
    """One passage a sentence (split at ". "), a batch at a time; counts what it encodes."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.encoded: list[str] = []
        self._stop_after = stop_after
        self._turn = threading.Lock()

    def __call__(self, documents: Sequence[Document]) -> list[Passages]:
        with self._turn:
            return self._encode(documents)

    def _encode(self, documents: Sequence[Document]) -> list[Passages]:
        found = []
        for document in documents:
            if self._stop_after is not None and len(self.encoded) >= self._stop_after:
                raise KeyboardInterrupt
            self.encoded.append(document.doc_id)
            found.append(passages_of(document))
        return found


def passages_of(document: Document) -> Passages:
    if document.is_empty:
        return Passages((Span(0, 0),), np.zeros((1, DIM), dtype=np.float32), 0)
    spans, start = [], 0
    for sentence in document.text.split(". "):
        spans.append(Span(start, start + len(sentence)))
        start += len(sentence) + 2
    rows = np.concatenate([vector(document.text[one.start : one.end]) for one in spans])
    return Passages(tuple(spans), rows, 0)


def numbered(first: int, last: int, version: str = "a") -> list[Document]:
    """Documents ``d<number>`` with one to three passages."""
    return [
        Document(
            f"d{number}",
            ". ".join(f"text {number} {version} {part}" for part in range(1 + number % 3)),
            metadata={"n": number},
        )
        for number in range(first, last)
    ]


def counted_names() -> Names:
    """Return a source of names that counts."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):032x}"


def store_at(
    folder: Path, *, spill_passages: int = 4096, files: Files | None = None, weights: str = "w"
) -> LocalStore:
    return LocalStore(folder, settings(spill_passages, weights), files=files)


def held(store: LocalStore) -> dict[str, Document]:
    """Return every live document of a store by id."""
    return {one.document.doc_id: one.document for one in store.scan()}


def assert_holds(store: LocalStore, documents: Iterable[Document]) -> None:
    """Check that a store has exactly these documents, found by their own vectors, and is sound."""
    wanted = {document.doc_id: document for document in documents}
    assert held(store) == wanted
    stored = list(store.scan())
    for one in stored:
        assert (one.vectors == passages_of(one.document).vectors).all()
    asked = [one for one in stored[:: max(1, len(stored) // 20)] if not one.document.is_empty]
    if asked:
        queries = np.concatenate([one.vectors[:1] for one in asked])
        for one, ranking in zip(asked, store.search_vectors(queries, 1), strict=True):
            assert store.fetch(ranking)[0].document.doc_id == one.document.doc_id
    assert store.verify().problems == ()
