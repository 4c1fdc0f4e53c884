"""Scoring documents by the mean of their passages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.index.grouping import DocumentNeighbours
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap, FloatRows, document_means

Score: TypeAlias = Callable[[FloatRows], NDArray[np.float64]]
"""Gives rows, float32 (n, dim), their scores, float64 (n,)."""

_AT_ONCE = 4096


def best_means(
    segment: OpenSegment, score: Score, k: int, live: Bitmap | None
) -> DocumentNeighbours:
    """Score the documents of a segment by their means; keep the k best.

    Args:
        segment: The segment.
        score: Gives rows their scores.
        k: At least 1.
        live: bool (documents,), the live documents that may be found; None for all.
    """
    found = (~segment.deleted if live is None else live) & ~segment.empty
    allowed = np.flatnonzero(found)
    starts = segment.passage_starts
    scores = np.empty(segment.segment.documents)
    for first in range(0, len(scores), _AT_ONCE):
        last = min(first + _AT_ONCE, len(scores))
        if not found[first:last].any():
            continue
        rows = segment.vectors[starts[first] : starts[last]]
        means = document_means(rows, starts[first : last + 1] - starts[first])
        scores[first:last] = score(means)
    chosen = allowed[np.argsort(-scores[allowed], kind="stable")[:k]]
    best = [
        start + int(score(segment.vectors[start:end]).argmax())
        for start, end in zip(starts[chosen].tolist(), starts[chosen + 1].tolist(), strict=True)
    ]
    return DocumentNeighbours(chosen, np.array(best, dtype=np.int64), scores[chosen])
