"""The obviously right vector index: every score, one sort. Others are compared with it."""

from __future__ import annotations

from typing import Self

import numpy as np

from retrieval.index.checks import check_search
from retrieval.index.protocol import Neighbours
from retrieval.vectors import Bitmap, FloatRows, exact_scores


class ReferenceIndex:
    """Scores every row and sorts; see ``VectorIndex`` for the operations."""

    def __init__(self, rows: FloatRows) -> None:
        self.rows = rows

    @classmethod
    def build(cls, rows: FloatRows) -> Self:
        """Keep float32 (n, dim) rows."""
        return cls(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def search(
        self, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> list[Neighbours]:
        """Find the k best allowed rows of each query; see ``VectorIndex.search``."""
        check_search(self.rows, queries, k, allowed)
        candidates = np.arange(len(self.rows)) if allowed is None else np.flatnonzero(allowed)
        return [best_rows(candidates, self.rows, query, k) for query in queries]


def best_rows(
    candidates: np.ndarray[tuple[int], np.dtype[np.int64]],
    rows: FloatRows,
    query: FloatRows,
    k: int,
) -> Neighbours:
    """Score candidate rows exactly and return the k best.

    Args:
        candidates: int64 (m,), row numbers, ascending.
        rows: float32 (n, dim).
        query: float32 (dim,).
        k: At least 1.

    Returns:
        The best, by score descending, then row ascending.
    """
    every = len(candidates) == len(rows)
    scores = exact_scores(rows if every else rows[candidates], query)
    order = np.lexsort((candidates, -scores))[:k]
    return Neighbours(candidates[order], scores[order])
