"""The cosines of a snapshot's passages with one vector, as fusing them takes them.

A segment that is searched exactly is read once, every passage scored in single precision. Of one
that is searched through an approximate index the nearest are asked for, and others when
they are wanted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.index.exact import MARGIN
from retrieval.index.protocol import Neighbours
from retrieval.store.reader import Snapshot
from retrieval.vectors import Bitmap, exact_scores

DEPTH = 128
"""The nearest passages of a segment that are asked for at least."""


class Cosines:
    """What is known of the cosines with one vector.

    Args:
        snapshot: The generation.
        row: float32 (dim,), a unit vector.
    """

    def __init__(self, snapshot: Snapshot, row: NDArray[np.float32]) -> None:
        self._snapshot = snapshot
        self._row = row
        self._every: dict[int, NDArray[np.float32]] = {}
        self._first: dict[int, Neighbours] = {}

    def every(self, number: int) -> NDArray[np.float32]:
        """Return those of all passages of a segment: float32 (passages,), within ``MARGIN``."""
        if number not in self._every:
            self._every[number] = self._snapshot.segments[number].index.rough_scores(self._row)
        return self._every[number]

    def some(self, number: int, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return those of some passages of a segment: float32 (n,), within ``MARGIN``.

        Args:
            number: The segment.
            rows: int64 (n,).
        """
        if number in self._every:
            return self._every[number][rows]
        return self._snapshot.segments[number].index.rough_scores(self._row, rows)

    def is_approximate(self, number: int, count: int) -> bool:
        """Tell whether the nearest of all of a segment are found through an approximate index."""
        searchable = self._snapshot.segments[number].searchable
        return self._snapshot.vector_search.of(number).is_approximate(count, searchable)

    def nearest(self, number: int, count: int, allowed: Bitmap | None) -> Neighbours:
        """Return a segment's nearest passages, with their exact cosines.

        Args:
            number: The segment.
            count: How many, at least 1.
            allowed: bool (passages,), those that may be found; None for all.
        """
        if count == DEPTH and allowed is self._snapshot.segments[number].searchable:
            return self._first_of(number)
        (found,) = self._snapshot.vector_search.of(number).search(
            self._row[np.newaxis], count, allowed=allowed
        )
        return found

    def greatest(self) -> float:
        """Return the greatest cosine of any passage that can be found; 0 without any.

        It is exact, but in a segment that is searched approximately, where it is the greatest
        that is found.
        """
        best = [self._greatest_in(number) for number in range(len(self._snapshot.segments))]
        greatest = max(best, default=-np.inf)
        return greatest if greatest > -np.inf else 0.0

    def _greatest_in(self, number: int) -> float:
        one = self._snapshot.segments[number]
        if self.is_approximate(number, DEPTH):
            scores = self._first_of(number).scores
            return float(scores[0]) if len(scores) else -np.inf
        own = self.every(number)
        findable = own if one.searchable is None else own[one.searchable]
        if not len(findable):
            return -np.inf
        near = own >= findable.max() - 2 * MARGIN
        rows = np.flatnonzero(near if one.searchable is None else near & one.searchable)
        return float(exact_scores(one.vectors[rows], self._row).max())

    def _first_of(self, number: int) -> Neighbours:
        """Return the nearest passages of all that can be found, asked for once."""
        if number not in self._first:
            one = self._snapshot.segments[number]
            (self._first[number],) = self._snapshot.vector_search.of(number).search(
                self._row[np.newaxis], DEPTH, allowed=one.searchable
            )
        return self._first[number]
