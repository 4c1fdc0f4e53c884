"""FAISS's nearest rows of an array, some of which may be left out: three ways, by what they cost.

Skipping rows breaks the stream in which memory is read, and FAISS compares a batch with few rows
at a time when it has to skip. So, with one query as the unit, for 100,000 rows of 384 components
(least of 25 runs on one core; an unfiltered query takes 9 to 13 ms):

| kept | FAISS with a bitmap | every row scored, then the bitmap |
|---|---|---|
| 1 % | 0.6 ms | 14 ms |
| 10 % | 2.7 ms | 11 ms |
| 25 % | 14 ms | 14 ms |
| 50 % | 26 ms | 15 ms |
| 75 % | 32 ms | 18 ms |

and on two cores of a processor with AVX-512, a single query by both (`parts`), least of 3 or more:

| queries | kept | unfiltered | with a bitmap | allowed rows copied in blocks | every row scored |
|---|---|---|---|---|---|
| 1 | 1 %, 10 %, 50 % | 7.5 ms | 0.8, 1.8, 5.6 ms | 0.4, 3.2, 20 ms | 10, 11, 7.7 ms |
| 4 | 1 %, 10 %, 50 % | 19 ms | 1.1, 2.9, 16 ms | 0.5, 4.7, 23 ms | 69, 67, 44 ms |
| 32 | 1 %, 10 %, 50 % | 31 ms | 6.8, 26, 75 ms | 0.8, 6.2, 27 ms | 448, 549, 278 ms |
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.index.library import faiss_library, faiss_products, faiss_threads
from retrieval.index.parts import by_parts
from retrieval.vectors import Bitmap, FloatRows, pack_bits

SPARSE = 1 / 5
"""Below this share of allowed rows a query skips the others; above it scores them all."""
COPYING_QUERIES = 4
"""So many queries at once are worth a copy of the allowed rows."""
_COPIED_ROWS = 16_384


@dataclass(frozen=True)
class AllowedRows:
    """Rows that may be found, in the forms that the ways of searching take.

    Attributes:
        flags: bool (rows,).
    """

    flags: Bitmap

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """int64 (allowed,), ascending."""
        return np.flatnonzero(self.flags)

    @cached_property
    def packed(self) -> NDArray[np.uint8]:
        """The flags as bits, little-endian within a byte."""
        return pack_bits(self.flags)

    @cached_property
    def others(self) -> NDArray[np.int64]:
        """int64 (others,), the rows that may not be found."""
        return np.flatnonzero(~self.flags)

    @cached_property
    def count(self) -> int:
        """How many rows may be found."""
        return int(self.flags.sum())


def nearest(
    rows: FloatRows, queries: FloatRows, k: int, allowed: AllowedRows | None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return FAISS's scores and rows, each (n_queries, k), best first.

    Args:
        rows: float32 (n, dim).
        queries: float32 (n_queries, dim).
        k: At least 1, and at most as many as there are allowed rows.
        allowed: The rows that may be found; None for all.
    """
    if allowed is None:
        return _faiss(rows, queries, k, None)
    if len(queries) >= COPYING_QUERIES:
        return _among_copies(rows, queries, k, allowed)
    if allowed.count < SPARSE * len(rows):
        return _faiss(rows, queries, k, allowed.packed)
    found = [_scored(rows, query, k, allowed) for query in queries]
    return np.stack([scores for scores, _ in found]), np.stack([own for _, own in found])


def _faiss(
    rows: FloatRows, queries: FloatRows, k: int, packed: NDArray[np.uint8] | None
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Search once; a single query on many rows by all cores, each with a part of the rows."""
    asked = np.ascontiguousarray(queries, dtype=np.float32)
    if len(asked) > 1:
        return _searched(rows, asked, k, packed, threads=None)

    def search(start: int, end: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        bits = None if packed is None else packed[start // 8 : (end + 7) // 8]
        own = _searched(rows[start:end], asked, min(k, end - start), bits, threads=1)
        return own[0], np.where(own[1] < 0, own[1], own[1] + start)

    found = by_parts(rows, search)
    if len(found) == 1:
        return found[0]
    scores = np.concatenate([one for one, _ in found], axis=1)
    order = np.argsort(-scores[0], kind="stable")[:k]
    return scores[:, order], np.concatenate([own for _, own in found], axis=1)[:, order]


def _searched(
    rows: FloatRows,
    asked: FloatRows,
    k: int,
    packed: NDArray[np.uint8] | None,
    *,
    threads: int | None,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Call FAISS; where fewer than k rows are allowed, the last scores are the least there is."""
    faiss = faiss_library()
    count, dim = rows.shape
    scores = np.empty((len(asked), k), dtype=np.float32)
    found = np.empty((len(asked), k), dtype=np.int64)
    selector = None
    if packed is not None:
        selector = faiss.IDSelectorBitmap(count, faiss.swig_ptr(packed))
    with faiss_threads(faiss, threads), faiss_products(faiss, len(asked)):
        faiss.knn_inner_product(
            faiss.swig_ptr(asked),
            faiss.swig_ptr(rows),
            dim,
            len(asked),
            count,
            k,
            faiss.swig_ptr(scores),
            faiss.swig_ptr(found),
            selector,
        )
    return scores, found


def rough_scores(
    rows: FloatRows, query: NDArray[np.float32], chosen: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Return the inner products of rows with a query, as float32 sums give them.

    Args:
        rows: float32 (n, dim).
        query: float32 (dim,).
        chosen: int64 (m,), the rows to score; None for all.

    Returns:
        float32 (m,), or (n,) of all.
    """
    faiss = faiss_library()

    asked = np.ascontiguousarray(query, dtype=np.float32)
    count, dim = rows.shape
    scores = np.empty(count if chosen is None else len(chosen), dtype=np.float32)
    if chosen is None:

        def score(start: int, end: int) -> None:
            given = (scores[start:end], asked, rows[start:end])
            faiss.fvec_inner_products_ny(*map(faiss.swig_ptr, given), dim, end - start)

        by_parts(rows, score)
    else:
        given = [faiss.swig_ptr(one) for one in (scores, asked, rows)]
        numbers = np.ascontiguousarray(chosen, dtype=np.int64)
        with faiss_threads(faiss, 1):  # it would wake a team for one query
            faiss.fvec_inner_products_by_idx(*given, faiss.swig_ptr(numbers), dim, 1, len(numbers))
    return scores


def _scored(
    rows: FloatRows, query: NDArray[np.float32], k: int, allowed: AllowedRows
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Score every row for a query, then look at the allowed ones; each (k,)."""
    count = len(rows)
    scores = rough_scores(rows, query)
    scores[allowed.others] = -np.inf
    best = np.argpartition(scores, count - k)[count - k :]
    best = best[np.argsort(-scores[best], kind="stable")]
    return scores[best], best


def _among_copies(
    rows: FloatRows, queries: FloatRows, k: int, allowed: AllowedRows
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Search the allowed rows alone, copied block by block."""
    scores = np.empty((len(queries), 0), dtype=np.float32)
    found = np.empty((len(queries), 0), dtype=np.int64)
    for start in range(0, allowed.count, _COPIED_ROWS):
        own = allowed.rows[start : start + _COPIED_ROWS]
        block_scores, places = _faiss(rows[own], queries, min(k, len(own)), None)
        scores = np.concatenate([scores, block_scores], axis=1)
        found = np.concatenate([found, own[places]], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores = np.take_along_axis(scores, order, axis=1)
        found = np.take_along_axis(found, order, axis=1)
    return scores, found
