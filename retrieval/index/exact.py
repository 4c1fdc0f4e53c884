"""Exact search: FAISS finds the candidates, one float64 kernel settles the order.

FAISS's float32 scores depend in their last bits on the batch a query is in. So every
row within a margin of the k-th score is scored again by ``vectors.exact_scores``, whose
bits depend on the row and the query alone, and those scores decide (DESIGN: a query
alone, in a batch, over one array or over twenty gives the same hits).
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.candidates import AllowedRows, nearest, rough_scores
from retrieval.index.checks import check_search
from retrieval.index.protocol import Neighbours
from retrieval.index.reference import best_rows
from retrieval.vectors import Bitmap, FloatRows

MARGIN = 1e-5
"""Above the error of a float32 inner product of unit vectors, by an order of magnitude."""
SLACK = 16
"""Candidates fetched beyond k, so that one pass is nearly always enough."""
SCAN_SHARE = 8
"""From k = rows / 8 on, scoring every row costs less than FAISS's heap of k."""


class ExactIndex:
    """Exact inner-product search over an array, which may be a memory map."""

    def __init__(self, rows: FloatRows) -> None:
        self.rows = rows

    @classmethod
    def build(cls, rows: FloatRows) -> Self:
        """Keep float32 (n, dim) rows; nothing is copied or computed."""
        return cls(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def search(
        self, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> list[Neighbours]:
        """Find the k best allowed rows of each query; see ``VectorIndex.search``."""
        check_search(self.rows, queries, k, allowed)
        if allowed is not None and allowed.all():
            allowed = None
        count = len(self.rows) if allowed is None else int(allowed.sum())
        if count == 0 or len(queries) == 0:
            nothing = Neighbours(np.empty(0, dtype=np.int64), np.empty(0))
            return [nothing] * len(queries)
        if k + SLACK > count // SCAN_SHARE:
            candidates = np.arange(count) if allowed is None else np.flatnonzero(allowed)
            return [best_rows(candidates, self.rows, query, k) for query in queries]
        chosen = None if allowed is None else AllowedRows(allowed)
        scores, rows = nearest(self.rows, queries, k + SLACK, chosen)
        return [
            self._settled(query, k, chosen, scores[at], rows[at])
            for at, query in enumerate(queries)
        ]

    def rough_scores(
        self, query: NDArray[np.float32], chosen: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Score rows in one pass: float32, each within ``MARGIN`` of its exact score.

        Args:
            query: float32 (dim,), a unit vector.
            chosen: int64 (m,), the rows to score; None for all.
        """
        return rough_scores(self.rows, query, chosen)

    def _settled(
        self,
        query: FloatRows,
        k: int,
        allowed: AllowedRows | None,
        scores: NDArray[np.float32],
        rows: NDArray[np.int64],
    ) -> Neighbours:
        """Widen one query's candidates until none is missing, then order them exactly."""
        count = len(self.rows) if allowed is None else allowed.count
        while len(rows) < count and scores[-1] >= scores[k - 1] - MARGIN:
            wanted = min(4 * len(rows), count)
            if wanted > count // SCAN_SHARE:
                every = np.arange(count) if allowed is None else allowed.rows
                return best_rows(every, self.rows, query, k)
            found_scores, found_rows = nearest(self.rows, query[np.newaxis], wanted, allowed)
            scores, rows = found_scores[0], found_rows[0]
        close = rows[scores >= scores[k - 1] - MARGIN]
        return best_rows(np.sort(close), self.rows, query, k)
