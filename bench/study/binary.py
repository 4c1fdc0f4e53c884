"""Figures of two classes: a ranking, and a cut that validation rows chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study.system import spread
from bench.study.work import Outcome
from retrieval.evaluate.bootstrap import Interval, macro_difference_interval, macro_interval
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.evaluate.weighted import average_precision, precision_at

Labels = NDArray[np.bool_]
TOP = 100
RESAMPLES = 1000


def binary_figures(outcomes: Sequence[Outcome], validation: Labels, test: Labels) -> dict[str, Any]:
    """Return AP, P@100, accuracy and F1 of a system's runs, with intervals over documents.

    Args:
        outcomes: Of the runs, each with arrays ``validation`` and ``test`` of scores.
        validation: Whether each validation row is positive.
        test: Whether each test row is.
    """
    scores = stacked(outcomes)
    truth = np.repeat(test[np.newaxis], len(outcomes), axis=0)
    found: dict[str, Any] = {}
    for name, statistic in (("AP", average_precision), (f"P@{TOP}", precision_at(TOP))):
        whole = macro_interval(truth, scores, statistic, seed=0, resamples=RESAMPLES)
        ranked = [ScoredLabels.from_columns(test, row) for row in scores]
        each = [
            one.average_precision() if name == "AP" else float(one.precision_at([TOP])[0])
            for one in ranked
        ]
        found[name] = {**spread(each), **ends(whole)}
    right, f1 = [], []
    for one, row in zip(outcomes, scores, strict=True):
        known = ScoredLabels.from_columns(validation, one.arrays["validation"])
        right.append((row >= known.best_accuracy().threshold) == test)
        f1.append(f1_at(test, row, known.best_f1().threshold))
    accuracy = np.mean(right, axis=1).tolist()
    found["accuracy"] = {**spread(accuracy), **over_documents(np.mean(right, axis=0))}
    found["F1"] = spread(f1)
    return found


def f1_at(test: Labels, scores: NDArray[np.float64], threshold: float) -> float:
    """Return ``F1 = 2 f / (r + R)`` of one cut; the symbols are those of ``ScoredLabels``."""
    given = scores >= threshold
    return float(2 * (given & test).sum() / max(int(given.sum() + test.sum()), 1))


def over_documents(values: NDArray[Any]) -> dict[str, float]:
    """Return the ends of a mean's interval over documents."""
    from retrieval.evaluate.bootstrap import mean_interval

    return ends(mean_interval(values, seed=0, resamples=RESAMPLES))


def difference(
    baseline: Sequence[Outcome], system: Sequence[Outcome], test: Labels
) -> dict[str, float]:
    """Return how much higher a system's AP is, paired by run and by document."""
    runs = min(len(baseline), len(system))
    truth = np.repeat(test[np.newaxis], runs, axis=0)
    found = macro_difference_interval(
        truth,
        stacked(baseline[:runs]),
        stacked(system[:runs]),
        average_precision,
        seed=0,
        resamples=RESAMPLES,
    )
    return {"mean": round(found.value, 4), **ends(found), "runs": runs}


def stacked(outcomes: Sequence[Outcome]) -> NDArray[np.float64]:
    """Return scores of test rows, float64 (runs, n)."""
    return np.stack([one.arrays["test"].astype(np.float64) for one in outcomes])


def ends(interval: Interval) -> dict[str, float]:
    """Return the ends of an interval as JSON values."""
    return {"low": round(interval.low, 4), "high": round(interval.high, 4)}
