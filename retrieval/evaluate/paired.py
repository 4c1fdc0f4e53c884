"""Two systems on the same queries: how much better, how sure, on how many."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from retrieval.evaluate.bootstrap import mean_interval
from retrieval.evaluate.randomisation import paired_differences, paired_randomisation


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedFigures:
    """A system beside a baseline by one measure; ``Comparison`` without names and Holm.

    Attributes:
        difference: Mean of system minus mean of baseline.
        low: Lower end of the bootstrap interval of the difference, over queries.
        high: Upper end of it.
        p_value: Two-sided, paired randomisation; None when the test was refused.
        refused: Why there is no p-value; empty when there is one.
        wins: Queries on which the system is better.
        ties: Queries on which both are equal within 1e-12.
        losses: Queries on which the system is worse.
    """

    difference: float
    low: float
    high: float
    p_value: float | None
    refused: str
    wins: int
    ties: int
    losses: int


def compare(
    baseline: ArrayLike,
    system: ArrayLike,
    *,
    seed: int,
    resamples: int = 10_000,
    level: float = 0.95,
) -> PairedFigures:
    """Compare two systems by the values of a measure on the same queries.

    Args:
        baseline: Floating (n,), the first system's values; finite.
        system: Floating (n,), the other's, query by query in the same order.
        seed: Of the bootstrap and of the test.
        resamples: How many each of them draws.
        level: Share of resamples within the interval.

    Raises:
        UsageError: The columns do not fit each other, are empty, hold a value that is not
            finite, or the resamples are too few for the level.
    """
    differences = paired_differences(baseline, system)
    interval = mean_interval(differences, seed=seed, resamples=resamples, level=level)
    test = paired_randomisation(baseline, system, seed=seed, resamples=resamples)
    wins, losses = int((differences > 0.0).sum()), int((differences < 0.0).sum())
    return PairedFigures(
        difference=interval.value,
        low=interval.low,
        high=interval.high,
        p_value=test.p_value,
        refused=test.refused,
        wins=wins,
        ties=len(differences) - wins - losses,
        losses=losses,
    )
