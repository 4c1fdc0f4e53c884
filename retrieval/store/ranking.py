"""Where documents lie in a generation, and rankings of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.records import Document, Span
from retrieval.store.segment import OpenSegment


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document lies: its segment's number and its ordinal there."""

    segment: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best documents of one query, by score descending, then document id ascending.

    Attributes:
        segments: int32 (m,), segment of each document.
        ordinals: int64 (m,), ordinal of each document in its segment.
        rows: int64 (m,), row of its best passage in its segment.
        scores: float64 (m,), cosine similarities of those passages.
    """

    segments: NDArray[np.int32]
    ordinals: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, chosen: NDArray[np.int64] | slice) -> Ranking:
        """Return the chosen documents, in the order chosen."""
        return Ranking(
            self.segments[chosen], self.ordinals[chosen], self.rows[chosen], self.scores[chosen]
        )


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """The passage that a document was found by."""

    document: Document
    number: int
    span: Span


def sort_ties_by_id(
    order: NDArray[np.int64],
    opened: Sequence[OpenSegment],
    segments: NDArray[np.int32],
    ordinals: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> None:
    """Put documents of equal scores in order of id; within one segment they already are.

    Args:
        order: int64 (n,), by score descending; changed in place.
        opened: The segments.
        segments: int32 (n,), the segment of each document.
        ordinals: int64 (n,), its ordinal there.
        scores: float64 (n,).
    """
    ranked = scores[order]
    borders = np.flatnonzero(np.diff(ranked)) + 1
    for start, end in zip([0, *borders], [*borders, len(order)], strict=True):
        tied = order[start:end]
        if end - start > 1 and len(np.unique(segments[tied])) > 1:
            by_id = sorted(
                tied.tolist(),
                key=lambda at: opened[int(segments[at])].id_bytes(int(ordinals[at])),
            )
            order[start:end] = by_id
