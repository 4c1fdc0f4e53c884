"""Relevant or not, with a score: the "quasi-IR" view of a classifier, without a cut.

Every row has a score, so nothing depends on a depth. Equal scores are one group, which a
threshold takes whole; so no figure depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.results import RankingFigures

LEVELS = 101
"""Recall levels of an interpolated curve: 0, 0.01, ... 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestThreshold:
    """The cut that gives the best value of a measure.

    Attributes:
        value: The measure there, in [0, 1].
        threshold: A row counts as relevant from this score on (>=); the highest of equally
            good ones; ``inf`` where it is best to call nothing relevant.
    """

    value: float
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrecisionRecall:
    """Precision and recall at every distinct score, from the highest down.

    Attributes:
        thresholds: float64 (groups,), descending.
        precision: float64 (groups,), in [0, 1], among the rows of at least that score.
        recall: float64 (groups,), in [0, 1], ascending; 0 where no row is relevant.
    """

    thresholds: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreHistogram:
    """How scores of relevant and of other rows are spread.

    Attributes:
        edges: float64 (bins + 1,), ascending; the last bin holds its upper border too.
        relevant: int64 (bins,).
        non_relevant: int64 (bins,).
    """

    edges: NDArray[np.float64]
    relevant: NDArray[np.int64]
    non_relevant: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredLabels:
    """Labels and scores of one query, sorted once; every figure is read off the groups.

    Attributes:
        thresholds: float64 (groups,), the distinct scores, descending.
        found: int64 (groups,), relevant rows of at least that score.
        ranked: int64 (groups,), rows of at least that score.
        unranked: Relevant rows that have no score, so that no threshold finds them; 0
            where every row was scored.
    """

    thresholds: NDArray[np.float64]
    found: NDArray[np.int64]
    ranked: NDArray[np.int64]
    unranked: int = 0

    @classmethod
    def from_columns(cls, labels: ArrayLike, scores: ArrayLike, *, unranked: int = 0) -> Self:
        """Sort the rows of one query.

        Args:
            labels: bool (n,), True where a row is relevant.
            scores: Floating (n,), finite; higher is better.
            unranked: Relevant rows beyond these n that have no score; at least 0.

        Raises:
            UsageError: The columns do not fit each other, labels are not bool, a score is
                NaN or infinite, or ``unranked`` is negative.
        """
        relevant, score = checked_columns(labels, scores)
        if unranked < 0:
            raise UsageError(f"There cannot be {unranked} unranked relevant rows.")
        order = np.argsort(-score, kind="stable")
        ends = group_ends(score[order])
        return cls(
            thresholds=score[order][ends],
            found=np.cumsum(relevant[order], dtype=np.int64)[ends],
            ranked=ends + 1,
            unranked=unranked,
        )

    @classmethod
    def pooled(cls, queries: Sequence[ScoredLabels]) -> Self:
        """Put the rows of several queries into one ranking by score.

        Raises:
            UsageError: There are no queries.
        """
        if not queries:
            raise UsageError("There are no queries to pool.")
        every = np.concatenate([one.thresholds for one in queries])
        order = np.argsort(-every, kind="stable")
        ends = group_ends(every[order])
        found = np.concatenate([np.diff(one.found, prepend=0) for one in queries])
        ranked = np.concatenate([np.diff(one.ranked, prepend=0) for one in queries])
        return cls(
            thresholds=every[order][ends],
            found=np.cumsum(found[order], dtype=np.int64)[ends],
            ranked=np.cumsum(ranked[order], dtype=np.int64)[ends],
            unranked=sum(one.unranked for one in queries),
        )

    @property
    def rows(self) -> int:
        """Rows with a score."""
        return int(self.ranked[-1]) if len(self.ranked) else 0

    @property
    def relevant(self) -> int:
        """Relevant rows, those without a score included."""
        return (int(self.found[-1]) if len(self.found) else 0) + self.unranked

    def average_precision(self) -> float:
        """Return AP, the area under the precision-recall steps.

        ``AP = sum_g P(g) rel(g) / R`` over groups g of equal scores, best first; P(g): share
        of relevant rows among those of g and of better groups; rel(g): relevant rows of g;
        R: relevant rows. A constant score gives the share of relevant rows. 0 where no row
        is relevant (Buckley and Voorhees (2000) define AP, trec_eval the 0).

        Returns:
            In [0, 1].
        """
        if self.relevant == 0:
            return 0.0
        precision = self.found / self.ranked
        return float(np.diff(self.found, prepend=0) @ precision) / self.relevant

    def best_f1(self) -> BestThreshold:
        """Return the best F1 over all cuts between distinct scores.

        ``F1 = 2 f / (r + R)``; r: rows of at least the threshold; f: relevant ones among
        them; R: relevant rows. A cut never splits a group of equal scores, which would use
        an order that the scores do not give. 0 from ``inf`` on where no row is relevant.
        """
        f1 = 2 * self.found / np.maximum(self.ranked + self.relevant, 1)
        if not f1.any():
            return BestThreshold(value=0.0, threshold=np.inf)
        best = int(f1.argmax())
        return BestThreshold(value=float(f1[best]), threshold=float(self.thresholds[best]))

    def best_accuracy(self) -> BestThreshold:
        """Return the best share of rows on the right side of a cut, or of no cut.

        ``accuracy = (f + N - (r - f)) / n``; r: rows of at least the threshold; f: relevant
        ones among them; N: rows that are not relevant; n: all rows. Calling nothing
        relevant (``inf``) gives N / n.

        Raises:
            UsageError: There are no rows.
        """
        count = self.rows + self.unranked
        if count == 0:
            raise UsageError("There are no rows, so there is no accuracy.")
        right = np.concatenate(([0], 2 * self.found - self.ranked)) + count - self.relevant
        best = int(right.argmax())
        threshold = float(self.thresholds[best - 1]) if best else np.inf
        return BestThreshold(value=float(right[best] / count), threshold=threshold)

    def precision_recall(self) -> PrecisionRecall:
        """Return precision and recall at every distinct score."""
        return PrecisionRecall(
            thresholds=self.thresholds,
            precision=self.found / self.ranked,
            recall=self.found / max(self.relevant, 1),
        )

    def interpolated_precision(self, levels: int = LEVELS) -> NDArray[np.float64]:
        """Return the best precision at each recall level or beyond it.

        Recall levels are compared as whole numbers of relevant rows, since 0.57 of 100 is
        not 57 in floating point.

        Args:
            levels: Evenly spaced from recall 0 to 1; at least 2.

        Returns:
            float64 (levels,), descending, in [0, 1]; 0 where the recall is not reached and
            where no row is relevant.

        Raises:
            UsageError: ``levels`` is below 2.
        """
        if levels < 2:
            raise UsageError(f"{levels} recall levels were asked for; 2 is the least.")
        steps = levels - 1
        needed = -(-np.arange(levels) * self.relevant // steps)
        onward = np.maximum.accumulate((self.found / self.ranked)[::-1])[::-1]
        return np.append(onward, 0.0)[np.searchsorted(self.found, needed)]

    def precision_at(self, ranks: ArrayLike) -> NDArray[np.float64]:
        """Return precision at ranks: the expectation where a rank cuts a group in two.

        McSherry and Najork (2008): with the rows of a group in random order, each of its
        ranks holds a relevant row with the group's share of them.

        Args:
            ranks: Integers (m,), at least 1; beyond the last row, precision goes on falling.

        Returns:
            float64 (m,), in [0, 1].

        Raises:
            UsageError: A rank is not a whole number of at least 1.
        """
        asked = np.asarray(ranks)
        if asked.ndim != 1 or asked.dtype.kind not in "iu" or (asked < 1).any():
            raise UsageError(f"Ranks are whole numbers from 1 on; found {ranks!r}.")
        # found grows linearly through a group, and stays where it is after the last
        found = np.interp(asked, np.append(0, self.ranked), np.append(0, self.found))
        return np.asarray(found / asked, dtype=np.float64)

    def histogram(self, bins: int) -> ScoreHistogram:
        """Count relevant and other rows in equal bins between lowest and highest score.

        Args:
            bins: At least 1. Where all scores are equal, the bins cover that score +- 0.5.

        Raises:
            UsageError: ``bins`` is below 1.
        """
        if bins < 1:
            raise UsageError(f"{bins} bins were asked for; 1 is the least.")
        relevant = np.diff(self.found, prepend=0)
        other = np.diff(self.ranked, prepend=0) - relevant
        edges = np.histogram_bin_edges(self.thresholds, bins)
        counts = [np.histogram(self.thresholds, edges, weights=one)[0] for one in (relevant, other)]
        return ScoreHistogram(
            edges=edges,
            relevant=np.rint(counts[0]).astype(np.int64),
            non_relevant=np.rint(counts[1]).astype(np.int64),
        )


def checked_columns(
    labels: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return labels as bool (n,) and scores as float64 (n,).

    Raises:
        UsageError: They do not fit each other, labels are not bool, or a score is NaN or
            infinite.
    """
    relevant, score = np.asarray(labels), np.asarray(scores)
    if relevant.ndim != 1 or relevant.shape != score.shape:
        raise UsageError(
            f"Labels have the shape {relevant.shape} and scores {score.shape}; both are (n,)."
        )
    if len(relevant) and relevant.dtype != np.bool_:
        raise UsageError(
            f"Labels are {relevant.dtype}, not bool.",
            fix="Say which of them are relevant, such as labels == 'positive'.",
        )
    wide = score.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(wide))
    if len(bad):
        raise UsageError(
            f"Score {wide[bad[0]]} in row {bad[0]} ({len(bad)} such rows); scores are finite."
        )
    return relevant.astype(np.bool_), wide


def group_ends(sorted_scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the last row of each group of equal scores: int64 (groups,), ascending."""
    last = np.ones(len(sorted_scores), dtype=np.bool_)
    np.not_equal(sorted_scores[1:], sorted_scores[:-1], out=last[:-1])
    return np.flatnonzero(last).astype(np.int64)


def ranking_figures(
    system: str, queries: Sequence[ScoredLabels], *, ranks: Sequence[int], bins: int = 40
) -> RankingFigures:
    """Return what can be drawn of a system: curves as means over queries, scores pooled.

    Args:
        system: Its name.
        queries: Every judged query; at least one.
        ranks: Where to read precision by rank; ascending, at least 1.
        bins: Bins of the histogram of all queries' scores.

    Raises:
        UsageError: There are no queries, a rank is below 1, or ``bins`` is.
    """
    pooled = ScoredLabels.pooled(queries)
    best = pooled.best_f1()
    histogram = pooled.histogram(bins)
    curves = np.mean([one.interpolated_precision() for one in queries], axis=0)
    by_rank = np.mean([one.precision_at(np.asarray(ranks, dtype=int)) for one in queries], axis=0)
    none = not np.isfinite(best.threshold)
    return RankingFigures(
        system=system,
        recall=tuple(level / (LEVELS - 1) for level in range(LEVELS)),
        precision=tuple(curves.tolist()),
        rank=tuple(int(one) for one in ranks),
        precision_at_rank=tuple(by_rank.tolist()),
        edges=tuple(histogram.edges.tolist()),
        relevant=tuple(histogram.relevant.tolist()),
        non_relevant=tuple(histogram.non_relevant.tolist()),
        threshold=None if none else best.threshold,
        best_f1=None if none else best.value,
    )
