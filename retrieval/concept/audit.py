"""Judging a random sample: how frequent positives are, and what probabilities are worth.

Labels that were chosen say how scores of the two kinds differ, not how frequent each is, and
labels chosen near the border say even that too weakly. A random sample of the corpus, judged,
corrects both by two numbers. How well was simulated on rt_polarity (all-MiniLM-L6-v2,
no test rows): 4,000 documents, 200 of them labelled (60 at 5 % positives, 24 at 1 %), calibration
error on the rest, mean of 25 draws. *Typical*: labels drawn at random from each kind; *active*:
those nearest to the border.

===================  ========  =======  ===========  ===========  ===========
positives, labels    judged    as is    EM           shift        two numbers
===================  ========  =======  ===========  ===========  ===========
50 %, typical        50 / 200  .035     .071 / .062  .048 / .038  .060 / .040
50 %, active         50 / 200  .097     .228 / .224  .118 / .105  .083 / .044
20 %, typical        50 / 200  .232     .054 / .048  .052 / .026  .055 / .027
20 %, active         50 / 200  .099     .200 / .200  .090 / .091  .046 / .040
5 %, typical         50 / 200  .404     .137 / .137  .028 / .023  .026 / .017
5 %, active          50 / 200  .181     .434 / .343  .029 / .021  .029 / .020
1 %, typical         50 / 200  .464     .290 / .209  .018 / .009  .013 / .008
1 %, active          50 / 200  .221     .208 / .313  .014 / .009  .014 / .008
===================  ========  =======  ===========  ===========  ===========

*Shift* multiplies odds by the ratio of mixtures (Saerens et al. (2002)) with the share among the
judged; *EM* takes the share from unlabelled scores instead, as they propose; *two numbers* is
``recalibrate``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.calibration import CalibrationErrors, calibration_errors
from retrieval.concept.crossfit import average_precision
from retrieval.concept.figure import Figure
from retrieval.concept.promise import Cut, lower_share
from retrieval.concept.solver import expit

LEAST_JUDGED = 20
"""Judged documents below which an audit says nothing."""
SLOPE_SPREAD = 0.5
"""Standard deviation, before judgments, of the log of the slope."""
TOPS = (0.1, 0.25, 0.5)
"""Shares of the corpus whose precision is told."""
_MISS = 0.025
_FOLDS = 10
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """What judgments say of the first documents of the ranking.

    Attributes:
        share: Share of the corpus.
        judged: Judged documents among them.
        positives: Positive ones of these.
        precision: Their share, with its exact 95 % interval; None where none was judged.
    """

    share: float
    judged: int
    positives: int
    precision: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """A straight line from log-odds among labels to log-odds in the corpus.

    Attributes:
        slope: Above 0; 1 leaves differences as they are.
        shift: Added.
    """

    slope: float
    shift: float

    def probabilities(self, chances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities in the corpus of those among labels: float64 (n,) in (0, 1)."""
        return expit(self.slope * _log_odds(chances) + self.shift)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A judged random sample of the corpus, and what it says of a concept.

    Attributes:
        created: When, ISO 8601 in UTC.
        seed: Of the draw.
        generation: Generation of the index that was drawn from.
        population: Documents that could be drawn.
        drawn: Documents that were drawn.
        source: Where judgments came from, in words.
        doc_ids: Documents that were judged, in the order of the draw.
        labels: What each was judged.
        skipped: Documents that were drawn and not judged.
        prevalence: Share of positives in the corpus, with its exact 95 % interval.
        recalibration: What turns probabilities among labels into those in the corpus.
        calibration: How far probabilities are off on the judged documents; what was
            re-estimated, across ten folds.
        average_precision: Of the judged documents; None where all are of one kind.
        tops: Precision of the first documents.
        cuts: What judgments say above each share of the corpus, smallest first.
    """

    created: str
    seed: int
    generation: int
    population: int
    drawn: int
    source: str
    doc_ids: tuple[str, ...]
    labels: tuple[bool, ...]
    skipped: tuple[str, ...]
    prevalence: Figure
    recalibration: Recalibration
    calibration: CalibrationErrors
    average_precision: Figure | None
    tops: tuple[Top, ...]
    cuts: tuple[Cut, ...]

    def record(self) -> dict[str, Any]:
        """Return the audit as JSON values."""
        kept = asdict(self)
        for name in ("doc_ids", "labels", "skipped"):
            kept[name] = list(kept[name])
        return kept

    def to_json(self) -> dict[str, Any]:
        """Return what a person or program is told of it: numbers for lists of documents."""
        told = self.record()
        judged = len(told.pop("doc_ids"))
        positives = sum(told.pop("labels"))
        skipped = len(told.pop("skipped"))
        return {"judged": judged, "positives": positives, "skipped": skipped, **told}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``record`` wrote.

        Raises:
            KeyError, TypeError: It is not that of an audit.
        """
        told = dict(record)
        found = told["average_precision"]
        told["average_precision"] = None if found is None else Figure(**found)
        told["prevalence"] = Figure(**told["prevalence"])
        told["recalibration"] = Recalibration(**told["recalibration"])
        told["calibration"] = CalibrationErrors(**told["calibration"])
        told["cuts"] = tuple(Cut(**one) for one in told["cuts"])
        told["tops"] = tuple(
            Top(**{**one, "precision": one["precision"] and Figure(**one["precision"])})
            for one in told["tops"]
        )
        for name in ("doc_ids", "labels", "skipped"):
            told[name] = tuple(told[name])
        return cls(**told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """What a judged random sample says; see ``Audit`` for the fields."""

    prevalence: Figure
    recalibration: Recalibration
    calibration: CalibrationErrors
    average_precision: Figure | None
    tops: tuple[Top, ...]


def estimate(
    scores: NDArray[np.float64],
    chances: NDArray[np.float64],
    labels: NDArray[np.bool_],
    cuts: Sequence[Cut],
    *,
    as_they_are: bool,
    seed: int,
) -> Estimates:
    """Say what a judged random sample tells of a concept.

    Args:
        scores: float64 (n,), standardised scores by models that did not see the documents.
        chances: float64 (n,), their probabilities among documents such as those labelled.
        labels: bool (n,), what they were judged.
        cuts: Judgments counted above the shares ``TOPS``.
        as_they_are: Whether the concept's own labels were a random sample, so that its
            probabilities are measured as they are.
        seed: Of intervals and floors.
    """
    shown = chances if as_they_are else _across_folds(chances, labels)
    ap = None
    if labels.any() and not labels.all():
        ap = Figure(**asdict(average_precision(labels, scores, seed=seed)))
    return Estimates(
        prevalence=share_of(int(labels.sum()), len(labels)),
        recalibration=recalibrate(chances, labels),
        calibration=calibration_errors(shown, labels, seed=seed),
        average_precision=ap,
        tops=tuple(_top(cut) for cut in cuts),
    )


def share_of(found: int, count: int) -> Figure:
    """Return a share with its 95 % interval by Clopper and Pearson (1934).

    Args:
        found: Successes.
        count: Trials, at least 1.
    """
    return Figure(
        value=found / count,
        low=lower_share(found, count, _MISS),
        high=1.0 - lower_share(count - found, count, _MISS),
    )


def recalibrate(chances: NDArray[np.float64], labels: NDArray[np.bool_]) -> Recalibration:
    """Fit slope and shift of log-odds to judgments, the slope held near 1.

    Cox (1958): ``logit p' = e^t logit p + b`` by maximum likelihood, with ``t^2 / (2 s^2)`` as
    penalty, s = 0.5, and half a positive and half a negative judgment spread evenly over the
    sample, so that judgments of one kind do not become certainty.

    Args:
        chances: float64 (n,), probabilities among labels, of documents that were not seen.
        labels: bool (n,), what was judged.
    """
    x = _log_odds(chances)
    count = len(x)
    weight = 1.0 + 1.0 / count
    wanted = (labels + 0.5 / count) / weight
    mean = float(wanted.mean())
    t, b = 0.0, float(np.log(mean / (1.0 - mean)) - x.mean())

    def loss(t: float, b: float) -> float:
        u = np.exp(t) * x + b
        fit = weight * float((np.logaddexp(0.0, u) - wanted * u).sum())
        return fit + t * t / (2 * SLOPE_SPREAD**2)

    value = loss(t, b)
    for _ in range(_MOST_STEPS):
        v = np.exp(t) * x
        chance = expit(v + b)
        off = weight * (chance - wanted)
        slope = np.array([off @ v + t / SLOPE_SPREAD**2, off.sum()])
        bend = weight * chance * (1.0 - chance)
        # without the second derivative of e^t, which could bend the wrong way
        curve = np.array([[bend @ (v * v) + 1 / SLOPE_SPREAD**2, bend @ v], [0.0, bend.sum()]])
        curve[1, 0] = curve[0, 1]
        step = np.linalg.solve(curve + 1e-9 * np.eye(2), -slope)
        factor = 1.0
        while (tried := loss(t + factor * step[0], b + factor * step[1])) > value:
            factor /= 2
            if factor < 1e-9:
                break
        if value - tried < 1e-10 * max(value, 1.0):
            break
        t, b, value = t + factor * float(step[0]), b + factor * float(step[1]), tried
    return Recalibration(slope=float(np.exp(t)), shift=b)


def _across_folds(chances: NDArray[np.float64], labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return recalibrated probabilities, each by the judgments of other folds."""
    fold = np.arange(len(labels)) % _FOLDS  # the order of the draw is random already
    found = np.empty(len(labels))
    for number in range(min(_FOLDS, len(labels))):
        left = fold == number
        found[left] = recalibrate(chances[~left], labels[~left]).probabilities(chances[left])
    return found


def _top(cut: Cut) -> Top:
    judged = cut.positives + cut.negatives
    return Top(
        share=cut.share,
        judged=judged,
        positives=cut.positives,
        precision=share_of(cut.positives, judged) if judged else None,
    )


def _log_odds(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(chances, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.log(inside) - np.log1p(-inside))
