"""What a convex fusion has to look at exactly.

Every BM25 score is at hand, and cosines within ``MARGIN`` of the exact ones: of everything, or of
the nearest and of those with the best words. A fused score is monotone in the cosine, so whatever
comes near enough to the k-th best by these rough scores is all that can be among the k best by the
exact ones; and what is not known is no better than its words and the last of the nearest allow:
the threshold algorithm of Fagin et al. (2003), section 4, over those two lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.exact import MARGIN
from retrieval.query.convex import LEAST_COSINE, convex
from retrieval.vectors import Bitmap

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

    def least_lexical(self, dense: float, fused: float) -> float:
        """Return a BM25 score that reaches a fused score where no cosine is above ``dense``.

        Whatever has less does not reach it; infinity where no words do.
        """
        lacking = fused - float(self.fused(np.array([dense]), np.zeros(1))[0])
        if lacking <= _ROUNDING:
            return 0.0
        if self.weight >= 1 or self.greatest_lexical <= 0:
            return np.inf
        return (lacking - _ROUNDING) / (1.0 - self.weight) * self.greatest_lexical * (1 - 1e-12)


class Seen(NamedTuple):
    """What is known of one segment's documents, or of its passages.

    Attributes:
        units: int64 (n,), ascending: those whose cosines are known; None for all.
        cosines: float32 (n,), within ``MARGIN`` of the exact ones.
        rest: No other that may be found has a greater cosine, as far as the search that found
            these knows.
    """

    units: NDArray[np.int64] | None
    cosines: NDArray[np.float32]
    rest: float = -np.inf


class Look(NamedTuple):
    """What is worth an exact look.

    Attributes:
        chosen: For each segment int64 (m,), ascending.
        sure: Whatever has at least this fused score, exactly, is among them.
    """

    chosen: list[NDArray[np.int64]]
    sure: float


def worth_a_look(
    seen: Sequence[Seen],
    lexical: Sequence[NDArray[np.float64]],
    findable: Sequence[Bitmap | None],
    scale: FusionScale,
    k: int,
) -> Look:
    """Return what can be among the k best by fused score, by what is known of cosines.

    Args:
        seen: For each segment, what is known of its n units.
        lexical: For each segment float64 (n,), BM25 scores.
        findable: For each segment bool (n,), True where a unit may be found; None for all.
        scale: How the two are fused.
        k: At least 1.

    Returns:
        The k best of all with whatever is equal to the last of them, and a few more.
    """
    fused = []
    for (units, cosines, _), words, own in zip(seen, lexical, findable, strict=True):
        scores = scale.fused(cosines.astype(np.float64), words if units is None else words[units])
        if own is not None:
            scores[~(own if units is None else own[units])] = -np.inf
        fused.append(scores)
    every = np.concatenate([np.empty(0), *fused])
    bound = -np.inf
    if k < len(every):
        bound = float(np.partition(every, len(every) - k)[len(every) - k])
    least = bound - 2 * scale.margin  # nothing lower can be among the k best
    chosen = []
    for one, scores, words, own in zip(seen, fused, lexical, findable, strict=True):
        near = np.flatnonzero(scores >= least if bound > -np.inf else scores > -np.inf)
        if one.units is not None:
            near = np.union1d(one.units[near], _unseen(one, words, own, scale, least))
        chosen.append(near)
    return Look(chosen, bound - scale.margin)


def _unseen(
    seen: Seen,
    words: NDArray[np.float64],
    findable: Bitmap | None,
    scale: FusionScale,
    least: float,
) -> NDArray[np.int64]:
    """Return units of unknown cosine that may reach a fused score: int64 (m,), ascending."""
    if seen.rest == -np.inf:
        return np.empty(0, dtype=np.int64)
    enough = words >= scale.least_lexical(seen.rest, least)
    if findable is not None:
        enough &= findable
    enough[seen.units] = False
    return np.flatnonzero(enough)
