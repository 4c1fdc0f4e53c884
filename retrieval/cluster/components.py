"""Which rows hang together: connected components, joined edge by edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Components:
    """Groups of rows that grow together as edges come in, block by block.

    Holds one number a row, whatever the number of edges.

    Args:
        count: Rows; each begins as a group of its own.
    """

    def __init__(self, count: int) -> None:
        self._lowest = np.arange(count, dtype=np.int64)

    def join(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
        """Join rows pair by pair.

        Args:
            one: int64 (m,), rows.
            other: int64 (m,), the rows they hang together with.
        """
        lowest = self._lowest
        while len(one):
            a, b = lowest[one], lowest[other]
            apart = a != b
            one, other, a, b = one[apart], other[apart], a[apart], b[apart]
            np.minimum.at(lowest, np.maximum(a, b), np.minimum(a, b))
            # follow what was joined to its lowest member, until nothing moves
            while True:
                further = lowest[lowest]
                if np.array_equal(further, lowest):
                    break
                lowest = further
        self._lowest = lowest

    def groups(self) -> list[NDArray[np.int64]]:
        """Return the groups of at least two rows.

        Returns:
            Rows of each, ascending; the largest group first, then by its first row.
        """
        order = np.argsort(self._lowest, kind="stable")
        borders = np.flatnonzero(np.diff(self._lowest[order])) + 1
        found = [one for one in np.split(order, borders) if len(one) > 1]
        return sorted(found, key=lambda one: (-len(one), int(one[0])))
