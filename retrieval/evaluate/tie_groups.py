"""Groups of equal scores within the hits of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class TieGroups:
    """Which rows of a run have the score of the row before.

    Attributes:
        same: bool (n_rows + 1,), True where a row's query and score are those of the
            row before; False behind the end.
    """

    same: NDArray[np.bool_]

    @classmethod
    def of(cls, scores: NDArray[np.floating], starts: NDArray[np.int64]) -> Self:
        """Find the groups.

        Args:
            scores: Floating (n_rows,), descending within a query.
            starts: int64 (n_queries + 1,), the first row of each query, and the end.
        """
        same = np.zeros(len(scores) + 1, dtype=bool)
        np.equal(scores[1:], scores[:-1], out=same[1:-1])
        same[starts] = False
        return cls(same)

    def __bool__(self) -> bool:
        return bool(self.same.any())

    @property
    def tied(self) -> NDArray[np.bool_]:
        """Rows whose score another row of the query has: bool (n_rows,)."""
        return self.same[:-1] | self.same[1:]

    def bounds(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first and the last row of each row's group, each int64 (n,)."""
        begins = np.flatnonzero(~self.same)
        group = np.searchsorted(begins, rows, side="right") - 1
        return begins[group], begins[group + 1] - 1

    def by_id_descending(self, codes: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the place each row gets when groups are listed by id descending.

        Args:
            codes: Integers (n_rows,), in the order of the ids they stand for.

        Returns:
            int64 (n_rows,), a permutation that moves rows within their groups only.
        """
        place = np.arange(len(codes))
        rows = np.flatnonzero(self.tied)
        begin, _ = self.bounds(rows)
        place[rows[np.lexsort((-codes[rows].astype(np.int64), begin))]] = rows
        return place
