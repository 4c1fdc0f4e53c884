from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.concept.audit import estimate, recalibrate, share_of
from retrieval.concept.calibration import expected_calibration_error
from retrieval.concept.promise import Cut
from retrieval.concept.solver import expit


def judged(
    count: int, *, slope: float, shift: float, seed: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return probabilities that are off by a line of log-odds, and labels."""
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(0.0, 1.5, count)
    labels = generator.random(count) < expit(slope * log_odds + shift)
    return expit(log_odds), labels


def test_slope_and_shift_are_found_again() -> None:
    chances, labels = judged(20_000, slope=1.6, shift=-2.5)
    found = recalibrate(chances, labels)
    assert found.slope == pytest.approx(1.6, abs=0.08)
    assert found.shift == pytest.approx(-2.5, abs=0.1)
    assert expected_calibration_error(found.probabilities(chances), labels) < 0.01


def test_the_optimum_is_one_of_the_penalised_likelihood() -> None:
    chances, labels = judged(60, slope=1.0, shift=-1.0)
    x = np.log(chances) - np.log1p(-chances)
    wanted = (labels + 0.5 / 60) / (1 + 1 / 60)

    def loss(slope: float, shift: float) -> float:
        u = slope * x + shift
        fit = (1 + 1 / 60) * (np.logaddexp(0, u) - wanted * u).sum()
        return float(fit + np.log(slope) ** 2 / (2 * 0.5**2))

    found = recalibrate(chances, labels)
    best = loss(found.slope, found.shift)
    for slope, shift in ((1.01, 0.0), (0.99, 0.0), (1.0, 0.01), (1.0, -0.01)):
        assert loss(found.slope * slope, found.shift + shift) > best


@pytest.mark.parametrize("value", [True, False])
def test_judgments_of_one_kind_are_not_taken_for_certainty(value: bool) -> None:
    chances, _ = judged(50, slope=1.0, shift=0.0)
    found = recalibrate(chances, np.full(50, value))
    mean = float(found.probabilities(chances).mean())
    assert mean == pytest.approx(50.5 / 51 if value else 0.5 / 51, abs=0.002)
    assert 0.3 < found.slope < 3.0


def test_a_share_has_its_exact_interval() -> None:
    found = share_of(3, 50)
    assert found.value == 0.06
    # binom.test(3, 50) of R
    assert (found.low, found.high) == pytest.approx((0.01254859, 0.1654819), abs=1e-6)
    assert share_of(0, 50).low == 0.0
    assert share_of(50, 50).high == 1.0


def test_the_interval_covers_the_share() -> None:
    generator = np.random.default_rng(0)
    missed = 0
    for _ in range(400):
        found = share_of(int((generator.random(50) < 0.08).sum()), 50)
        missed += not found.low <= 0.08 <= found.high
    assert missed <= 400 * 0.06


def test_what_was_reestimated_is_measured_on_judgments_it_did_not_see() -> None:
    chances, labels = judged(40, slope=1.0, shift=-1.0, seed=5)
    scores = np.log(chances / (1 - chances))
    cut = Cut(share=0.1, score=2.0, positives=0, negatives=0, all_positives=9, all_negatives=31)
    honest = estimate(scores, chances, labels, [cut], as_they_are=False, seed=0)
    seen = recalibrate(chances, labels).probabilities(chances)
    assert honest.calibration.brier > float(((seen - labels) ** 2).mean())
    as_is = estimate(scores, chances, labels, [cut], as_they_are=True, seed=0)
    assert as_is.calibration.brier == pytest.approx(float(((chances - labels) ** 2).mean()))
    assert honest.tops[0].precision is None


def test_one_kind_has_no_average_precision() -> None:
    chances, _ = judged(30, slope=1.0, shift=0.0)
    found = estimate(chances, chances, np.zeros(30, dtype=bool), [], as_they_are=False, seed=0)
    assert found.average_precision is None
    assert found.prevalence.value == 0.0
    assert 0.0 < found.prevalence.high < 0.2
