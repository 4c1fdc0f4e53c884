from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from retrieval.concept.solver import Solution, expit, inverse_curvature, solve
from retrieval.errors import UsageError
from tests.concept.samples import DIM, two_kinds


@pytest.mark.parametrize(("count", "strength"), [(12, 1.0), (200, 1.0), (300, 30.0)])
def test_it_agrees_with_scikit_learn(count: int, strength: float) -> None:
    documents, labels = two_kinds(count, seed=count)
    ours = solve(documents.rows, labels, strength=strength)
    theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000)
    theirs.fit(documents.rows.astype(np.float64), labels)
    assert ours.weights == pytest.approx(theirs.coef_[0], abs=1e-3 * np.abs(theirs.coef_).max())
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=1e-3)


def test_the_gradient_vanishes_with_a_prior_and_shares() -> None:
    documents, labels = two_kinds(80, seed=1)
    x = documents.rows.astype(np.float64)
    generator = np.random.default_rng(2)
    middle, shares = generator.standard_normal(DIM), generator.random(80)
    found = solve(documents.rows, labels, strength=2.0, towards=middle, shares=shares)
    residual = 2.0 * shares * (expit(x @ found.weights + found.intercept) - labels)
    assert found.weights - middle + x.T @ residual == pytest.approx(np.zeros(DIM), abs=1e-3)
    assert residual.sum() == pytest.approx(0.0, abs=1e-3)


def test_where_it_starts_does_not_matter() -> None:
    documents, labels = two_kinds(100, seed=3)
    plain = solve(documents.rows, labels, strength=1.0)
    far = Solution(weights=np.full(DIM, 5.0), intercept=-7.0)
    other = solve(documents.rows, labels, strength=1.0, start=far)
    assert other.weights == pytest.approx(plain.weights, abs=1e-3)


@pytest.mark.parametrize("strength", [0.25, 1.0, 4.0])
def test_an_inverse_curvature_of_other_rows_changes_nothing_but_the_way(strength: float) -> None:
    documents, labels = two_kinds(300, seed=4)
    every = solve(documents.rows, labels, strength=1.0)
    eased = inverse_curvature(documents.rows, np.ones(300), every)
    plain = solve(documents.rows[:240], labels[:240], strength=strength)
    quick = solve(documents.rows[:240], labels[:240], strength=strength, start=every, eased=eased)
    assert quick.weights == pytest.approx(plain.weights, abs=1e-3)
    assert quick.intercept == pytest.approx(plain.intercept, abs=1e-3)


def test_the_inverse_curvature_is_that_of_the_objective() -> None:
    documents, _ = two_kinds(50, seed=5)
    at = Solution(weights=np.linspace(-1, 1, DIM), intercept=0.3)
    x = np.column_stack([documents.rows.astype(np.float64), np.ones(50)])
    chance = expit(x @ np.append(at.weights, at.intercept))
    bend = (x * (chance * (1 - chance))[:, np.newaxis]).T @ x + np.diag([*np.ones(DIM), 0.0])
    found = inverse_curvature(documents.rows, np.ones(50), at)
    assert found @ bend == pytest.approx(np.eye(DIM + 1), abs=1e-5)


def test_labels_that_hardly_count_leave_the_prior_as_it_is() -> None:
    documents, labels = two_kinds(50, seed=4)
    middle = np.arange(DIM, dtype=np.float64)
    found = solve(documents.rows, labels, strength=1e-6, towards=middle)
    assert found.weights == pytest.approx(middle, abs=1e-3)


def test_a_row_of_half_the_share_twice_is_a_row() -> None:
    documents, labels = two_kinds(40, seed=5)
    once = solve(documents.rows, labels, strength=1.0)
    twice = solve(
        np.repeat(documents.rows, 2, axis=0),
        np.repeat(labels, 2),
        strength=1.0,
        shares=np.full(80, 0.5),
    )
    assert twice.weights == pytest.approx(once.weights, abs=1e-3)


def test_one_sided_labels_are_refused() -> None:
    documents, _ = two_kinds(10, seed=6)
    for labels in (np.zeros(10, dtype=bool), np.ones(10, dtype=bool)):
        with pytest.raises(UsageError, match="Every label is the same"):
            solve(documents.rows, labels, strength=1.0)
    with pytest.raises(UsageError, match="above 0"):
        solve(documents.rows, labels, strength=0.0)
