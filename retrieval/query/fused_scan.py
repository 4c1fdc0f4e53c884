"""One pass over all vectors, which says what a convex fusion has to look at exactly.

Every row is scored once in single precision, within ``MARGIN`` of its exact score, and every BM25
score is at hand. A fused score is monotone in the cosine, so whatever comes near enough to the
k-th best by these rough scores is all that can be among the k best by the exact ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.exact import MARGIN
from retrieval.query.convex import LEAST_COSINE, convex
from retrieval.store.reader import Snapshot
from retrieval.vectors import Bitmap, exact_scores

_ROUNDING = 1e-12
"""Above the error of fusing two scores in double precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionScale:
    """What one query's scores are fused by; see ``convex``.

    Attributes:
        greatest_dense: The greatest cosine of any passage of the index that can be found.
        greatest_lexical: The greatest BM25 score; 0 where no passage has a word.
        weight: The share of meaning, 0 to 1.
    """

    greatest_dense: float
    greatest_lexical: float
    weight: float

    def fused(
        self, dense: NDArray[np.float64], lexical: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return fused scores: float64 (n,), of float64 (n,) cosines and BM25 scores."""
        return convex(
            dense,
            lexical,
            greatest_dense=self.greatest_dense,
            greatest_lexical=self.greatest_lexical,
            weight=self.weight,
        )

    @property
    def margin(self) -> float:
        """By how much at most a rough cosine moves a fused score."""
        width = self.greatest_dense - LEAST_COSINE
        moved = self.weight * MARGIN / width if width > 0 else 0.0
        return moved + _ROUNDING


class CosineScan:
    """The rough cosines of all passages of a snapshot with one vector.

    Args:
        snapshot: The generation.
        row: float32 (dim,), a unit vector.

    Attributes:
        passages: For each segment float32 (passages,).
    """

    def __init__(self, snapshot: Snapshot, row: NDArray[np.float32]) -> None:
        self._snapshot = snapshot
        self._row = row
        self.passages = [one.index.rough_scores(row) for one in snapshot.segments]

    def documents(self) -> list[NDArray[np.float32]]:
        """Return for each segment float32 (documents,): each document by its best passage."""
        return [
            own
            if one.segment.documents == len(own)
            else np.maximum.reduceat(own, one.passage_starts[:-1])
            for one, own in zip(self._snapshot.segments, self.passages, strict=True)
        ]

    def greatest(self) -> float:
        """Return the greatest exact cosine of any passage that can be found; 0 without any."""
        best = []
        for one, own in zip(self._snapshot.segments, self.passages, strict=True):
            findable = own if one.searchable is None else own[one.searchable]
            best.append(float(findable.max()) if len(findable) else -np.inf)
        bound = max(best, default=-np.inf)
        if bound == -np.inf:
            return 0.0
        greatest = []
        for one, own in zip(self._snapshot.segments, self.passages, strict=True):
            near = own >= bound - 2 * MARGIN
            rows = np.flatnonzero(near if one.searchable is None else near & one.searchable)
            if len(rows):
                greatest.append(float(exact_scores(one.vectors[rows], self._row).max()))
        return max(greatest)


class Look(NamedTuple):
    """What is worth an exact look.

    Attributes:
        chosen: For each segment int64 (m,), ascending.
        sure: Whatever has at least this fused score, exactly, is among them.
    """

    chosen: list[NDArray[np.int64]]
    sure: float


def worth_a_look(
    rough: Sequence[NDArray[np.float32]],
    lexical: Sequence[NDArray[np.float64]],
    findable: Sequence[Bitmap | None],
    scale: FusionScale,
    k: int,
) -> Look:
    """Return what can be among the k best by fused score, given rough cosines.

    Args:
        rough: For each segment float32 (n,), cosines within ``MARGIN`` of the exact ones.
        lexical: For each segment float64 (n,), BM25 scores.
        findable: For each segment bool (n,), True where a row may be found; None for all.
        scale: How the two are fused.
        k: At least 1.

    Returns:
        The k best of all with whatever is equal to the last of them, and a few more.
    """
    fused = []
    for dense, words, own in zip(rough, lexical, findable, strict=True):
        scores = scale.fused(dense.astype(np.float64), words)
        if own is not None:
            scores[~own] = -np.inf
        fused.append(scores)
    every = np.concatenate([np.empty(0), *fused])
    bound = -np.inf
    if k < len(every):
        bound = float(np.partition(every, len(every) - k)[len(every) - k])
    if bound == -np.inf:
        return Look([np.flatnonzero(one > -np.inf) for one in fused], -np.inf)
    least = bound - 2 * scale.margin
    return Look([np.flatnonzero(one >= least) for one in fused], bound - scale.margin)
