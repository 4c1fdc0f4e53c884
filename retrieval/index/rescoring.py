"""From candidates to hits: scores from the rows themselves, in the bits of exact search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.index.protocol import Neighbours
from retrieval.index.scattered import ScatteredRows
from retrieval.vectors import FloatRows, exact_scores


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
    for query, own, out in zip(queries, candidates, scores, strict=True):
        out[:] = exact_scores(rows[own], query)
    scores[candidates < 0] = -np.inf
    return scores


def best(candidates: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> list[Neighbours]:
    """Return each query's k best candidates, by score descending, then row ascending.

    Args:
        candidates: int64 (n_queries, m), row numbers, no row twice, -1 for none.
        scores: float64 (n_queries, m), -inf for none.
        k: At least 1.
    """
    order = np.lexsort((candidates, -scores), axis=1)[:, :k]
    found = np.take_along_axis(candidates, order, axis=1)
    points = np.take_along_axis(scores, order, axis=1)
    return [
        Neighbours(own[: np.count_nonzero(own >= 0)], score[: np.count_nonzero(own >= 0)])
        for own, score in zip(found, points, strict=True)
    ]
