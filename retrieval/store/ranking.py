"""Where documents lie in a generation, and rankings of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.records import Document, Span


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
