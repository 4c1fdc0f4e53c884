"""Logistic regression shrunk towards a given vector, by Newton steps and conjugate gradients."""

from __future__ import annotations

from collections.abc import Callable
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

    Returns:
        The optimum, its gradient within 1e-5 of that of no weights.

    Raises:
        UsageError: There are not both kinds of labels, or the strength is not above 0.
    """
    if strength <= 0.0:
        raise UsageError(f"The strength of labels is {strength}; it is above 0.")
    if labels.all() or not labels.any():
        raise UsageError("Every label is the same; a line separates two kinds.")
    x = np.ascontiguousarray(rows, dtype=np.float64)
    sign = np.where(labels, 1.0, -1.0)
    weight = strength * (np.ones(len(x)) if shares is None else shares)
    middle = np.zeros(x.shape[1]) if towards is None else towards
    w, b = middle.copy(), 0.0
    if start is not None:
        w, b = start.weights.copy(), start.intercept
    pull = sign * (1.0 - expit(0.0 * sign))
    scale = float(np.hypot(np.linalg.norm(x.T @ (weight * pull)), (weight * pull).sum()))
    enough = _GRADIENT_SHARE * max(scale, 1e-12)
    margin = x @ w + b
    value = _objective(margin * sign, weight, w - middle)
    for _ in range(MOST_STEPS):
        chance = expit(margin)
        residual = weight * (chance - labels)
        slope_w, slope_b = w - middle + x.T @ residual, float(residual.sum())
        size = float(np.hypot(np.linalg.norm(slope_w), slope_b))
        if size <= enough:
            break
        curve = weight * chance * (1.0 - chance)
        step_w, step_b = _newton_step(x, curve, slope_w, slope_b, _CG_SHARE * size)
        along = x @ step_w + step_b
        descent = float(slope_w @ step_w) + slope_b * step_b
        factor = 1.0
        for _ in range(_MOST_HALVINGS):
            tried = _objective(
                (margin + factor * along) * sign, weight, w + factor * step_w - middle
            )
            if tried <= value + _SUFFICIENT * factor * descent:
                break
            factor /= 2.0
        else:
            break  # no step lowers the objective any further in this arithmetic
        w, b = w + factor * step_w, b + factor * step_b
        margin = margin + factor * along
        value = tried
    return Solution(weights=w, intercept=b)


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities of log-odds, without overflow."""
    small = np.exp(-np.abs(log_odds))
    return np.asarray(np.where(log_odds >= 0.0, 1.0, small) / (1.0 + small))


def _objective(
    margin: NDArray[np.float64], weight: NDArray[np.float64], away: NDArray[np.float64]
) -> float:
    return float(weight @ np.logaddexp(0.0, -margin)) + 0.5 * float(away @ away)


def _newton_step(
    x: NDArray[np.float64],
    curve: NDArray[np.float64],
    slope_w: NDArray[np.float64],
    slope_b: float,
    enough: float,
) -> tuple[NDArray[np.float64], float]:
    """Solve the Newton system by conjugate gradients until the residual is small enough."""

    def curved(w: NDArray[np.float64], b: float) -> tuple[NDArray[np.float64], float]:
        bent = curve * (x @ w + b)
        return w + x.T @ bent, float(bent.sum())

    return _conjugate_gradients(curved, -slope_w, -slope_b, max(float(curve.sum()), 1e-12), enough)


def _conjugate_gradients(
    curved: Callable[[NDArray[np.float64], float], tuple[NDArray[np.float64], float]],
    left_w: NDArray[np.float64],
    left_b: float,
    curve_b: float,
    enough: float,
) -> tuple[NDArray[np.float64], float]:
    """Solve ``curved(w, b) = left``; the intercept is scaled by its own curvature."""
    w, b = np.zeros_like(left_w), 0.0
    ready_w, ready_b = left_w, left_b / curve_b
    way_w, way_b = ready_w, ready_b
    rest = float(left_w @ ready_w) + left_b * ready_b
    for _ in range(len(left_w) + 1):
        bent_w, bent_b = curved(way_w, way_b)
        far = rest / (float(way_w @ bent_w) + way_b * bent_b)
        w, b = w + far * way_w, b + far * way_b
        left_w, left_b = left_w - far * bent_w, left_b - far * bent_b
        if np.hypot(np.linalg.norm(left_w), left_b) <= enough:
            break
        ready_w, ready_b = left_w, left_b / curve_b
        before, rest = rest, float(left_w @ ready_w) + left_b * ready_b
        way_w, way_b = ready_w + rest / before * way_w, ready_b + rest / before * way_b
    return w, b
