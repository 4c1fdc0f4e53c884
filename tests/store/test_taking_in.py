"""Batches that are read and offered while earlier ones are encoded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.precision_cost import PrecisionCost
from retrieval.store.protocol import Passages
from retrieval.store.taking_in import (
    AHEAD,
    BATCH_CHARACTERS,
    BATCH_DOCUMENTS,
    PIECE_CHARACTERS,
)
from tests.store.documents import FakeEncode, assert_holds, numbered, store_at

THREE_BATCHES = 2 * BATCH_DOCUMENTS + 100


def followed(documents: Sequence[Document], read: list[int]) -> Iterator[Document]:
    """Yield documents and count them."""
    for document in documents:
        read.append(len(read))
        yield document


def test_the_next_batch_is_read_while_one_is_encoded(tmp_path: Path) -> None:
    second = threading.Event()

    def documents() -> Iterator[Document]:
        for number, document in enumerate(numbered(0, THREE_BATCHES)):
            if number == BATCH_DOCUMENTS + 1:
                second.set()
            yield document

    class Waiting(FakeEncode):
        def __call__(self, documents: Sequence[Document]) -> list[Passages]:
            assert second.wait(60)
            return super().__call__(documents)

    store_at(tmp_path / "i").upsert(documents(), Waiting())
    assert_holds(LocalStore(tmp_path / "i"), numbered(0, THREE_BATCHES))


def test_no_more_is_read_than_is_encoded_soon(tmp_path: Path) -> None:
    read: list[int] = []
    added: list[int] = []

    class Counting(FakeEncode):
        def __call__(self, documents: Sequence[Document]) -> list[Passages]:
            added.append(len(read))
            return super().__call__(documents)

    many = numbered(0, (AHEAD + 4) * BATCH_DOCUMENTS)
    store_at(tmp_path / "i").upsert(followed(many, read), Counting())
    for number, seen in enumerate(added):
        assert seen <= (number + 1 + AHEAD) * BATCH_DOCUMENTS


def test_with_partial_commits_nothing_is_read_ahead(tmp_path: Path) -> None:
    read: list[int] = []
    seen: list[int] = []

    class Counting(FakeEncode):
        def __call__(self, documents: Sequence[Document]) -> list[Passages]:
            seen.append(len(read))
            return super().__call__(documents)

    documents = numbered(0, THREE_BATCHES)
    store_at(tmp_path / "i").upsert(followed(documents, read), Counting(), commit_every=10)
    assert seen == [BATCH_DOCUMENTS, 2 * BATCH_DOCUMENTS, THREE_BATCHES]
    assert_holds(LocalStore(tmp_path / "i"), documents)


def test_what_is_encoded_when_reading_fails_is_kept(tmp_path: Path) -> None:
    documents = numbered(0, THREE_BATCHES)

    def broken() -> Iterator[Document]:
        yield from documents[: 2 * BATCH_DOCUMENTS]
        raise InputError("The file ends in the middle.")

    with pytest.raises(InputError, match="middle"):
        store_at(tmp_path / "i").upsert(broken(), FakeEncode())
    again = FakeEncode()
    store_at(tmp_path / "i").upsert(documents, again)
    assert again.encoded == [one.doc_id for one in documents[2 * BATCH_DOCUMENTS :]]
    assert_holds(LocalStore(tmp_path / "i"), documents)


def test_what_is_encoded_before_an_interruption_is_kept(tmp_path: Path) -> None:
    documents = numbered(0, THREE_BATCHES)

    class Stopping(FakeEncode):
        def __call__(self, given: Sequence[Document]) -> list[Passages]:
            if given[0] == documents[BATCH_DOCUMENTS]:
                raise KeyboardInterrupt
            return super().__call__(given)

    with pytest.raises(KeyboardInterrupt):
        store_at(tmp_path / "i").upsert(documents, Stopping())
    again = FakeEncode()
    store_at(tmp_path / "i").upsert(documents, again)
    kept = {one.doc_id for one in documents} - set(again.encoded)
    assert {one.doc_id for one in documents[:BATCH_DOCUMENTS]} <= kept
    assert documents[BATCH_DOCUMENTS].doc_id not in kept


def test_an_interruption_waits_for_a_piece_and_not_for_a_batch(tmp_path: Path) -> None:
    documents = [replace(one, text="x" * (PIECE_CHARACTERS // 5)) for one in numbered(0, 500)]
    whole = BATCH_CHARACTERS // len(documents[0].text)
    assert whole < len(documents)
    encoding, interrupted = threading.Event(), threading.Event()

    def stopping() -> Iterator[Document]:
        yield from documents
        assert encoding.wait(60)
        interrupted.set()
        raise KeyboardInterrupt

    class Slow(FakeEncode):
        def __call__(self, given: Sequence[Document]) -> list[Passages]:
            assert len(given) == 5
            encoding.set()
            assert interrupted.wait(60)
            time.sleep(0.05)
            return super().__call__(given)

    slow = Slow()
    with pytest.raises(KeyboardInterrupt):
        store_at(tmp_path / "i").upsert(stopping(), slow)
    assert 5 <= len(slow.encoded) < whole // 4
    again = FakeEncode()
    store_at(tmp_path / "i").upsert(documents, again)
    assert set(again.encoded).isdisjoint(slow.encoded)


def test_a_cost_is_kept_until_another_is_measured(tmp_path: Path) -> None:
    cost = PrecisionCost(precision="int8", depth=10, overlap=0.9, low=0.88, high=0.92, passages=500)

    def upsert(last: int, measured: PrecisionCost | None) -> PrecisionCost | None:
        store = store_at(tmp_path / "i")
        store.upsert(numbered(0, last), FakeEncode(), encoded=lambda: measured)
        return LocalStore(tmp_path / "i").describe().cost

    assert upsert(3, None) is None
    assert upsert(4, cost) == cost
    assert upsert(5, None) == cost
    assert upsert(6, replace(cost, low=0.5)) == replace(cost, low=0.5)
    LocalStore(tmp_path / "i").delete(["d1"])
    assert LocalStore(tmp_path / "i").describe().cost == replace(cost, low=0.5)


@pytest.mark.parametrize("wrong", [{"low": 0.95}, {"high": 1.5}, {"overlap": "much"}])
def test_a_cost_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    right = {
        "precision": "int8",
        "depth": 10,
        "overlap": 0.9,
        "low": 0.8,
        "high": 1.0,
        "passages": 99,
    }
    assert PrecisionCost.from_json(right) is not None
    with pytest.raises((TypeError, ValueError)):
        PrecisionCost.from_json({**right, **wrong})
