"""Bootstrap intervals: what a figure would have been on other queries, or other documents.

Efron and Tibshirani (1993), chapter 13, the percentile interval: the figure is computed on
resamples drawn with replacement, and the interval lies between their quantiles. It is too
narrow for a handful of queries; so tasks with few queries resample documents.

How often a 95 % interval of AP over documents covers, in simulations with normal scores of
1,000 documents: 0.94 with 100 relevant ones, 0.91 with 20, and 0.7 with 5 ranked by chance.
With few of them it leans upward, since copies of a relevant document are found together, and
with a handful it can even lie above the figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import checked_columns, group_ends
from retrieval.evaluate.weighted import Counts, OnRows, Statistic

_CELLS = 1 << 21
"""Counts held at once; what is drawn does not depend on how many columns use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its bootstrap interval.

    Attributes:
        value: The figure itself, not a mean over resamples.
        low: Lower end of the interval.
        high: Upper end of it.
    """

    value: float
    low: float
    high: float


def mean_interval(
    values: ArrayLike, *, seed: int, resamples: int = 10_000, level: float = 0.95
) -> Interval:
    """Return the mean over queries with its interval; see ``mean_intervals``.

    Args:
        values: Floating (n,), one value a query; finite. A single one gives an interval of
            no width, which says nothing.
        seed: Of the resamples.
        resamples: How many are drawn.
        level: Share of them within the interval.

    Raises:
        UsageError: As ``mean_intervals``.
    """
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1:
        raise UsageError(f"Values have the shape {column.shape}; expected (n,), one a query.")
    (interval,) = mean_intervals(column[np.newaxis], seed=seed, resamples=resamples, level=level)
    return interval


def mean_intervals(
    values: ArrayLike, *, seed: int, resamples: int = 10_000, level: float = 0.95
) -> tuple[Interval, ...]:
    """Return means over queries with their intervals, all measures on the same resamples.

    Args:
        values: Floating (m, n), a row a measure, a column a query; finite.
        seed: Of the resamples; which ones are drawn depends on it and on n alone.
        resamples: How many are drawn.
        level: Share of them within the interval.

    Returns:
        One interval a measure.

    Raises:
        UsageError: The shape is another, there are no queries, a value is not finite, or the
            resamples are too few for the level.
    """
    rows = np.asarray(values, dtype=np.float64)
    _check_options(resamples, level)
    if rows.ndim != 2 or not rows.shape[1]:
        raise UsageError(
            f"Values have the shape {rows.shape}; expected (measures, queries) with at least"
            " one query."
        )
    if not np.isfinite(rows).all():
        raise UsageError("Some values are NaN or infinite; expected a finite one a query.")
    count = rows.shape[1]
    everything = [np.arange(count)]
    means = np.concatenate([drawn @ rows.T for drawn in _drawn(everything, count, seed, resamples)])
    # a mean lies between least and greatest value; beyond them is rounding
    least, greatest = rows.min(axis=1), rows.max(axis=1)
    found = np.clip(np.quantile(means / count, _tails(level), axis=0), least, greatest)
    return tuple(
        Interval(value=float(value), low=float(low), high=float(high))
        for value, low, high in zip(
            np.clip(rows.mean(axis=1), least, greatest), *found, strict=True
        )
    )


def stratified_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    statistic: Statistic | OnRows,
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Return a measure of one query's ranking with its interval over documents.

    Relevant documents are resampled among themselves and so are the others, which keeps the
    numbers of both: the base rate belongs to the task, not to chance.

    Args:
        labels: bool (n,), relevance.
        scores: Floating (n,), finite; higher is better.
        statistic: The measure, such as ``weighted.average_precision``; ``OnRows`` wraps any
            other.
        seed: Of the resamples.
        resamples: How many are drawn.
        level: Share of them within the interval.

    Raises:
        UsageError: The columns do not fit each other or are empty, labels are not bool, a
            score is not finite, or the resamples are too few for the level.
    """
    return macro_interval(
        np.asarray(labels)[np.newaxis],
        np.asarray(scores)[np.newaxis],
        statistic,
        seed=seed,
        resamples=resamples,
        level=level,
    )


def macro_interval(
    labels: ArrayLike,
    scores: ArrayLike,
    statistic: Statistic | OnRows,
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Return the mean of a measure over label queries with its interval over documents.

    All queries rank the same documents, so each resample serves them all. Documents relevant
    to the same queries form a stratum and are resampled among themselves, which keeps the
    numbers of relevant documents and others of every query. (Where documents have several
    labels, strata may be small, and the interval narrow.)

    Args:
        labels: bool (queries, n), relevance of each document to each query.
        scores: Floating (queries, n), finite; higher is better.
        statistic: As in ``stratified_interval``.
        seed: Of the resamples.
        resamples: How many are drawn.
        level: Share of them within the interval.

    Raises:
        UsageError: As ``stratified_interval``.
    """
    relevant, rankings = _rankings(labels, scores)

    def mean(counts: Counts) -> NDArray[np.float64]:
        return _macro(rankings, statistic, counts)

    return _interval(mean, relevant, seed, resamples, level)


def macro_difference_interval(
    labels: ArrayLike,
    baseline: ArrayLike,
    system: ArrayLike,
    statistic: Statistic | OnRows,
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> Interval:
    """Return how much better a system ranks than a baseline, with its interval over documents.

    Both are measured on the same resamples.

    Args:
        labels: bool (queries, n), relevance of each document to each query.
        baseline: Floating (queries, n), finite scores of the one.
        system: Floating (queries, n), finite scores of the other.
        statistic: As in ``stratified_interval``.
        seed: Of the resamples.
        resamples: How many are drawn.
        level: Share of them within the interval.

    Returns:
        The system's mean less the baseline's.

    Raises:
        UsageError: As ``stratified_interval``.
    """
    relevant, before = _rankings(labels, baseline)
    _, after = _rankings(labels, system)

    def difference(counts: Counts) -> NDArray[np.float64]:
        return _macro(after, statistic, counts) - _macro(before, statistic, counts)

    return _interval(difference, relevant, seed, resamples, level)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ranking:
    """One query's ranking: sorted once, measured on any counts."""

    order: NDArray[np.int64]
    labels: NDArray[np.bool_]
    scores: NDArray[np.float64]
    group_ends: NDArray[np.int64]

    @classmethod
    def from_columns(cls, labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> Self:
        order = np.argsort(-scores, kind="stable")
        return cls(
            order=order,
            labels=labels[order],
            scores=scores[order],
            group_ends=group_ends(scores[order]),
        )

    def measured(self, statistic: Statistic | OnRows, counts: Counts) -> NDArray[np.float64]:
        """Return the measure on each resample, its counts in the documents' order."""
        ordered = counts[:, self.order]
        if not isinstance(statistic, OnRows):
            return statistic(self.labels, ordered, self.group_ends)
        values = np.empty(len(ordered))
        for at, times in enumerate(ordered):
            values[at] = statistic.measure(
                np.repeat(self.labels, times), np.repeat(self.scores, times)
            )
        return values


def _rankings(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], list[_Ranking]]:
    """Return relevance, bool (queries, n), and the ranking of each query."""
    relevant, score = np.asarray(labels), np.asarray(scores)
    if relevant.ndim != 2 or relevant.shape != score.shape or not relevant.size:
        raise UsageError(
            f"Labels have the shape {relevant.shape} and scores {score.shape}; both are"
            " (queries, n), and neither number is 0."
        )
    columns = [checked_columns(*one) for one in zip(relevant, score, strict=True)]
    return np.stack([one for one, _ in columns]), [_Ranking.from_columns(*one) for one in columns]


def _macro(
    rankings: list[_Ranking], statistic: Statistic | OnRows, counts: Counts
) -> NDArray[np.float64]:
    """Return the mean over rankings on each resample, float64 (resamples,)."""
    total = np.zeros(len(counts))
    for ranking in rankings:
        total += ranking.measured(statistic, counts)
    return total / len(rankings)


def _interval(
    figure: Callable[[Counts], NDArray[np.float64]],
    relevant: NDArray[np.bool_],
    seed: int,
    resamples: int,
    level: float,
) -> Interval:
    """Return a figure, and its interval over documents resampled by what they answer."""
    _check_options(resamples, level)
    kinds, kind = np.unique(relevant, axis=1, return_inverse=True)
    strata = [np.flatnonzero(kind.ravel() == one) for one in range(kinds.shape[1])]
    count = relevant.shape[1]
    (value,) = figure(np.ones((1, count), dtype=np.int32)).tolist()
    found = np.concatenate([figure(drawn) for drawn in _drawn(strata, count, seed, resamples)])
    low, high = np.quantile(found, _tails(level)).tolist()
    return Interval(value=value, low=low, high=high)


def _drawn(
    strata: list[NDArray[np.int64]], count: int, seed: int, resamples: int
) -> Iterator[Counts]:
    """Yield how often each row was drawn from within its stratum, some resamples at a time."""
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS // count)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        chosen = [
            members[generator.integers(0, len(members), (size, len(members)))] for members in strata
        ]
        cells = np.concatenate(chosen, axis=1)
        cells += np.arange(0, size * count, count)[:, np.newaxis]
        times = np.bincount(cells.ravel(), minlength=size * count)
        yield times.reshape(size, count).astype(np.int32)


def _tails(level: float) -> tuple[float, float]:
    return (1.0 - level) / 2, (1.0 + level) / 2


def _check_options(resamples: int, level: float) -> None:
    if not 0.0 < level < 1.0:
        raise UsageError(f"The level of an interval is {level}; it lies between 0 and 1.")
    fewest = math.ceil(2 / (1.0 - level) - 1e-9)
    if resamples < fewest:
        raise UsageError(
            f"{resamples} resamples say nothing about the outer {(1.0 - level) / 2:.2%}.",
            fix=f"Draw at least {fewest}.",
        )
