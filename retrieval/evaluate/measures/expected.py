"""Measures of tied hits as expected values over the orders a group could stand in.

McSherry and Najork (2008) show that a measure which sums over ranks has, over all
orders of the tied hits, the mean of its gains at each rank as its expected value; so
every hit of a group gets an equal part of what the group's ranks are worth together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

_BLOCK = 256


def share_within(
    first: NDArray[np.int64], last: NDArray[np.int64], cutoff: ArrayLike
) -> NDArray[np.float64]:
    """Return the chance that a hit of the ranks first..last stands within the cutoff.

    Args:
        first: int64 (n,), first rank of each hit's group, from 1.
        last: int64 (n,), last rank of it.
        cutoff: Integer, or integers (n,).

    Returns:
        float64 (n,), in [0, 1].
    """
    inside = np.minimum(last, cutoff) - first + 1
    share: NDArray[np.float64] = np.maximum(inside, 0) / (last - first + 1)
    return share


def sum_by_query(
    query: NDArray[np.int64], gains: NDArray[np.float64], n_queries: int
) -> NDArray[np.float64]:
    """Add up gains by query.

    Args:
        query: int64 (n,), ordinals below ``n_queries``.
        gains: float64 (n,).
        n_queries: Queries in all.

    Returns:
        float64 (n_queries,), 0 for a query without gains.
    """
    sums: NDArray[np.float64] = np.bincount(query, weights=gains, minlength=n_queries).astype(
        np.float64, copy=False
    )
    return sums


def ratio(
    part: NDArray[np.floating], whole: NDArray[np.floating | np.integer]
) -> NDArray[np.float64]:
    """Divide, with 0 where the whole is 0; rounding cannot lift a share above 1.

    Returns:
        float64 (n,), in [0, 1] for parts that are none greater than their wholes.
    """
    values = np.zeros(len(part))
    np.divide(part, whole, out=values, where=whole > 0)
    return np.minimum(values, 1.0)


def over_first_relevant(
    first: NDArray[np.int64],
    size: NDArray[np.int64],
    relevant: NDArray[np.int64],
    cutoff: int,
    worth: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the expected worth of the rank at which a group shows its first relevant hit.

    With n hits, r of them relevant, in random order, the first relevant one is number j
    (from 0) with chance ``p(j) = r / (n - j) * prod_{i < j} (n - r - i) / (n - i)``.

    Args:
        first: int64 (m,), first rank of each group, from 1.
        size: int64 (m,), n.
        relevant: int64 (m,), r, at least 1.
        cutoff: Ranks beyond it are worth nothing.
        worth: Maps ranks to what they are worth.

    Returns:
        float64 (m,).
    """
    total = np.zeros(len(first))
    for groups, offsets, chance in _first_relevant(first, size, relevant, cutoff):
        ranks = first[groups, np.newaxis] + offsets
        gains = np.where(ranks <= cutoff, worth(ranks), 0.0)
        total[groups] += (chance * gains).sum(axis=1)
    return total


def _first_relevant(
    first: NDArray[np.int64], size: NDArray[np.int64], relevant: NDArray[np.int64], cutoff: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Yield groups, a block of offsets, and p of each, as far as it is not 0."""
    still = np.ones(len(first))
    most = np.minimum(size - relevant, cutoff - first)
    begin = 0
    width = 1  # most groups are single hits, which one offset settles
    while len(groups := np.flatnonzero((most >= begin) & (still > 0.0))):
        offsets = np.arange(begin, begin + width)
        n, r = size[groups, np.newaxis], relevant[groups, np.newaxis]
        left = np.maximum(n - offsets, 1)
        none_yet = np.maximum(n - r - offsets, 0) / left
        after = still[groups, np.newaxis] * np.cumprod(none_yet, axis=1)
        before = np.column_stack((still[groups], after[:, :-1]))
        yield groups, offsets, before * np.minimum(r / left, 1.0)
        still[groups] = after[:, -1]
        begin, width = begin + width, _BLOCK
