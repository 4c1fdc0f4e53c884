"""One score from two stages.

``blend(d) = w * u(rerank(d)) + (1 - w) * u(first(d))``, where
``u(s) = (s - min s) / (max s - min s)`` over the candidates of the query: each stage on its own
scale from its least score to its greatest, after Lee (1997). w is the share of the
reranker, 0 to 1. Scores of a cross-encoder have no theoretical least or greatest, so the scale
is the query's own: blended scores of two queries cannot be compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def unit_scale(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores from 0 for the least to 1 for the greatest; all 1 where they are equal.

    Args:
        scores: float64 (n,), finite.
    """
    if not len(scores):
        return np.empty(0)
    least, width = float(scores.min()), float(np.ptp(scores))
    if not width > 0:
        return np.ones(len(scores))
    scaled: NDArray[np.float64] = (scores - least) / width
    return scaled


def blend(
    rerank: NDArray[np.float64], first: NDArray[np.float64], weight: float
) -> NDArray[np.float64]:
    """Return the blended scores of a query's candidates, 0 to 1.

    Args:
        rerank: float64 (n,), the reranker's scores.
        first: float64 (n,), the first stage's.
        weight: Share of the reranker, 0 to 1.
    """
    blended: NDArray[np.float64] = weight * unit_scale(rerank) + (1.0 - weight) * unit_scale(first)
    return blended
