from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.evaluate.randomisation import (
    RandomisationTest,
    paired_differences,
    paired_randomisation,
)


def enumerated(differences: list[float]) -> float:
    """Return the share of sign flips whose mean is at least as far from 0."""
    observed = abs(sum(differences))
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product([1, -1], repeat=len(differences))
    ]
    return sum(one >= observed - 1e-9 for one in sums) / len(sums)


@pytest.mark.parametrize("seed", range(4))
def test_few_differences_are_enumerated(seed: int) -> None:
    chance = np.random.default_rng(seed)
    differences = chance.normal(size=9) + 0.5
    found = paired_randomisation(np.zeros(9), differences, seed=0, fewest=1)
    assert found.exact
    assert found.p_value == pytest.approx(enumerated(differences.tolist()), abs=1e-15)


def test_queries_that_tie_do_not_count_towards_enumeration() -> None:
    differences = np.array([0.3, 0.1, -0.2] + [0.0] * 20)
    found = paired_randomisation(np.full(23, 0.5), 0.5 + differences, seed=0)
    assert found.exact
    assert found.p_value == pytest.approx(enumerated(differences[:3].tolist()))


def test_drawn_flips_approach_the_enumerated_p_value() -> None:
    differences = np.random.default_rng(5).normal(size=12) + 0.4
    wanted = enumerated(differences.tolist())
    drawn = paired_randomisation(np.zeros(12), differences, seed=1, resamples=4000, fewest=1)
    assert not drawn.exact
    assert drawn.p_value == pytest.approx(wanted, abs=4 * math.sqrt(wanted / 4000))


def test_enumeration_starts_where_every_way_fits() -> None:
    differences = np.ones(10)
    whole = paired_randomisation(np.zeros(10), differences, seed=0, resamples=1024, fewest=1)
    assert (whole.exact, whole.p_value) == (True, 2 / 1024)
    drawn = paired_randomisation(np.zeros(10), differences, seed=0, resamples=1023, fewest=1)
    assert not drawn.exact


def test_the_observation_itself_counts() -> None:
    """No drawn flip is as extreme, and still p is not 0."""
    found = paired_randomisation(np.zeros(60), np.ones(60), seed=2, resamples=9999)
    assert found.p_value == 1 / 10_000


def test_the_test_is_two_sided_and_has_no_direction() -> None:
    chance = np.random.default_rng(6)
    one, other = chance.random(50), chance.random(50) + 0.1
    forth = paired_randomisation(one, other, seed=3)
    assert forth.p_value == paired_randomisation(other, one, seed=3).p_value


def test_equal_systems_have_a_p_value_of_one() -> None:
    same = np.random.default_rng(7).random(30)
    assert paired_randomisation(same, same + 1e-14, seed=0).p_value == 1.0


def test_rounding_does_not_hide_equally_extreme_flips() -> None:
    """Ten of sixteen flips are as far from 0 as 0.2; in floating point only six seem so."""
    differences = [0.1, 0.1, 0.1, -0.1]
    found = paired_randomisation(np.zeros(4), differences, seed=0, fewest=1)
    assert found.p_value == 10 / 16


def test_p_values_are_uniform_where_there_is_no_difference() -> None:
    """Of 400 tests without a difference, 5 % are below 0.05, by chance 5 % +- 3.3 %."""
    chance = np.random.default_rng(8)
    found = [
        paired_randomisation(*chance.random((2, 25)), seed=seed, resamples=500).p_value or 0.0
        for seed in range(400)
    ]
    assert 0.017 <= np.mean(np.array(found) < 0.05) <= 0.083
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_too_few_queries_are_refused_with_the_reason() -> None:
    found = paired_randomisation(np.zeros(19), np.ones(19), seed=0)
    assert found.p_value is None
    assert found.refused == "too few queries for a test: 19, and 20 is the least"
    assert paired_randomisation(np.zeros(20), np.ones(20), seed=0).refused == ""


def test_differences_within_rounding_are_ties() -> None:
    found = paired_differences([0.5, 0.5, 0.5], [0.5 + 1e-13, 0.5 + 1e-11, 0.25])
    assert found[0] == 0.0
    assert found[1] > 0.0
    assert found[2] == -0.25


@pytest.mark.parametrize(
    ("baseline", "system", "match"),
    [
        ([1.0], [1.0, 2.0], r"\(1,\) and the system's \(2,\)"),
        ([], [], r"\(0,\)"),
        ([1.0], [math.nan], "NaN"),
        ([math.inf], [1.0], "infinite"),
    ],
)
def test_values_that_do_not_pair_are_refused(
    baseline: list[float], system: list[float], match: str
) -> None:
    with pytest.raises(UsageError, match=match):
        paired_randomisation(baseline, system, seed=0)


def test_no_resamples_are_refused() -> None:
    with pytest.raises(UsageError, match="0 resamples"):
        paired_randomisation([1.0], [2.0], seed=0, resamples=0)


def test_a_test_has_a_p_value_or_a_reason() -> None:
    with pytest.raises(UsageError, match="either"):
        RandomisationTest(p_value=None)
    with pytest.raises(UsageError, match="either"):
        RandomisationTest(p_value=0.5, refused="why")
