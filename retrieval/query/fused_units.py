"""The documents, or the passages, of a snapshot that a convex fusion ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.index.grouping import search_documents
from retrieval.lexical.best import best_rows
from retrieval.query.cosines import DEPTH, Cosines
from retrieval.query.fused_scan import FusionScale, Look, Seen, worth_a_look
from retrieval.store.reader import Snapshot
from retrieval.vectors import Bitmap

DEPTH_A_HIT = 5
"""So many times what is wanted is asked for of the nearest: the last of them bounds all others."""
SCAN_SHARE = 8
"""From units / 8 that need a look on, one pass over all vectors costs less."""


class FusedUnits:
    """What one query may find, and how little of it has to be looked at.

    Args:
        snapshot: The generation to search.
        row: float32 (dim,), the query's embedding, a unit vector.
        allowed: For each segment bool (passages,), the passages that may be found; None for all.
        documents: For each segment bool (documents,), the documents that may be found; None for
            all. Without it passages are ranked.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        row: NDArray[np.float32],
        allowed: Sequence[Bitmap | None],
        documents: Sequence[Bitmap | None] | None = None,
    ) -> None:
        self.cosines = Cosines(snapshot, row)
        self._snapshot = snapshot
        self._row = row
        self._allowed = allowed
        self._by_passage = documents is None
        self._findable = allowed if documents is None else documents

    def look(self, lexical: Sequence[NDArray[np.float64]], scale: FusionScale, k: int) -> Look:
        """Return what can be among the k best by fused score.

        Args:
            lexical: For each segment float64 (units,), BM25 scores.
            scale: How the two are fused.
            k: At least 1.
        """
        depth = max(DEPTH, DEPTH_A_HIT * k)
        seen = [self._seen(number, words, depth) for number, words in enumerate(lexical)]
        found = worth_a_look(seen, lexical, self._findable, scale, k)
        if all(one.units is None for one in seen):
            return found
        seen = [
            self._widened(number, one, chosen)
            for number, (one, chosen) in enumerate(zip(seen, found.chosen, strict=True))
        ]
        return worth_a_look(seen, lexical, self._findable, scale, k)

    def _seen(self, number: int, words: NDArray[np.float64], depth: int) -> Seen:
        """Return the nearest units of a segment and the best by words; all if it is scanned."""
        if not self.cosines.is_approximate(number, depth):
            return Seen(None, self._every(number))
        findable = self._findable[number]
        units, scores = self._nearest(number, depth)
        worded = best_rows(words if findable is None else np.where(findable, words, 0.0), depth)
        known = np.union1d(units, worded)
        rest = float(scores[-1]) if len(scores) == depth else -np.inf
        return Seen(known, self._some(number, known), rest)

    def _widened(self, number: int, seen: Seen, chosen: NDArray[np.int64]) -> Seen:
        """Add what a first look has left of a segment to what is known of it."""
        if seen.units is None:
            return seen
        new = np.setdiff1d(chosen, seen.units, assume_unique=True)
        if len(new) * SCAN_SHARE > len(self._snapshot.segments[number].vectors):
            return Seen(None, self._every(number))
        units = np.concatenate([seen.units, new])
        cosines = np.concatenate([seen.cosines, self._some(number, new)])
        order = np.argsort(units)
        return Seen(units[order], cosines[order], seen.rest)

    def _nearest(self, number: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return a segment's nearest units, best first, and their cosines."""
        segment, allowed = self._snapshot.segments[number], self._allowed[number]
        if self._of_one_passage(number):
            found = self.cosines.nearest(number, count, allowed)
            return found.rows, found.scores
        (grouped,) = search_documents(
            self._snapshot.vector_search.of(number),
            self._row[np.newaxis],
            count,
            document_starts=segment.passage_starts,
            allowed=allowed,
        )
        return grouped.documents, grouped.scores

    def _every(self, number: int) -> NDArray[np.float32]:
        own = self.cosines.every(number)
        if self._of_one_passage(number):
            return own
        return np.maximum.reduceat(own, self._snapshot.segments[number].passage_starts[:-1])

    def _some(self, number: int, units: NDArray[np.int64]) -> NDArray[np.float32]:
        if self._of_one_passage(number) or not len(units):
            return self.cosines.some(number, units)
        rows, borders = passages_of(self._snapshot.segments[number].passage_starts, units)
        return np.maximum.reduceat(self.cosines.some(number, rows), borders)

    def _of_one_passage(self, number: int) -> bool:
        """Tell whether the units of a segment are its rows."""
        one = self._snapshot.segments[number].segment
        return self._by_passage or one.documents == one.passages


def passages_of(
    starts: NDArray[np.int64], documents: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of documents one behind the other, and where those of each begin.

    Args:
        starts: int64 (documents + 1,), the first row of each document of a segment.
        documents: int64 (n,), ordinals.
    """
    sizes = starts[documents + 1] - starts[documents]
    borders = np.cumsum(sizes) - sizes
    return np.repeat(starts[documents] - borders, sizes) + np.arange(int(sizes.sum())), borders
