"""Pairs of texts: how a predicted similarity goes with the one that people gave."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCorrelation:
    """Agreement of predicted with gold similarities.

    Attributes:
        pairs: Pairs of texts.
        pearson: Linear correlation, in [-1, 1].
        spearman: Correlation of the ranks, in [-1, 1].
    """

    pairs: int
    pearson: float
    spearman: float

    def to_json(self) -> dict[str, float]:
        """Return the record as JSON values."""
        return asdict(self)


def correlate(predicted: ArrayLike, gold: ArrayLike) -> PairCorrelation:
    """Return both correlations of predicted with gold similarities.

    Args:
        predicted: Floating (n,), such as cosines; finite.
        gold: Floating (n,), on any scale; finite.

    Raises:
        UsageError: The columns do not fit each other, hold a value that is not finite, or one
            of them is constant, to which no correlation exists.
    """
    return PairCorrelation(
        pairs=np.asarray(predicted).size,
        pearson=pearson(predicted, gold),
        spearman=spearman(predicted, gold),
    )


def pearson(predicted: ArrayLike, gold: ArrayLike) -> float:
    """Return Pearson's correlation, in [-1, 1].

    ``r = sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2  sum (y - mean y)^2)``;
    x, y: the predicted and the gold value of a pair.

    Raises:
        UsageError: As ``correlate``.
    """
    one, other = _checked(predicted, gold)
    return float(np.clip(_direction(one) @ _direction(other), -1.0, 1.0))


def spearman(predicted: ArrayLike, gold: ArrayLike) -> float:
    """Return Spearman's correlation: Pearson's, of the average ranks; in [-1, 1].

    Raises:
        UsageError: As ``correlate``.
    """
    one, other = _checked(predicted, gold)
    return pearson(average_ranks(one), average_ranks(other))


def average_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1 for the least; equal values share the mean of their ranks.

    Args:
        values: Floating (n,), without NaN.

    Returns:
        float64 (n,).
    """
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks: NDArray[np.float64] = (last - (sizes - 1) / 2)[group]
    return ranks


def _direction(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values less their mean, scaled to length 1.

    Scaled by powers of two first, which loses no digit: squares and sums of very large or
    very small numbers would leave the range of float64.
    """
    apart = np.ldexp(values, -np.frexp(np.abs(values).max())[1])
    apart -= apart.mean()
    apart = np.ldexp(apart, -np.frexp(np.abs(apart).max())[1])
    direction: NDArray[np.float64] = apart / np.sqrt(apart @ apart)
    return direction


def _checked(
    predicted: ArrayLike, gold: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both columns as float64 (n,), or say what is wrong with which."""
    one, other = np.asarray(predicted, dtype=np.float64), np.asarray(gold, dtype=np.float64)
    if one.ndim != 1 or one.shape != other.shape or not len(one):
        raise UsageError(
            f"Predicted values have the shape {one.shape} and gold values {other.shape}; both"
            " are (n,), and n is at least 2."
        )
    for name, column in (("predicted", one), ("gold", other)):
        bad = np.flatnonzero(~np.isfinite(column))
        if len(bad):
            raise UsageError(
                f"The {name} value of pair {bad[0]} is {column[bad[0]]} ({len(bad)} such pairs);"
                " expected finite numbers."
            )
        if (column == column[0]).all():
            raise UsageError(
                f"Every {name} value is {column[0]:g} ({len(column)} pairs); a constant has no"
                " correlation with anything.",
                fix="Give pairs whose values differ.",
            )
    return one, other
