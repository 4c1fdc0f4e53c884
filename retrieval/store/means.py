"""Ranking documents by the mean of their passages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.index.grouping import DocumentNeighbours
from retrieval.store.segment import OpenSegment
from retrieval.vectors import FloatRows, document_means

_MEANS_AT_ONCE = 4096

Score: TypeAlias = Callable[[FloatRows], NDArray[np.float64]]
"""Gives rows, float32 (n, dim), their scores, float64 (n,)."""


def best_means(segment: OpenSegment, score: Score, k: int) -> DocumentNeighbours:
    """Score every document of a segment by its mean; keep the k best."""
    allowed = np.flatnonzero(~(segment.deleted | segment.empty))
    starts = segment.passage_starts
    scores = np.empty(segment.segment.documents)
    for first in range(0, len(scores), _MEANS_AT_ONCE):
        last = min(first + _MEANS_AT_ONCE, len(scores))
        rows = segment.vectors[starts[first] : starts[last]]
        means = document_means(rows, starts[first : last + 1] - starts[first])
        scores[first:last] = score(means)
    chosen = allowed[np.argsort(-scores[allowed], kind="stable")[:k]]
    best = [
        start + int(score(segment.vectors[start:end]).argmax())
        for start, end in zip(starts[chosen].tolist(), starts[chosen + 1].tolist(), strict=True)
    ]
    return DocumentNeighbours(chosen, np.array(best, dtype=np.int64), scores[chosen])
