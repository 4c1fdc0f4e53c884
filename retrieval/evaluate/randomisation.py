"""One p-value for two systems on the same queries: the paired randomisation test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import UsageError

FEWEST_QUERIES = 20
"""Below it a test over queries has hardly any power, and its refusal says more."""
EQUAL_WITHIN = 1e-12
"""Values of a measure closer than this differ by rounding only: a tie."""
_CELLS = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomisationTest:
    """What the test found, or why there was none.

    Attributes:
        p_value: Two-sided, in (0, 1]; None if the test was refused.
        exact: Whether every way to flip the signs was tried, not a sample of them.
        refused: Why there is no p-value; empty when there is one.
    """

    p_value: float | None
    exact: bool = False
    refused: str = ""

    def __post_init__(self) -> None:
        if (self.p_value is None) != bool(self.refused):
            raise UsageError("A test has either a p-value or a reason for having none.")


def paired_randomisation(
    baseline: ArrayLike,
    system: ArrayLike,
    *,
    seed: int,
    resamples: int = 10_000,
    fewest: int = FEWEST_QUERIES,
) -> RandomisationTest:
    """Test whether two systems differ by more than chance.

    If they did not, either's value on a query could have been the other's: so the sign of
    each difference is flipped at random, as Smucker et al. (2007) recommend.
    ``p = (1 + e) / (1 + m)``; m: resamples; e: those whose mean difference is at least as
    far from 0 as the one observed. The ones count the observation itself, without which p
    could be 0 (Phipson and Smyth (2010)). Where there are no more than m ways to flip the
    differences that are not 0, all are tried, and p is the share of extreme ones.

    Args:
        baseline: Floating (n,), a value a query; finite.
        system: Floating (n,), the other system's, on the same queries in the same order.
        seed: Of the flips.
        resamples: How many sets of flips are drawn.
        fewest: Refuse the test under so many queries.

    Raises:
        UsageError: The columns do not fit each other, a value is not finite, or
            ``resamples`` is below 1.
    """
    differences = paired_differences(baseline, system)
    if resamples < 1:
        raise UsageError(f"{resamples} resamples were asked for; 1 is the least.")
    if len(differences) < fewest:
        return RandomisationTest(
            p_value=None,
            refused=f"too few queries for a test: {len(differences)}, and {fewest} is the least",
        )
    apart = differences[differences != 0.0]
    observed = float(apart.sum())
    # equally extreme sums differ in their last bits with the order of summation
    extreme = abs(observed) - EQUAL_WITHIN * float(np.abs(apart).sum())
    exact = len(apart) < 63 and 2 ** len(apart) <= resamples
    sets = _all_flips(len(apart)) if exact else _random_flips(len(apart), resamples, seed)
    as_far = sum(int((np.abs(observed - 2.0 * (one @ apart)) >= extreme).sum()) for one in sets)
    p_value = as_far / 2 ** len(apart) if exact else (1 + as_far) / (1 + resamples)
    return RandomisationTest(p_value=p_value, exact=exact)


def paired_differences(baseline: ArrayLike, system: ArrayLike) -> NDArray[np.float64]:
    """Return system minus baseline, query by query; exactly 0 where they tie.

    Args:
        baseline: Floating (n,); finite.
        system: Floating (n,); finite.

    Returns:
        float64 (n,).

    Raises:
        UsageError: The columns do not fit each other, are empty, or a value is not finite.
    """
    one, other = np.asarray(baseline, dtype=np.float64), np.asarray(system, dtype=np.float64)
    if one.ndim != 1 or one.shape != other.shape or not len(one):
        raise UsageError(
            f"The baseline's values have the shape {one.shape} and the system's {other.shape};"
            " both are (n,), one a query, on the same queries."
        )
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise UsageError("Some values are NaN or infinite; expected a finite one a query.")
    differences: NDArray[np.float64] = other - one
    return np.where(np.abs(differences) <= EQUAL_WITHIN, 0.0, differences)


def _all_flips(count: int) -> Iterator[NDArray[np.float64]]:
    """Yield every way to flip so many signs: float64 (sets, count), 1 where flipped."""
    sets = np.arange(2**count)
    step = _rows(count)
    for start in range(0, len(sets), step):
        block = sets[start : start + step, np.newaxis]
        yield (block >> np.arange(count) & 1).astype(np.float64)


def _random_flips(count: int, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield random ways to flip so many signs, likewise, a fair coin each."""
    generator = np.random.default_rng(seed)
    step = _rows(count)
    for start in range(0, resamples, step):
        shape = (min(step, resamples - start), -(-count // 8))
        coins = generator.integers(0, 256, shape, dtype=np.uint8)
        yield np.unpackbits(coins, axis=1, count=count).astype(np.float64)


def _rows(columns: int) -> int:
    return max(1, _CELLS // max(columns, 1))
