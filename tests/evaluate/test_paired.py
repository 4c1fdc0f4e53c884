from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.evaluate.bootstrap import mean_interval
from retrieval.evaluate.paired import compare
from retrieval.evaluate.randomisation import paired_randomisation


def test_wins_ties_and_losses_are_counted_beyond_rounding() -> None:
    baseline = np.full(25, 0.5)
    system = baseline.copy()
    system[:9] += 0.25
    system[9:12] -= 0.125
    system[12] += 1e-13
    found = compare(baseline, system, seed=0)
    assert (found.wins, found.ties, found.losses) == (9, 13, 3)
    assert found.difference == pytest.approx((9 * 0.25 - 3 * 0.125) / 25)


def test_the_interval_is_that_of_the_paired_difference() -> None:
    """Systems that go up and down together differ by less than either varies."""
    chance = np.random.default_rng(1)
    baseline = chance.random(80)
    system = baseline + 0.02 + 0.01 * chance.normal(size=80)
    found = compare(baseline, system, seed=2)
    assert 0.0 < found.low < found.difference < found.high
    interval = mean_interval(system - baseline, seed=2)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    alone = mean_interval(system, seed=2)
    assert found.high - found.low < (alone.high - alone.low) / 10


def test_the_p_value_is_that_of_the_randomisation_test() -> None:
    chance = np.random.default_rng(3)
    baseline, system = chance.random((2, 40))
    found = compare(baseline, system, seed=4)
    assert found.p_value == paired_randomisation(baseline, system, seed=4).p_value
    assert found.refused == ""


def test_few_queries_have_an_interval_and_no_p_value() -> None:
    found = compare([0.1, 0.2], [0.3, 0.3], seed=0)
    assert found.p_value is None
    assert "test: 2," in found.refused
    assert found.low < found.difference < found.high


def test_the_sign_says_which_system_is_better() -> None:
    forth, back = compare([0.0] * 30, [1.0] * 30, seed=0), compare([1.0] * 30, [0.0] * 30, seed=0)
    assert (forth.difference, forth.wins, forth.losses) == (1.0, 30, 0)
    assert (back.difference, back.wins, back.losses) == (-1.0, 0, 30)


def test_systems_on_different_queries_are_refused() -> None:
    with pytest.raises(UsageError, match="on the same queries"):
        compare([0.1, 0.2], [0.3], seed=0)
