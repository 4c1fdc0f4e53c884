"""Probabilities of text queries' documents, where a curve was fitted for their way of ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.query.modes import Fusion, ModeOptions, SearchMode

if TYPE_CHECKING:
    from retrieval.query.scored import ScoredRanking
    from retrieval.store.reader import Snapshot
    from retrieval.store.score_curve import ScoreCurve


def curve_for(snapshot: Snapshot, options: ModeOptions) -> ScoreCurve | None:
    """Return the curve that was fitted for this way of ranking; None if there is none.

    Another fusion, weight or BM25 parameter makes other scores, which the curve says nothing of.
    """
    wanted = terms_of(snapshot, options)
    for one in snapshot.manifest.curves:
        if (one.mode, one.fusion, one.weight, one.k1, one.b) == wanted:
            return one
    return None


def terms_of(
    snapshot: Snapshot, options: ModeOptions
) -> tuple[str, str, float | None, float, float]:
    """Return what a curve holds for: mode, fusion, weight, and BM25's k1 and b."""
    if options.mode is SearchMode.DENSE:
        return options.mode.value, "", None, 0.0, 0.0
    bm25 = options.bm25
    if options.mode is SearchMode.LEXICAL:
        return options.mode.value, "", None, bm25.k1, bm25.b
    weight = options.weight_in(snapshot) if options.fusion is Fusion.CONVEX else None
    return options.mode.value, options.fusion.value, weight, bm25.k1, bm25.b


def with_probabilities(
    snapshot: Snapshot, found: ScoredRanking, options: ModeOptions, *, filtered: bool
) -> ScoredRanking:
    """Return a ranking with the probability that each score stands for, if a curve tells it.

    Args:
        snapshot: The generation that was ranked.
        found: Documents of a text.
        options: By what they were ranked.
        filtered: Whether only some documents might be found: reciprocal ranks are then others.
    """
    by_rank = options.mode is SearchMode.HYBRID and options.fusion is Fusion.RRF
    curve = curve_for(snapshot, options)
    if curve is None or (filtered and by_rank):
        return found
    from retrieval.concept.calibration import Curve, CurveKind

    fitted = Curve(
        kind=CurveKind(curve.kind),
        slope=curve.slope,
        intercept=curve.intercept,
        scores=np.array(curve.scores),
        values=np.array(curve.values),
    )
    return replace(found, probabilities=fitted.probabilities(found.ranking.scores))
