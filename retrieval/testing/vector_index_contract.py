"""The suite every vector index passes: subclass it in a test module and give it an index.

    class TestMyIndex(VectorIndexContract):
        def build(self, rows: FloatRows) -> VectorIndex:
            return MyIndex.build(rows)

It is for exact indexes: answers are compared with the reference bit for bit.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.index.protocol import Neighbours, VectorIndex
from retrieval.index.reference import ReferenceIndex
from retrieval.vectors import Bitmap, FloatRows, unit_rows


def random_rows(count: int, dim: int = 16, seed: int = 0) -> FloatRows:
    """Return float32 (count, dim), random unit rows."""
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dim)))


def same(found: Neighbours, wanted: Neighbours) -> bool:
    """Tell whether two answers are equal to the last bit."""
    return found.rows.tolist() == wanted.rows.tolist() and (
        found.scores.tobytes() == wanted.scores.tobytes()
    )


class VectorIndexContract(ABC):
    """Exactness, a total order, independence of the batch, and what is refused."""

    @abstractmethod
    def build(self, rows: FloatRows) -> VectorIndex:
        """Build the index under test over float32 (n, dim)."""

    def check(
        self, rows: FloatRows, queries: FloatRows, k: int, allowed: Bitmap | None = None
    ) -> None:
        """Compare a search with the reference."""
        found = self.build(rows).search(queries, k, allowed=allowed)
        wanted = ReferenceIndex.build(rows).search(queries, k, allowed=allowed)
        assert len(found) == len(queries)
        assert all(map(same, found, wanted))

    @pytest.mark.parametrize("count", [0, 1, 5, 300, 5000])
    @pytest.mark.parametrize("k", [1, 10, 400])
    def test_it_finds_what_the_reference_finds(self, count: int, k: int) -> None:
        self.check(random_rows(count), random_rows(4, seed=1), k)

    @pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.9, 1.0])
    def test_only_allowed_rows_are_found(self, share: float) -> None:
        allowed = np.random.default_rng(2).random(5000) < share
        self.check(random_rows(5000), random_rows(4, seed=1), 10, allowed)

    @pytest.mark.parametrize("copies", [2, 50, 1000])
    def test_equal_rows_are_ordered_by_row(self, copies: int) -> None:
        rows = np.tile(random_rows(5), (copies, 1))
        self.check(rows, random_rows(3, seed=1), 7)

    def test_rows_that_differ_in_the_last_bits_are_ordered_exactly(self) -> None:
        rows = np.tile(random_rows(1), (4000, 1))
        nudged = np.nextafter(rows[::3], np.float32(2), dtype=np.float32)
        rows[::3] = nudged
        self.check(rows, random_rows(3, seed=1), 20)

    def test_a_query_alone_and_in_a_batch_give_the_same_bits(self) -> None:
        index, queries = self.build(random_rows(5000)), random_rows(64, seed=1)
        together = index.search(queries, 25)
        for at in range(len(queries)):
            (alone,) = index.search(queries[at : at + 1], 25)
            assert same(alone, together[at])

    def test_rows_spread_over_indexes_give_the_same_bits(self) -> None:
        rows, query = random_rows(6000), random_rows(1, seed=1)
        (whole,) = self.build(rows).search(query, 30)
        borders = [0, 1, 2500, 4000, 6000]
        found = [
            (score, row + start)
            for start, end in itertools.pairwise(borders)
            for row, score in zip(*self.build(rows[start:end]).search(query, 30)[0], strict=True)
        ]
        merged = sorted(found, key=lambda pair: (-pair[0], pair[1]))[:30]
        assert [row for _, row in merged] == whole.rows.tolist()
        assert [score for score, _ in merged] == whole.scores.tolist()

    def test_a_shorter_search_is_a_prefix_of_a_longer(self) -> None:
        index, query = self.build(random_rows(900)), random_rows(1, seed=1)
        (longest,) = index.search(query, 900)
        for k in (1, 2, 17, 100, 500):
            (shorter,) = index.search(query, k)
            assert same(shorter, Neighbours(longest.rows[:k], longest.scores[:k]))

    def test_a_read_only_array_is_searched_as_it_is(self) -> None:
        rows = np.frombuffer(random_rows(3000).tobytes(), dtype=np.float32).reshape(3000, 16)
        assert not rows.flags.writeable
        self.check(rows, random_rows(2, seed=1), 5)

    def test_it_knows_its_length(self) -> None:
        assert len(self.build(random_rows(12))) == 12

    def test_searches_that_cannot_be_are_refused(self) -> None:
        index, query = self.build(random_rows(10)), random_rows(1, seed=1)
        with pytest.raises(UsageError, match="k is 0"):
            index.search(query, 0)
        with pytest.raises(UsageError, match="shape"):
            index.search(query[:, :5], 3)
        with pytest.raises(UsageError, match="shape"):
            index.search(query[0], 3)
        with pytest.raises(UsageError, match="bitmap"):
            index.search(query, 3, allowed=np.ones(9, dtype=bool))
        with pytest.raises(UsageError, match="finite"):
            index.search(np.full_like(query, np.nan), 3)
