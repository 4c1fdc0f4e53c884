from __future__ import annotations

import threading

import numpy as np
import pytest

from retrieval.index import parts
from retrieval.index.candidates import AllowedRows, nearest, rough_scores
from retrieval.index.exact import ExactIndex
from retrieval.index.library import faiss_library, faiss_threads
from retrieval.vectors import FloatRows, unit_rows

DIM = 16


def rows_of(count: int, seed: int = 0) -> FloatRows:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32))


@pytest.fixture
def three_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let few rows be worth a core each, and three cores be there."""
    monkeypatch.setattr(parts, "most_threads", lambda: 3)
    monkeypatch.setattr(parts, "LEAST_BYTES", 64 * DIM * 4)


def test_few_rows_are_one_part_of_the_thread_that_asks() -> None:
    found = parts.by_parts(rows_of(100), lambda *part: (*part, threading.get_ident()))
    assert found == [(0, 100, threading.get_ident())]


@pytest.mark.usefixtures("three_cores")
@pytest.mark.parametrize(("count", "expected"), [(0, 1), (100, 1), (130, 2), (1000, 3), (193, 2)])
def test_parts_hold_every_row_once_in_order(count: int, expected: int) -> None:
    found = parts.by_parts(rows_of(count), lambda start, end: (start, end))
    assert len(found) == expected
    assert [row for start, end in found for row in range(start, end)] == [*range(count)]
    assert all(start % 8 == 0 for start, _ in found)


@pytest.mark.usefixtures("three_cores")
@pytest.mark.parametrize("share", [None, 0.001, 0.02, 0.1, 0.6])
@pytest.mark.parametrize("count", [1000, 3001])
def test_a_query_finds_the_same_by_parts(count: int, share: float | None) -> None:
    rows, (query,) = rows_of(count), rows_of(1, seed=1)
    flags = np.ones(count, dtype=bool)
    if share is not None:
        flags = np.random.default_rng(2).random(count) < share
        flags[count - 3 :] = True
    wanted = min(10, int(flags.sum()))
    products = np.where(flags, rows @ query, -np.inf)
    best = np.argsort(-products, kind="stable")[:wanted]
    allowed = None if share is None else AllowedRows(flags)
    scores, found = nearest(rows, query[np.newaxis], wanted, allowed)
    assert found[0].tolist() == best.tolist()
    assert scores[0] == pytest.approx(products[best], abs=1e-6)
    hits = ExactIndex(rows).search(query[np.newaxis], wanted, allowed=flags)
    assert hits[0].rows.tolist() == best.tolist()


def test_no_more_threads_search_than_openmp_is_told_to_use() -> None:
    with faiss_threads(faiss_library(), 1):
        assert parts.most_threads() == 1


@pytest.mark.usefixtures("three_cores")
def test_every_row_is_scored_by_parts() -> None:
    rows, (query,) = rows_of(1000), rows_of(1, seed=1)
    assert rough_scores(rows, query) == pytest.approx(rows @ query, abs=1e-6)


@pytest.mark.usefixtures("three_cores")
def test_what_fails_in_a_part_is_raised() -> None:
    def fail(start: int, end: int) -> None:
        raise ValueError(f"{start} to {end}")

    with pytest.raises(ValueError, match="0 to"):
        parts.by_parts(rows_of(1000), fail)
