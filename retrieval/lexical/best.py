"""The best of many scores, without sorting them all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LANES = 64
_FEW = 4096


def best_rows(scores: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Return the rows of the k best scores above 0, by score descending, then row ascending.

    The k-th largest of the maxima of disjoint groups of rows is a bound that at least k rows
    reach; only rows that do are looked at, which are few.

    Args:
        scores: float64 (rows,), at least 0.
        k: At least 1.

    Returns:
        int64 (m,), m = k unless fewer scores are above 0.
    """
    rows = len(scores)
    groups = rows // _LANES
    bound = 0.0
    if rows > _FEW and k <= groups // 2:
        maxima = scores[: groups * _LANES].reshape(_LANES, groups).max(axis=0)
        maxima = maxima[maxima > 0]  # many that are equal are slow to partition
        if len(maxima) >= k:
            bound = float(np.partition(maxima, len(maxima) - k)[len(maxima) - k])
    found = np.flatnonzero(scores >= bound) if bound > 0 else np.flatnonzero(scores)
    if len(found) > _FEW and k < len(found):
        own = scores[found]
        found = found[own >= np.partition(own, len(own) - k)[len(own) - k]]
    order = np.argsort(-scores[found], kind="stable")  # rows ascend, so ties are in order
    return found[order[:k]]
