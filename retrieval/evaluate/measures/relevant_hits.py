"""The relevant hits of a run, with how many of them stand before and beside each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class RelevantHits(NamedTuple):
    """Relevant hits by query, then rank, as columns of equal length.

    The group of a hit are the hits of its query with the same score; a hit whose score
    no other has is a group of one.

    Attributes:
        query: int64, ordinal of the judged query, ascending.
        first: int64, first rank of the hit's group, from 1.
        last: int64, last rank of the group.
        before: int64, relevant hits of the query in better groups.
        among: int64, relevant hits in the hit's group, itself included.
    """

    query: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    before: NDArray[np.int64]
    among: NDArray[np.int64]


def count_groups(
    query: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]
) -> RelevantHits:
    """Count the relevant hits before and in each hit's group.

    Args:
        query: int64 (n,), ascending.
        first: int64 (n,), ascending within a query.
        last: int64 (n,).
    """
    new_query = np.diff(query, prepend=-1) != 0
    new_group = new_query | (np.diff(first, prepend=0) != 0)
    group_starts = np.flatnonzero(new_group)
    sizes = np.diff(group_starts, append=len(query))
    query_starts = np.flatnonzero(new_query)
    origin = np.repeat(query_starts, np.diff(query_starts, append=len(query)))
    before = np.repeat(group_starts, sizes) - origin
    return RelevantHits(query, first, last, before, np.repeat(sizes, sizes))
