"""Logistic regression shrunk towards a given vector, by Newton steps and conjugate gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError

MOST_STEPS = 100
"""Newton steps; ten are enough in practice."""
_GRADIENT_SHARE = 1e-5
"""Solved when the gradient is this share of what it is for no weights at all."""
_CG_SHARE = 0.1
_SUFFICIENT = 1e-4
_WIDE_CELLS = 1 << 20
"""Rows times columns from which products are in single precision."""
_MOST_HALVINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """A fitted line of separation.

    Attributes:
        weights: float64 (dim,).
        intercept: Added to ``rows @ weights``; the sum is the log-odds of a positive row.
    """

    weights: NDArray[np.float64]
    intercept: float


def solve(
    rows: NDArray[np.float32],
    labels: NDArray[np.bool_],
    *,
    strength: float,
    towards: NDArray[np.float64] | None = None,
    shares: NDArray[np.float64] | None = None,
    start: Solution | None = None,
    eased: NDArray[np.float64] | None = None,
) -> Solution:
    """Fit log-odds as a line, its weights held near a vector.

    Minimises ``|w - m|^2 / 2 + C sum_i a_i log(1 + exp(-y_i (x_i w + b)))``; x_i: row i; y_i:
    1 or -1; a_i: share of row i; m: the vector to stay near; C: the strength. The optimum is
    unique and does not depend on ``start``. The steps are truncated Newton steps after
    Lin et al. (2008), halved until the objective falls.

    Args:
        rows: float32 (n, dim), finite.
        labels: bool (n,), both values among them.
        strength: C, above 0: how much labels count against m.
        towards: float64 (dim,), m; None for zero.
        shares: float64 (n,), at least 0, how much each row counts; None for 1.
        start: Where to begin, such as the solution of nearly the same rows.
        eased: float64 (dim + 1, dim + 1), their inverse curvature, which makes steps quicker
            and changes nothing about the optimum.

    Returns:
        The optimum, its gradient within 1e-5 of that of no weights.

    Raises:
        UsageError: There are not both kinds of labels, or the strength is not above 0.
    """
    if strength <= 0.0:
        raise UsageError(f"The strength of labels is {strength}; it is above 0.")
    if labels.all() or not labels.any():
        raise UsageError("Every label is the same; a line separates two kinds.")
    x = _with_ones(rows)
    sign = np.where(labels, 1.0, -1.0)
    weight = strength * (np.ones(len(x)) if shares is None else shares)
    middle = np.append(np.zeros(x.shape[1] - 1) if towards is None else towards, 0.0)
    pulled = np.append(np.ones(x.shape[1] - 1), 0.0)  # nothing pulls at the intercept
    line = middle if start is None else np.append(start.weights, start.intercept)
    enough = _GRADIENT_SHARE * max(float(np.linalg.norm(_times(x.T, weight * sign / 2))), 1e-12)
    margin = _times(x, line)
    value = _objective(margin * sign, weight, pulled * (line - middle))
    ready = eased
    for _ in range(MOST_STEPS):
        chance = expit(margin)
        slope = pulled * (line - middle) + _times(x.T, weight * (chance - labels))
        size = float(np.linalg.norm(slope))
        if size <= enough:
            break
        curve = weight * chance * (1.0 - chance)
        if ready is None:
            ready = _preconditioner(x, curve, pulled)
        step = _newton_step(x, curve, pulled, slope, ready, enough=_CG_SHARE * size)
        along = _times(x, step)
        descent = float(slope @ step)
        factor = 1.0
        for _ in range(_MOST_HALVINGS):
            tried = _objective(
                (margin + factor * along) * sign, weight, pulled * (line + factor * step - middle)
            )
            if tried <= value + _SUFFICIENT * factor * descent:
                break
            factor /= 2.0
        else:
            break  # no step lowers the objective any further in this arithmetic
        line = line + factor * step
        margin = margin + factor * along
        value = tried
    return Solution(weights=line[:-1], intercept=float(line[-1]))


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities of log-odds, without overflow."""
    small = np.exp(-np.abs(log_odds))
    return np.asarray(np.where(log_odds >= 0.0, 1.0, small) / (1.0 + small))


def _objective(
    margin: NDArray[np.float64], weight: NDArray[np.float64], away: NDArray[np.float64]
) -> float:
    return float(weight @ np.logaddexp(0.0, -margin)) + 0.5 * float(away @ away)


_MANY = 8
"""Rows a column from which the curvature is inverted once, which saves many products."""


def _with_ones(rows: NDArray[np.float32]) -> NDArray[np.floating]:
    """Append a column of ones; many rows stay float32, since reading them is what takes time."""
    wide = np.float64 if rows.size < _WIDE_CELLS else np.float32
    x = np.ones((rows.shape[0], rows.shape[1] + 1), dtype=wide)
    x[:, :-1] = rows
    return x


def _times(x: NDArray[np.floating], vector: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x @ vector.astype(x.dtype), dtype=np.float64)


def inverse_curvature(
    rows: NDArray[np.float32], shares: NDArray[np.float64], solution: Solution
) -> NDArray[np.float64]:
    """Return the inverse of the objective's second derivative at a solution, with C = 1.

    Args:
        rows: float32 (n, dim).
        shares: float64 (n,), how much each row counts.
        solution: Where.

    Returns:
        float64 (dim + 1, dim + 1), positive definite.
    """
    x = _with_ones(rows)
    chance = expit(_times(x, np.append(solution.weights, solution.intercept)))
    return _inverted(x, shares * chance * (1.0 - chance), np.append(np.ones(rows.shape[1]), 0.0))


def _preconditioner(
    x: NDArray[np.floating], curve: NDArray[np.float64], pulled: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what makes conjugate gradients quick: the inverse curvature where it is cheap.

    Returns:
        float64 (dim + 1, dim + 1) where there are many rows, else a diagonal (dim + 1,).
    """
    if len(x) < _MANY * x.shape[1]:
        own = np.where(pulled > 0.0, 1.0, max(float(curve.sum()), 1e-12))
        return np.asarray(1.0 / own, dtype=np.float64)
    return _inverted(x, curve, pulled)


def _inverted(
    x: NDArray[np.floating], curve: NDArray[np.float64], pulled: NDArray[np.float64]
) -> NDArray[np.float64]:
    bent = np.asarray(x.T @ (x * curve.astype(x.dtype)[:, np.newaxis]), dtype=np.float64)
    return np.asarray(np.linalg.inv(np.diag(pulled + 1e-9) + bent), dtype=np.float64)


def _newton_step(
    x: NDArray[np.floating],
    curve: NDArray[np.float64],
    pulled: NDArray[np.float64],
    slope: NDArray[np.float64],
    ready: NDArray[np.float64],
    *,
    enough: float,
) -> NDArray[np.float64]:
    """Solve the Newton system by conjugate gradients until the residual is small enough."""
    step = np.zeros_like(slope)
    left = -slope
    eased = ready @ left if ready.ndim == 2 else ready * left
    way = eased
    rest = float(left @ eased)
    for _ in range(len(slope)):
        bent = pulled * way + _times(x.T, curve * _times(x, way))
        far = rest / float(way @ bent)
        step, left = step + far * way, left - far * bent
        if np.linalg.norm(left) <= enough:
            break
        eased = ready @ left if ready.ndim == 2 else ready * left
        before, rest = rest, float(left @ eased)
        way = eased + rest / before * way
    return step
