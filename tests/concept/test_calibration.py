from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from retrieval.concept.calibration import (
    CurveKind,
    calibrate,
    calibration_errors,
    expected_calibration_error,
    isotonic,
    platt,
    with_prevalence,
)
from retrieval.concept.solver import expit
from retrieval.errors import UsageError


def sample(
    count: int, seed: int, slope: float = 1.5, intercept: float = -1.0
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return scores, and labels that follow a logistic curve of them."""
    generator = np.random.default_rng(seed)
    scores = generator.standard_normal(count)
    return scores, generator.random(count) < expit(slope * scores + intercept)


def folds(count: int) -> NDArray[np.int32]:
    return (np.arange(count) % 5).astype(np.int32)


def test_platt_finds_the_curve_labels_were_drawn_from() -> None:
    curve = platt(*sample(20_000, seed=0))
    assert curve.slope == pytest.approx(1.5, abs=0.1)
    assert curve.intercept == pytest.approx(-1.0, abs=0.1)


def test_a_perfect_separation_is_no_certainty() -> None:
    scores = np.linspace(-3, 3, 20)
    chances = platt(scores, scores > 0).probabilities(scores)
    assert chances.min() > 0.01
    assert chances.max() < 0.99
    assert (np.diff(chances) > 0).all()


def test_an_upside_down_ranking_gives_everyone_the_base_rate() -> None:
    scores = np.linspace(-1, 1, 40)
    chances = platt(scores, scores < 0).probabilities(scores)
    assert chances == pytest.approx(np.full(40, 0.5), abs=0.01)


def test_isotonic_agrees_with_scikit_learn_but_for_smoothing() -> None:
    scores, labels = sample(3000, seed=1)
    ours = isotonic(scores, labels).probabilities(scores)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, labels).predict(scores)
    assert np.abs(ours - theirs).mean() < 0.02
    order = np.argsort(scores)
    assert (np.diff(ours[order]) >= 0).all()
    assert 0.0 < ours.min() < ours.max() < 1.0


def test_isotonic_is_only_tried_with_many_labels() -> None:
    generator = np.random.default_rng(2)
    scores = generator.standard_normal(4000)
    labels = generator.random(4000) < np.where(scores > 0.5, 0.9, 0.1)  # a step is not logistic
    few = calibrate(scores[:900], labels[:900], folds(900), seed=0)
    many = calibrate(scores, labels, folds(4000), seed=0)
    assert few.curve.kind is CurveKind.PLATT
    assert many.curve.kind is CurveKind.ISOTONIC
    assert many.errors.ece < few.errors.ece


def test_a_perfect_model_is_at_its_floor_and_a_wrong_one_is_not() -> None:
    scores, labels = sample(2000, seed=3)
    right = calibration_errors(expit(1.5 * scores - 1.0), labels, seed=0)
    wrong = calibration_errors(expit(4.0 * scores - 1.0), labels, seed=0)
    assert right.ece == pytest.approx(right.ece_floor, abs=0.01)
    assert right.brier == pytest.approx(right.brier_floor, abs=0.01)
    assert right.log_loss == pytest.approx(right.log_loss_floor, abs=0.03)
    assert wrong.ece > wrong.ece_floor + 0.05
    assert wrong.log_loss > wrong.log_loss_floor + 0.1


def test_errors_are_measured_on_labels_the_curve_did_not_see() -> None:
    scores, _ = sample(1000, seed=4)
    labels = np.random.default_rng(5).random(1000) < 0.3  # scores say nothing
    found = calibrate(scores, labels, folds(1000), seed=0)
    assert found.errors.log_loss >= found.errors.log_loss_floor - 0.02


def test_expected_calibration_error_by_hand() -> None:
    chances = np.array([0.1, 0.2, 0.8, 0.9])
    labels = np.array([False, True, True, True])
    assert expected_calibration_error(chances, labels, bins=2) == pytest.approx(
        (abs(0.3 - 1) + abs(1.7 - 2)) / 4
    )


def test_another_prevalence_shifts_the_odds() -> None:
    found = with_prevalence(np.array([0.5, 0.9]), labelled_share=0.5, prevalence=0.1)
    assert found == pytest.approx([0.1, 0.5])
    assert with_prevalence(found, 0.1, 0.5) == pytest.approx([0.5, 0.9])


def test_balanced_labels_with_the_prevalence_are_right_on_a_rare_class() -> None:
    scores, labels = sample(200_000, seed=6, intercept=-4.5)
    assert labels.mean() < 0.05
    generator = np.random.default_rng(7)
    chosen = np.concatenate(
        [
            generator.choice(np.flatnonzero(labels), 500, replace=False),
            generator.choice(np.flatnonzero(~labels), 500, replace=False),
        ]
    )
    curve = platt(scores[chosen], labels[chosen])
    naive = curve.probabilities(scores)
    right = with_prevalence(naive, 0.5, float(labels.mean()))
    assert expected_calibration_error(naive, labels) > 0.1
    assert expected_calibration_error(right, labels) < 0.015


def test_one_sided_labels_have_no_curve() -> None:
    with pytest.raises(UsageError, match="Every label is the same"):
        platt(np.zeros(3), np.ones(3, dtype=bool))
