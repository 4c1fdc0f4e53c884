"""A concept as a direction: logistic regression on unit rows, shrunk towards given texts.

How strongly, was measured on rt_polarity (all-MiniLM-L6-v2, 4,000 training rows to draw
labels from, 4,530 others to rank, mean AP of 10 draws). Length of the prior vector, with
C = 1, for a contrast of one pair of texts / of four pairs:

======  ===========  ===========  ===========  ===========  ===========
labels  no prior     2            4            8            16
======  ===========  ===========  ===========  ===========  ===========
20      .609         .709 / .755  .726 / .779  .728 / .786  .725 / .787
50      .690         .740 / .767  .750 / .786  .746 / .793  .735 / .791
200     .765         .775 / .784  .779 / .794  .774 / .800  .757 / .799
1,000   .815         .816 / .818  .815 / .819  .812 / .820  .801 / .818
======  ===========  ===========  ===========  ===========  ===========
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.rows import DocumentRows
from retrieval.concept.solver import Solution, inverse_curvature, solve
from retrieval.errors import UsageError
from retrieval.vectors import FloatRows, unit_rows

FIXED_STRENGTH = 1.0
"""C up to ``CHOOSING_LABELS`` labels; C = 100 loses .02 to .06 of AP."""
CHOOSING_LABELS = 1000
"""Labels above which C is chosen among ``STRENGTHS``."""
STRENGTHS = (0.25, 1.0, 4.0)
"""What C is chosen among."""
STRONG_PRIOR = 8.0
"""Length of the prior vector up to ``STRONG_PRIOR_LABELS`` labels."""
STRONG_PRIOR_LABELS = 200
WEAK_PRIOR = 4.0
"""Length of the prior vector with more labels."""


def contrast_direction(positive: FloatRows, negative: FloatRows) -> NDArray[np.float64]:
    """Return the direction from some texts to others: the difference of their means.

    Args:
        positive: float32 (n, dim), unit rows; at least one.
        negative: float32 (m, dim), unit rows; none gives the direction of the positive ones.

    Returns:
        float64 (dim,), of unit length.

    Raises:
        UsageError: There are no positive rows, or both sides say the same.
    """
    if not len(positive):
        raise UsageError("A contrast needs at least one text of what is looked for.")
    difference = positive.mean(axis=0, dtype=np.float64)
    if len(negative):
        difference = difference - negative.mean(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(difference))
    if length < 1e-6:
        raise UsageError(
            "The texts and those against them mean the same to the model.",
            fix="Give other texts with --against.",
        )
    unit: NDArray[np.float64] = difference / length
    return unit


def prior_length(labels: int) -> float:
    """Return how long the prior vector is for a number of labels; see the module."""
    return STRONG_PRIOR if labels <= STRONG_PRIOR_LABELS else WEAK_PRIOR


def fit_rows(
    documents: DocumentRows,
    labels: NDArray[np.bool_],
    *,
    prior: NDArray[np.float64] | None,
    strength: float,
    start: Solution | None = None,
    eased: NDArray[np.float64] | None = None,
) -> Solution:
    """Fit the log-odds of documents being positive.

    A document counts once, however many rows it has.

    Args:
        documents: Their rows.
        labels: bool (documents,), both values among them.
        prior: float64 (dim,), a unit direction to shrink towards; None for none.
        strength: C, how much labels count against the prior.
        start: Solution of nearly the same documents, which saves time.
        eased: Their ``curvature_of``, which saves more.

    Raises:
        UsageError: Every label is the same.
    """
    owners = documents.owners
    sizes = np.diff(documents.starts)
    return solve(
        documents.rows,
        labels[owners],
        strength=strength,
        towards=None if prior is None else prior * prior_length(len(documents)),
        shares=1.0 / sizes[owners],
        start=start,
        eased=eased,
    )


def curvature_of(documents: DocumentRows, solution: Solution) -> NDArray[np.float64]:
    """Return the inverse curvature at a solution with C = 1, for models of nearly the same.

    Args:
        documents: Labelled documents.
        solution: Theirs.

    Returns:
        float64 (dim + 1, dim + 1).
    """
    sizes = np.diff(documents.starts)
    return inverse_curvature(documents.rows, 1.0 / sizes[documents.owners], solution)


def direction_of(solution: Solution) -> NDArray[np.float32]:
    """Return the unit vector that ranks as a solution does: float32 (dim,).

    Raises:
        UsageError: The solution has no direction: the labels say nothing.
    """
    if not np.linalg.norm(solution.weights) > 1e-9:
        raise UsageError("The labels say nothing: the fitted concept has no direction.")
    unit: NDArray[np.float32] = unit_rows(solution.weights[np.newaxis])[0]
    return unit


def choose_strength(
    documents: DocumentRows,
    labels: NDArray[np.bool_],
    *,
    prior: NDArray[np.float64] | None,
    held_out: NDArray[np.bool_],
    start: Solution | None = None,
    eased: NDArray[np.float64] | None = None,
) -> float:
    """Choose C: 1 for few labels, else what predicts a held-out part best.

    Args:
        documents: Labelled documents.
        labels: bool (documents,).
        prior: As in ``fit_rows``.
        held_out: bool (documents,), the part to predict; both labels on both sides.
        start: Where fitting starts, never where it ends.
        eased: As in ``fit_rows``.

    Returns:
        One of ``STRENGTHS``, by log loss.
    """
    if len(documents) <= CHOOSING_LABELS:
        return FIXED_STRENGTH
    kept = np.flatnonzero(~held_out)
    rest = np.flatnonzero(held_out)
    seen, asked = documents.take(kept), documents.take(rest)
    sign = np.where(labels[rest], 1.0, -1.0)
    losses = []
    for strength in STRENGTHS:
        start = fit_rows(
            seen, labels[kept], prior=prior, strength=strength, start=start, eased=eased
        )
        log_odds = asked.scores(start.weights.astype(np.float32)) + start.intercept
        losses.append(float(np.logaddexp(0.0, -sign * log_odds).mean()))
    return STRENGTHS[int(np.argmin(losses))]
