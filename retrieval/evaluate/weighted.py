"""Measures of one ranking for many resamples at once: a document drawn n times counts n times.

Copies of a document have its score, so a resample is the same ranking with other counts;
nothing is sorted again. Equal scores are one group, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError

Counts: TypeAlias = NDArray[np.int32]
"""int32 (resamples, n): how often each document was drawn, in the ranking's order."""


class Statistic(Protocol):
    """A measure of rankings whose documents are counted several times, or not at all."""

    def __call__(
        self, labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64], /
    ) -> NDArray[np.float64]:
        """Return the measure of each resample.

        Args:
            labels: bool (n,), relevance by score descending.
            counts: int32 (resamples, n), in the same order.
            group_ends: int64 (groups,), the last place of each group of equal scores.

        Returns:
            float64 (resamples,).
        """


@dataclass(frozen=True, slots=True)
class OnRows:
    """Any measure of labels and scores, computed on the rows of each resample in turn.

    Slower than a ``Statistic`` by far: one call of the measure a resample.

    Attributes:
        measure: From labels bool (n,) and scores float64 (n,), by score descending with
            copies next to each other, to a value.
    """

    measure: Callable[[NDArray[np.bool_], NDArray[np.float64]], float]


def average_precision(
    labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return AP as ``ScoredLabels.average_precision`` defines it; a ``Statistic``."""
    relevant = np.flatnonzero(labels)
    if not len(relevant):
        return np.zeros(len(counts))
    # only groups with a relevant document add anything, and most rankings have few
    group = np.searchsorted(group_ends, relevant)
    last = np.flatnonzero(np.diff(group, append=-1))
    found = np.cumsum(counts[:, relevant], axis=1, dtype=np.int32)[:, last]
    ranked = np.cumsum(counts, axis=1, dtype=np.int32)[:, group_ends[group[last]]]
    gained = np.einsum("ij,ij->i", _steps(found), found / np.maximum(ranked, 1))
    return np.asarray(gained / np.maximum(found[:, -1], 1), dtype=np.float64)


def area_under_roc(
    labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the chance that a relevant document scores above another one; a ``Statistic``.

    Mann and Whitney (1947): ``sum_g other(g) (better(g) + rel(g) / 2) / (R N)`` over groups
    g of equal scores; rel, other: relevant documents of g, and others; better: relevant ones
    in better groups; R, N: all relevant ones, all others. 0 where no document is relevant,
    1 where all are, as the measure AUC has it.
    """
    ranked, found = _running(labels, counts, group_ends)
    relevant = _steps(found)
    other = _steps(ranked) - relevant
    above = np.einsum("ij,ij->i", other, found - relevant / 2)
    pairs = found[:, -1].astype(np.float64) * (ranked[:, -1] - found[:, -1])
    areas = (found[:, -1] > 0).astype(np.float64)
    np.divide(above, pairs, out=areas, where=pairs > 0.0)
    return areas


def precision_at(cutoff: int) -> Statistic:
    """Return precision at a rank as a ``Statistic``: the expectation within a cut group.

    Raises:
        UsageError: The cutoff is below 1.
    """
    _check_cutoff(cutoff)

    def statistic(
        labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        return _found_within(cutoff, *_running(labels, counts, group_ends)) / cutoff

    return statistic


def recall_at(cutoff: int) -> Statistic:
    """Return recall at a rank as a ``Statistic``: the expectation within a cut group.

    0 where no document is relevant.

    Raises:
        UsageError: The cutoff is below 1.
    """
    _check_cutoff(cutoff)

    def statistic(
        labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        ranked, found = _running(labels, counts, group_ends)
        return _found_within(cutoff, ranked, found) / np.maximum(found[:, -1], 1)

    return statistic


def _running(
    labels: NDArray[np.bool_], counts: Counts, group_ends: NDArray[np.int64]
) -> tuple[Counts, Counts]:
    """Return documents, and relevant ones, down to each group: int32 (resamples, groups)."""
    ranked = np.cumsum(counts, axis=1, dtype=np.int32)
    found = np.cumsum(counts * labels, axis=1, dtype=np.int32)
    if len(group_ends) == len(labels):
        return ranked, found
    return ranked[:, group_ends], found[:, group_ends]


def _steps(running: Counts) -> Counts:
    """Return what each group adds: int32 (resamples, groups)."""
    return np.diff(running, axis=1, prepend=0)


def _found_within(cutoff: int, ranked: Counts, found: Counts) -> NDArray[np.float64]:
    """Return the expected number of relevant documents in the first ranks."""
    sizes = _steps(ranked)
    within = np.clip(cutoff - (ranked - sizes), 0, sizes)
    share = within / np.maximum(sizes, 1)
    return np.asarray(np.einsum("ij,ij->i", _steps(found), share), dtype=np.float64)


def _check_cutoff(cutoff: int) -> None:
    if cutoff < 1:
        raise UsageError(f"The cutoff is {cutoff}; the first rank is 1.")
