"""Queries that an index is measured with, and what exact search says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.index.certificate import QuerySource
from retrieval.index.exact import ExactIndex
from retrieval.vectors import FloatRows

ReadRows: TypeAlias = Callable[[int, int], FloatRows]
"""Return rows [start, end): float32 (end - start, dim)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """Queries of one source, with the score that one of the k best rows has at least.

    Attributes:
        source: Where they come from.
        vectors: float32 (n, dim).
        least: float64 (n,), the exact score of the k-th best row of each.
    """

    source: QuerySource
    vectors: FloatRows
    least: NDArray[np.float64]

    def half(self, which: int) -> Queries:
        """Return every second query, from the first (0) or the second (1)."""
        return Queries(
            source=self.source, vectors=self.vectors[which::2], least=self.least[which::2]
        )


def draw_rows(rows: int, count: int, seed: int) -> NDArray[np.int64]:
    """Draw row numbers without replacement: int64 (count,), ascending."""
    drawn = np.random.default_rng(seed).choice(rows, count, replace=False)
    return np.sort(drawn.astype(np.int64))


def without(start: int, end: int, left_out: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers [start, end) but for those left out, which are ascending."""
    first, last = np.searchsorted(left_out, [start, end])
    return np.delete(np.arange(start, end), left_out[first:last] - start)


def least_scores(
    queries: FloatRows,
    k: int,
    *,
    read: ReadRows,
    rows: int,
    left_out: NDArray[np.int64],
    block_rows: int,
    met: Callable[[int], None],
) -> NDArray[np.float64]:
    """Return the exact score of each query's k-th best row among all but those left out.

    Args:
        queries: float32 (n, dim).
        k: At least 1, at most as many as rows remain.
        read: Gives the rows.
        rows: How many there are.
        left_out: int64, ascending.
        block_rows: Rows read at a time.
        met: Told after each block up to which row exact search has come.

    Returns:
        float64 (n,).
    """
    best = np.full((len(queries), k), -np.inf)
    for start in range(0, rows, block_rows):
        end = min(start + block_rows, rows)
        block = read(start, end)[without(start, end, left_out) - start]
        found = ExactIndex(block).search(queries, k) if len(block) else []
        for own, hits in zip(best, found, strict=False):
            together = np.concatenate([own, hits.scores])
            own[:] = np.sort(together)[::-1][:k]
        met(end)
    return best[:, -1]
