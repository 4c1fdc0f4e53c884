"""From scores to probabilities, and how far to trust them.

Probabilities never rank: they are read off a curve that is fitted to out-of-fold scores.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.solver import expit
from retrieval.errors import UsageError

ISOTONIC_LABELS = 1000
"""Labels from which a curve of any rising shape is tried beside Platt's."""
BINS = 10
"""Groups of equally many documents that calibration error is measured in."""
SIMULATIONS = 200
_MOST_STEPS = 100


class CurveKind(StrEnum):
    """What shape a calibration curve has."""

    PLATT = "platt"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A rising curve from standardised scores to probabilities.

    Attributes:
        kind: Its shape.
        slope: Platt: log-odds a unit of score.
        intercept: Platt: log-odds at score 0.
        scores: Isotonic: float64 (knots,), ascending; linear between them, flat outside.
        values: Isotonic: float64 (knots,), probabilities there, inside (0, 1).
    """

    kind: CurveKind
    slope: float
    intercept: float
    scores: NDArray[np.float64]
    values: NDArray[np.float64]

    def probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each score, among documents such as those labelled."""
        if self.kind is CurveKind.ISOTONIC:
            return np.asarray(np.interp(scores, self.scores, self.values), dtype=np.float64)
        return expit(self.slope * scores + self.intercept)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationErrors:
    """How far probabilities are off, beside what a perfect model would show.

    The floors are means over simulated labels that really have these probabilities: with
    few labels even a perfect model shows an error.

    Attributes:
        brier: Mean squared difference of probability and label (Brier (1950)).
        brier_floor: Its floor.
        log_loss: Mean of ``-log`` of the probability of what is the case.
        log_loss_floor: Its floor.
        ece: Expected calibration error (Naeini et al. (2015)), in ten groups of equally
            many documents: the mean distance of mean probability and share of positives.
        ece_floor: Its floor.
    """

    brier: float
    brier_floor: float
    log_loss: float
    log_loss_floor: float
    ece: float
    ece_floor: float


def platt(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> Curve:
    """Fit a logistic curve to out-of-fold scores.

    Platt (1999): ``p = 1 / (1 + exp(-(a s + b)))``, fitted to smoothed labels, ``(P + 1) / (P
    + 2)`` and ``1 / (N + 2)`` for P positive and N negative ones, so that a perfect separation
    of few labels does not become certainty. A falling curve is flattened to a constant: it
    would say that the ranking is upside down.

    Args:
        scores: float64 (n,).
        labels: bool (n,), both values among them.

    Raises:
        UsageError: Every label is the same.
    """
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not (positives and negatives):
        raise UsageError("Every label is the same; probabilities need both.")
    wanted = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    columns = np.stack([scores, np.ones_like(scores)], axis=1)
    line = np.array([0.0, np.log((positives + 1) / (negatives + 1))])
    value = _cross_entropy(columns @ line, wanted)
    for _ in range(_MOST_STEPS):
        chance = expit(columns @ line)
        slope = columns.T @ (chance - wanted)
        curve = columns.T @ (columns * (chance * (1 - chance))[:, np.newaxis])
        step = np.linalg.solve(curve + 1e-9 * np.eye(2), -slope)
        factor = 1.0
        while (tried := _cross_entropy(columns @ (line + factor * step), wanted)) > value:
            factor /= 2
            if factor < 1e-9:
                break
        if value - tried < 1e-10 * max(value, 1.0):
            break
        line, value = line + factor * step, tried
    if line[0] <= 0.0:
        line = np.array([0.0, np.log(wanted.mean() / (1 - wanted.mean()))])
    none = np.empty(0)
    return Curve(
        kind=CurveKind.PLATT,
        slope=float(line[0]),
        intercept=float(line[1]),
        scores=none,
        values=none,
    )


def isotonic(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> Curve:
    """Fit the best rising curve by pooling adjacent violators (Zadrozny and Elkan (2002)).

    Each pool of k positives among n is taken as ``(k + 1) / (n + 2)`` at its mean score, then
    pooled again where that breaks the order; so no probability is 0 or 1.
    """
    order = np.argsort(scores, kind="stable")
    at, label = scores[order], labels[order].astype(np.float64)
    pools: list[tuple[float, float, float]] = []  # positives, documents, sum of scores
    for score, value in zip(at.tolist(), label.tolist(), strict=True):
        pools.append((value, 1.0, score))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
    found, counts, sums = np.array(pools).T
    knots = sums / counts
    values = np.maximum.accumulate((found + 1) / (counts + 2))
    return Curve(kind=CurveKind.ISOTONIC, slope=0.0, intercept=0.0, scores=knots, values=values)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibrated:
    """A curve and how far off it is on documents it was not fitted on.

    Attributes:
        curve: Fitted on all labels.
        errors: Measured across folds.
    """

    curve: Curve
    errors: CalibrationErrors


def calibrate(
    scores: NDArray[np.float64],
    labels: NDArray[np.bool_],
    fold_of: NDArray[np.int32],
    *,
    seed: int,
) -> Calibrated:
    """Fit a calibration curve to out-of-fold scores and measure it across folds.

    Below 1,000 labels the curve is Platt's; above, the one with the lower log loss across
    folds.

    Args:
        scores: float64 (n,), out of fold, standardised.
        labels: bool (n,), both values in every fold.
        fold_of: int32 (n,), the fold of each.
        seed: Of the simulated floors.
    """
    kinds = {CurveKind.PLATT: platt}
    if len(labels) >= ISOTONIC_LABELS:
        kinds[CurveKind.ISOTONIC] = isotonic
    crossed = {}
    for kind, fitted in kinds.items():
        chances = np.empty(len(labels))
        for fold in np.unique(fold_of):
            left = fold_of == fold
            chances[left] = fitted(scores[~left], labels[~left]).probabilities(scores[left])
        crossed[kind] = chances
    best = min(crossed, key=lambda kind: log_loss(crossed[kind], labels))
    return Calibrated(
        curve=kinds[best](scores, labels),
        errors=calibration_errors(crossed[best], labels, seed=seed),
    )


def with_prevalence(
    chances: NDArray[np.float64], labelled_share: float, prevalence: float
) -> NDArray[np.float64]:
    """Return probabilities among the corpus from those among labels of another mixture.

    Saerens et al. (2002): odds are multiplied by ``(q / (1 - q)) / (s / (1 - s))``; q: share of
    positives in the corpus; s: their share among the labels. Right where labels of each kind
    are typical of their kind.

    Args:
        chances: float64 (n,), inside (0, 1).
        labelled_share: s, inside (0, 1).
        prevalence: q, inside (0, 1).
    """
    shift = _log_odds(prevalence) - _log_odds(labelled_share)
    return expit(np.log(chances) - np.log1p(-chances) + shift)


def calibration_errors(
    chances: NDArray[np.float64], labels: NDArray[np.bool_], *, seed: int
) -> CalibrationErrors:
    """Measure probabilities against labels, and what a perfect model would show.

    Args:
        chances: float64 (n,), inside (0, 1).
        labels: bool (n,).
        seed: Of the simulation.
    """
    generator = np.random.default_rng(seed)
    simulated = generator.random((SIMULATIONS, len(chances))) < chances
    return CalibrationErrors(
        brier=brier(chances, labels),
        brier_floor=float((chances * (1 - chances)).mean()),
        log_loss=log_loss(chances, labels),
        log_loss_floor=float(np.mean([log_loss(chances, one) for one in simulated])),
        ece=expected_calibration_error(chances, labels),
        ece_floor=float(np.mean([expected_calibration_error(chances, one) for one in simulated])),
    )


def brier(chances: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the mean squared difference of probability and label, in [0, 1]."""
    return float(((chances - labels) ** 2).mean())


def log_loss(chances: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """Return the mean of ``-log`` of the probability of what is the case; at least 0."""
    said = np.where(labels, chances, 1 - chances)
    return float(-np.log(np.maximum(said, 1e-15)).mean())


def expected_calibration_error(
    chances: NDArray[np.float64], labels: NDArray[np.bool_], bins: int = BINS
) -> float:
    """Return the mean distance of probability and share of positives, in [0, 1].

    Documents are put by probability into groups of equally many.
    """
    order = np.argsort(chances, kind="stable")
    groups = np.array_split(order, min(bins, len(order)))
    return float(
        sum(abs(float(chances[one].sum()) - float(labels[one].sum())) for one in groups)
        / len(order)
    )


def _cross_entropy(log_odds: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    return float((np.logaddexp(0.0, log_odds) - wanted * log_odds).sum())


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
