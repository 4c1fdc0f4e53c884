"""From candidates to hits: scores from the rows themselves, in the bits of exact search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.index.protocol import Neighbours
from retrieval.index.scattered import ScatteredRows
from retrieval.vectors import FloatRows, exact_scores

_ROWS_AT_ONCE = 1024
"""They and their queries stay in a processor's second cache."""


def rescored(
    rows: FloatRows | ScatteredRows, queries: FloatRows, candidates: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Score candidates exactly.

    Args:
        rows: float32 (n, dim).
        queries: float32 (n_queries, dim).
        candidates: int64 (n_queries, m), row numbers, -1 for none.

    Returns:
        float64 (n_queries, m), ``vectors.exact_scores`` of each; -inf for none.
    """
    scores = np.empty(candidates.shape, dtype=np.float64)
    width = candidates.shape[1]
    at_once = max(1, _ROWS_AT_ONCE // max(width, 1))
    for start in range(0, len(queries), at_once):
        asked, own = queries[start : start + at_once], candidates[start : start + at_once]
        each = asked[0] if len(asked) == 1 else np.repeat(asked, width, axis=0)
        scores[start : start + at_once] = exact_scores(rows[own.ravel()], each).reshape(own.shape)
    scores[candidates < 0] = -np.inf
    return scores


def best(candidates: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> list[Neighbours]:
    """Return each query's k best candidates, by score descending, then row ascending.

    Args:
        candidates: int64 (n_queries, m), row numbers, no row twice, -1 for none.
        scores: float64 (n_queries, m), -inf for none.
        k: At least 1.
    """
    hits = []
    for own, points in zip(candidates, scores, strict=True):
        order = np.lexsort((own, -points))[:k]
        found = own[order]
        count = np.count_nonzero(found >= 0)
        hits.append(Neighbours(found[:count], points[order[:count]]))
    return hits
