"""Hits that do not say the same: maximal marginal relevance.

``next = argmax over d not chosen: w * r(d) - (1 - w) * max over chosen s: cos(d, s)`` after
Carbonell and Goldstein (1998). r(d): the score of d, brought between the least and the greatest
of the candidates, 0 to 1, so that any score will do; cos: cosine similarity of the passages
shown; w: the weight of relevance, lambda in the paper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.vectors import FloatRows, exact_scores

DEFAULT_RELEVANCE = 0.7
"""Weight of relevance where diversity is asked for and nothing else is said."""
_LEAST_CANDIDATES = 50
_CANDIDATES = 5


def candidates_for(k: int) -> int:
    """Return how many of the best are chosen from, for k hits: ``max(50, 5 k)``."""
    return max(_LEAST_CANDIDATES, _CANDIDATES * k)


def check_relevance(weight: float) -> float:
    """Return a weight of relevance.

    Raises:
        UsageError: It is not from 0 to 1.
    """
    if not 0 <= weight <= 1:
        raise UsageError(
            f"The weight of relevance beside diversity is {weight}; it is a number from 0 to 1.",
            fix="1 changes nothing; the smaller, the more hits differ.",
        )
    return weight


def diversified(
    scores: NDArray[np.float64], rows: FloatRows, k: int, weight: float
) -> NDArray[np.int64]:
    """Choose k candidates that are relevant and unlike each other.

    The first is always the best; of equally good ones the earlier candidate is taken.

    Args:
        scores: float64 (n,), of the candidates in the order of their ranking, best first.
        rows: float32 (n, dim), their passages' vectors, unit rows.
        k: How many, at least 1.
        weight: Of relevance, 0 to 1; 1 keeps the ranking.

    Returns:
        int64 (min(k, n),), numbers of candidates in the order they were chosen.

    Raises:
        UsageError: The weight is not from 0 to 1.
    """
    check_relevance(weight)
    count = min(k, len(scores))
    if weight == 1.0:
        return np.arange(count)
    if not count:
        return np.empty(0, dtype=np.int64)
    least, width = float(scores.min()), float(np.ptp(scores))
    relevance = (scores - least) / width if width > 0 else np.zeros(len(scores))
    likeness = np.full(len(scores), -np.inf)
    chosen = [0]
    while len(chosen) < count:
        last = chosen[-1]
        np.maximum(likeness, exact_scores(rows, rows[last]), out=likeness)
        worth = weight * relevance - (1.0 - weight) * likeness
        worth[chosen] = -np.inf
        chosen.append(int(worth.argmax()))
    return np.array(chosen, dtype=np.int64)
