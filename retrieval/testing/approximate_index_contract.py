"""The suite every approximate index passes: subclass it and give it an index.

    class TestMyIndex(ApproximateIndexContract):
        recall = 0.95

        @classmethod
        def build(cls, rows: FloatRows) -> VectorIndex:
            return MyIndex.build(rows)

Rows may be missing from its answers, no more of them than ``recall`` says; all else is as
in ``vector_index_contract``: exact scores, a total order, k hits where k rows are allowed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.index.protocol import Neighbours, VectorIndex
from retrieval.index.reference import ReferenceIndex
from retrieval.testing.vector_index_contract import same
from retrieval.vectors import Bitmap, FloatRows, exact_scores, unit_rows

ROWS, DIM, QUERIES = 12_000, 96, 40


def clustered_rows(count: int, seed: int, *, dim: int = DIM, centres: int = 200) -> FloatRows:
    """Return float32 (count, dim), unit rows around centres that are the same for every seed."""
    middle = np.random.default_rng(7).standard_normal((centres, dim))
    chance = np.random.default_rng(seed)
    noise = chance.standard_normal((count, dim))
    return unit_rows(middle[chance.integers(0, centres, count)] + noise)


class ApproximateIndexContract(ABC):
    """Few rows missing, exact scores, a total order, k hits, independence of the batch."""

    recall: ClassVar[float]
    """The least mean recall at 10 of unfiltered searches."""
    filtered_recall: ClassVar[float] = 0.9
    """The least mean recall at 10 under a filter, whatever it has to do with direction."""

    @classmethod
    @abstractmethod
    def build(cls, rows: FloatRows) -> VectorIndex:
        """Build the index under test over float32 (n, dim)."""

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls) -> FloatRows:
        """What is searched."""
        rows = clustered_rows(ROWS, seed=0)
        rows[5000:5040] = rows[100]  # equal ones, in several places
        rows[::500] = rows[100]
        return rows

    @pytest.fixture(scope="class")
    @classmethod
    def queries(cls) -> FloatRows:
        """What is asked."""
        return clustered_rows(QUERIES, seed=1)

    @pytest.fixture(scope="class")
    @classmethod
    def index(cls, rows: FloatRows) -> VectorIndex:
        """The index under test, built once."""
        return cls.build(rows)

    def found_share(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows, allowed: Bitmap | None
    ) -> float:
        """Return the mean recall at 10 of a search that is otherwise checked in full."""
        found = index.search(queries, 10, allowed=allowed)
        wanted = ReferenceIndex.build(rows).search(queries, 10, allowed=allowed)
        assert len(found) == len(queries)
        shares = []
        for query, own, best in zip(queries, found, wanted, strict=True):
            assert len(own.rows) == len(best.rows)
            self.check_hits(rows, query, own, allowed)
            if len(best.rows):
                shares.append((own.scores >= best.scores[-1]).mean())
        return float(np.mean(shares)) if shares else 1.0

    def check_hits(
        self, rows: FloatRows, query: FloatRows, found: Neighbours, allowed: Bitmap | None
    ) -> None:
        """See that hits are allowed, scored exactly and in order, none of them twice."""
        assert allowed is None or allowed[found.rows].all()
        assert len(set(found.rows.tolist())) == len(found.rows)
        assert found.scores.tobytes() == exact_scores(rows[found.rows], query).tobytes()
        keys = list(zip((-found.scores).tolist(), found.rows.tolist(), strict=True))
        assert keys == sorted(keys)

    def test_few_of_the_nearest_rows_are_missing(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows
    ) -> None:
        assert self.found_share(index, rows, queries, None) >= self.recall

    @pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.3, 0.7, 0.95])
    def test_a_filter_costs_no_hits_and_few_of_the_nearest(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows, share: float
    ) -> None:
        allowed = np.random.default_rng(2).random(len(rows)) < share
        assert self.found_share(index, rows, queries, allowed) >= self.filtered_recall

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
    def test_a_filter_that_allows_what_is_far_costs_no_more(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows, share: float
    ) -> None:
        for query in queries[:5]:
            scores = rows @ query
            allowed = scores <= np.quantile(scores, share)
            found = self.found_share(index, rows, query[np.newaxis], allowed)
            assert found >= self.filtered_recall

    def test_a_filter_that_allows_what_is_near_costs_no_more(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows
    ) -> None:
        for query in queries[:5]:
            scores = rows @ query
            allowed = scores >= np.quantile(scores, 0.8)
            found = self.found_share(index, rows, query[np.newaxis], allowed)
            assert found >= self.filtered_recall

    def test_a_query_alone_and_in_a_batch_give_the_same_bits(
        self, index: VectorIndex, queries: FloatRows
    ) -> None:
        allowed = np.arange(ROWS) % 3 > 0
        for chosen in (None, allowed):
            together = index.search(queries, 25, allowed=chosen)
            for at in range(len(queries)):
                (alone,) = index.search(queries[at : at + 1], 25, allowed=chosen)
                assert same(alone, together[at])

    def test_threads_find_what_one_thread_finds(
        self, index: VectorIndex, queries: FloatRows
    ) -> None:
        wanted = [index.search(queries[at : at + 1], 10)[0] for at in range(len(queries))]
        with ThreadPoolExecutor(8) as pool:
            found = list(
                pool.map(lambda at: index.search(queries[at : at + 1], 10)[0], range(len(queries)))
            )
        assert all(map(same, found, wanted))

    @pytest.mark.parametrize("k", [1, 10, 200, ROWS, 2 * ROWS])
    def test_as_many_are_found_as_are_asked_for(
        self, index: VectorIndex, rows: FloatRows, queries: FloatRows, k: int
    ) -> None:
        (found,) = index.search(queries[:1], k)
        assert len(found.rows) == min(k, ROWS)
        self.check_hits(rows, queries[0], found, None)

    def test_a_query_of_zeros_is_answered(self, index: VectorIndex, rows: FloatRows) -> None:
        nothing = np.zeros(DIM, dtype=np.float32)
        (found,) = index.search(nothing[np.newaxis], 5)
        assert len(found.rows) == 5
        self.check_hits(rows, nothing, found, None)

    def test_no_queries_have_no_answers(self, index: VectorIndex) -> None:
        assert index.search(np.empty((0, DIM), dtype=np.float32), 5) == []

    @pytest.mark.parametrize("count", [1, 30])
    def test_few_rows_are_searched_like_many(self, count: int) -> None:
        rows, queries = clustered_rows(count, seed=3), clustered_rows(3, seed=4)
        found = self.build(rows).search(queries, 10)
        assert all(map(same, found, ReferenceIndex.build(rows).search(queries, 10)))

    def test_a_read_only_array_is_searched_as_it_is(self) -> None:
        rows = np.frombuffer(clustered_rows(3000, seed=5).tobytes(), dtype=np.float32)
        (found,) = self.build(rows.reshape(-1, DIM)).search(clustered_rows(1, seed=6), 5)
        assert len(found.rows) == 5

    def test_it_knows_its_length(self, index: VectorIndex) -> None:
        assert len(index) == ROWS

    def test_searches_that_cannot_be_are_refused(
        self, index: VectorIndex, queries: FloatRows
    ) -> None:
        query = queries[:1]
        with pytest.raises(UsageError, match="k is 0"):
            index.search(query, 0)
        with pytest.raises(UsageError, match="shape"):
            index.search(query[:, :5], 3)
        with pytest.raises(UsageError, match="bitmap"):
            index.search(query, 3, allowed=np.ones(9, dtype=bool))
        with pytest.raises(UsageError, match="finite"):
            index.search(np.full_like(query, np.nan), 3)
