"""Recall against exact search, and how sure a measured one is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Z_95 = 1.959964
"""The standard normal quantile of a two-sided interval of 95 %."""


class Interval(NamedTuple):
    """A mean recall with the interval it lies in with 95 %; all in [0, 1]."""

    mean: float
    low: float
    high: float


def recalls(scores: NDArray[np.float64], least: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    """Return the recall of each query: the share of its k best that were found.

    A row as good as the k-th best counts like it, so that equal rows cannot be missed.

    Args:
        scores: float64 (n_queries, m), exact scores of the rows found, -inf for none.
        least: float64 (n_queries,), the exact score of each query's k-th best row.
        k: At least 1.

    Returns:
        float64 (n_queries,), each in [0, 1].
    """
    found = (scores >= least[:, np.newaxis]).sum(axis=1)
    shares: NDArray[np.float64] = np.minimum(found, k) / k
    return shares


def interval(shares: NDArray[np.float64], k: int, *, z: float = Z_95) -> Interval:
    """Return the mean of queries' recalls with its score interval (Wilson 1927).

    The k neighbours of a query are missed together or not at all more often than chance
    has it, so the number of trials is not n k but the effective one (Kish 1965, section
    8.2): ``n p (1 - p) / s^2``, s^2 being the variance of the recalls of queries, kept
    within [n, n k]. Where nothing was missed it is n k.

    Args:
        shares: float64 (n,), n at least 1, the recall of each query.
        k: Neighbours a query.
        z: Standard normal quantile of the interval.
    """
    count, mean = len(shares), float(shares.mean())
    spread = float(shares.var(ddof=1)) if count > 1 else mean * (1 - mean)
    trials = float(count * k)
    if spread > 0:
        trials = min(max(count * mean * (1 - mean) / spread, count), count * k)
    middle = (mean + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(mean * (1 - mean) / trials + (z / (2 * trials)) ** 2)
    half /= 1 + z * z / trials
    # rounding may leave the mean a last bit outside
    return Interval(mean, max(0.0, min(mean, middle - half)), min(1.0, max(mean, middle + half)))
