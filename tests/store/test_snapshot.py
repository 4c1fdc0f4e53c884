from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import IndexNotFoundError, UsageError
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores
from tests.store.documents import DIM, FakeEncode, numbered, store_at, vector


def ranked(store: LocalStore, k: int, seed: str = "query") -> list[tuple[str, float]]:
    (ranking,) = store.search_vectors(vector(seed), k)
    ids = [one.document.doc_id for one in store.fetch(ranking)]
    return list(zip(ids, ranking.scores.tolist(), strict=True))


def brute_force(store: LocalStore, seed: str = "query") -> list[tuple[str, float]]:
    best = {
        one.document.doc_id: float(exact_scores(one.vectors, vector(seed)[0]).max())
        for one in store.scan()
    }
    return sorted(best.items(), key=lambda pair: (-pair[1], pair[0].encode()))


def test_one_segment_and_many_give_the_same_bits(tmp_path: Path) -> None:
    documents = numbered(0, 60)
    whole = store_at(tmp_path / "whole")
    whole.upsert(documents, FakeEncode())
    parts = store_at(tmp_path / "parts")
    for start in range(0, 60, 9):
        parts.upsert(documents[start : start + 9], FakeEncode())
    assert len(parts.describe().segments) == 7
    for k in (1, 3, 60, 100):
        assert ranked(whole, k) == ranked(parts, k) == brute_force(whole)[:k]


def test_equal_scores_are_ordered_by_id_across_segments(tmp_path: Path) -> None:
    from dataclasses import replace

    twins = [replace(numbered(0, 1)[0], doc_id=name) for name in ("b", "d", "a", "c")]
    store = store_at(tmp_path / "i")
    store.upsert(twins[:2], FakeEncode())
    store.upsert(twins[2:], FakeEncode())
    assert [doc_id for doc_id, _ in ranked(store, 4)] == ["a", "b", "c", "d"]
    assert [doc_id for doc_id, _ in ranked(store, 2)] == ["a", "b"]


def test_deleted_documents_make_room_for_others(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(numbered(0, 20), FakeEncode())
    best = [doc_id for doc_id, _ in ranked(store, 5)]
    store.delete(best[:2])
    assert [doc_id for doc_id, _ in ranked(store, 3)] == best[2:5]


def test_a_query_alone_and_in_a_batch_give_the_same_bits(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(numbered(0, 50), FakeEncode())
    queries = np.concatenate([vector(str(number)) for number in range(30)])
    together = store.search_vectors(queries, 7)
    for query, ranking in zip(queries, together, strict=True):
        (alone,) = store.search_vectors(query[np.newaxis], 7)
        assert (alone.scores == ranking.scores).all()
        assert (alone.ordinals == ranking.ordinals).all()


@pytest.mark.parametrize("shape", [(DIM,), (1, DIM + 1)])
def test_queries_of_another_shape_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    store = store_at(tmp_path / "i")
    store.upsert(numbered(0, 2), FakeEncode())
    with pytest.raises(UsageError, match="shape"):
        store.search_vectors(np.ones(shape, dtype=np.float32), 3)
    with pytest.raises(UsageError, match="k is 0"):
        store.search_vectors(vector("q"), 0)


def test_no_index_is_said_with_the_command_that_builds_one(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="retrieve index"):
        Snapshot.open(tmp_path / "nowhere")
