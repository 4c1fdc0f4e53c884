"""Exact search: FAISS finds the candidates, one float64 kernel settles the order.

FAISS's float32 scores depend in their last bits on the batch a query is in. So every
row within a margin of the k-th score is scored again by ``vectors.exact_scores``, whose
bits depend on the row and the query alone, and those scores decide (DESIGN: a query
alone, in a batch, over one array or over twenty gives the same hits).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.checks import check_search
from retrieval.index.protocol import Neighbours
from retrieval.index.reference import best_rows
from retrieval.vectors import Bitmap, FloatRows, pack_bits

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
        packed = None if allowed is None else pack_bits(allowed)
        scores, rows = self._nearest(queries, k + SLACK, packed)
        return [
            self._settled(query, k, packed, scores[at], rows[at])
            for at, query in enumerate(queries)
        ]

    def _settled(
        self,
        query: FloatRows,
        k: int,
        packed: NDArray[np.uint8] | None,
        scores: NDArray[np.float32],
        rows: NDArray[np.int64],
    ) -> Neighbours:
        """Widen one query's candidates until none is missing, then order them exactly."""
        count = len(self.rows) if packed is None else int(np.bitwise_count(packed).sum())
        while len(rows) < count and scores[-1] >= scores[k - 1] - MARGIN:
            wanted = min(4 * len(rows), count)
            if wanted > count // SCAN_SHARE:
                every = np.arange(count)
                if packed is not None:
                    bits = np.unpackbits(packed, count=len(self.rows), bitorder="little")
                    every = np.flatnonzero(bits)
                return best_rows(every, self.rows, query, k)
            found_scores, found_rows = self._nearest(query[np.newaxis], wanted, packed)
            scores, rows = found_scores[0], found_rows[0]
        close = rows[scores >= scores[k - 1] - MARGIN]
        return best_rows(np.sort(close), self.rows, query, k)

    def _nearest(
        self, queries: FloatRows, k: int, packed: NDArray[np.uint8] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return FAISS's scores and rows, each (n_queries, k), best first."""
        import faiss

        asked = np.ascontiguousarray(queries, dtype=np.float32)
        count, dim = self.rows.shape
        scores = np.empty((len(asked), k), dtype=np.float32)
        rows = np.empty((len(asked), k), dtype=np.int64)
        selector = None
        if packed is not None:
            selector = faiss.IDSelectorBitmap(count, faiss.swig_ptr(packed))
        with _threads(faiss, 1 if len(asked) == 1 else None):
            faiss.knn_inner_product(
                faiss.swig_ptr(asked),
                faiss.swig_ptr(self.rows),
                dim,
                len(asked),
                count,
                k,
                faiss.swig_ptr(scores),
                faiss.swig_ptr(rows),
                selector,
            )
        return scores, rows


@contextlib.contextmanager
def _threads(faiss: Any, wanted: int | None) -> Iterator[None]:
    """Let FAISS use so many threads, for calls from this thread; None for its default.

    One is faster than two for a single query (a barrier costs more than it saves).
    """
    if wanted is None:
        yield
        return
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(wanted)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
