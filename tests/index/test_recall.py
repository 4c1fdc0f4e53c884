from __future__ import annotations

import numpy as np
import pytest

from retrieval.index.recall import Z_95, interval, recalls


def wilson(p: float, n: float) -> tuple[float, float]:
    z = Z_95
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def test_a_row_as_good_as_the_last_of_the_best_counts_as_found() -> None:
    scores = np.array([[0.9, 0.7, 0.5], [0.9, 0.4, -np.inf]])
    assert recalls(scores, np.array([0.7, 0.5]), 2).tolist() == [1.0, 0.5]


def test_more_equal_rows_than_are_asked_for_are_no_more_than_all() -> None:
    assert recalls(np.array([[0.5, 0.5, 0.5]]), np.array([0.5]), 2).tolist() == [1.0]


def test_neighbours_missed_by_chance_are_trials_of_their_own() -> None:
    chance = np.random.default_rng(0)
    shares = (chance.random((4000, 10)) < 0.9).mean(axis=1)
    found = interval(shares, 10)
    low, high = wilson(float(shares.mean()), 40_000)
    assert found.low == pytest.approx(low, abs=2e-4)
    assert found.high == pytest.approx(high, abs=2e-4)


def test_queries_missed_as_a_whole_are_one_trial_each() -> None:
    shares = np.repeat([1.0, 0.0], [450, 50])
    found = interval(shares, 10)
    low, high = wilson(0.9, 500)
    assert (found.mean, found.low, found.high) == pytest.approx((0.9, low, high), abs=1e-4)


def test_where_nothing_is_missed_the_interval_is_not_a_point() -> None:
    found = interval(np.ones(500), 10)
    assert found.mean == found.high == 1.0
    assert found.low == pytest.approx(wilson(1.0, 5000)[0])


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        # a query's chance differs from another's: misses come together
        of_query = chance.beta(9.0, 1.0, 300)
        shares = chance.binomial(10, of_query) / 10
        known = interval(shares, 10)
        held += known.low <= 0.9 <= known.high
    assert 0.92 <= held / 400 <= 0.98


def test_one_query_has_an_interval() -> None:
    assert interval(np.array([0.5]), 10).low < 0.5 < interval(np.array([0.5]), 10).high
