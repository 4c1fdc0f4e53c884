from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from retrieval.errors import UsageError
from retrieval.evaluate.pairs import average_ranks, correlate, pearson, spearman


def test_pearson_equals_its_formula() -> None:
    x, y = [0.1, 0.4, 0.35, 0.8], [1.0, 3.0, 2.0, 5.0]
    mx, my = sum(x) / 4, sum(y) / 4
    above = sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    below = math.sqrt(sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y))
    assert pearson(x, y) == pytest.approx(above / below)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert average_ranks(np.array([3.0, 1.0, 3.0, 2.0, 3.0])).tolist() == [4.0, 1.0, 4.0, 2.0, 4.0]
    assert average_ranks(np.array([2.0, 2.0, 1.0])).tolist() == [2.5, 2.5, 1.0]


def test_spearman_sees_the_order_only() -> None:
    assert spearman([0.1, 0.2, 0.9], [1.0, 10.0, 11.0]) == pytest.approx(1.0)
    assert pearson([0.1, 0.2, 0.9], [1.0, 10.0, 11.0]) < 0.9
    assert spearman([3.0, 2.0, 1.0], [1.0, 10.0, 11.0]) == pytest.approx(-1.0)


def test_both_agree_with_scipy() -> None:
    chance = np.random.default_rng(1)
    for _ in range(200):
        count = int(chance.integers(3, 300))
        gold = chance.integers(0, 6, count).astype(float)
        gold[:2] = 0.0, 5.0
        predicted = (gold + chance.normal(size=count) * chance.uniform(0.1, 9)).round(1)
        found = correlate(predicted, gold)
        assert found.pairs == count
        assert found.pearson == pytest.approx(stats.pearsonr(predicted, gold).statistic, abs=1e-9)
        assert found.spearman == pytest.approx(stats.spearmanr(predicted, gold).statistic, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200, 1.7e308])
def test_the_scale_of_values_is_no_matter(scale: float) -> None:
    values = np.array([0.1, 0.9, 0.4, -1.0])
    gold = [1.0, 2.0, 4.0, 0.0]
    assert pearson(values * scale, gold) == pytest.approx(pearson(values, gold), abs=1e-12)


def test_a_constant_side_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"Every predicted value is 0\.5"):
        correlate([0.5, 0.5, 0.5], [1.0, 2.0, 3.0])
    with pytest.raises(UsageError, match="Every gold value is 4"):
        correlate([0.5, 0.6, 0.7], [4, 4, 4])
    with pytest.raises(UsageError, match="Every predicted value"):
        spearman([1.0], [2.0])


def test_values_that_are_not_finite_are_refused_by_place() -> None:
    with pytest.raises(UsageError, match="The gold value of pair 1 is nan"):
        pearson([1.0, 2.0], [1.0, math.nan])
    with pytest.raises(UsageError, match="The predicted value of pair 0 is inf"):
        spearman([math.inf, 2.0], [1.0, 2.0])


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\(2,\) and gold values \(3,\)"):
        pearson([1.0, 2.0], [1.0, 2.0, 3.0])


def test_the_record_is_json() -> None:
    assert correlate([1.0, 2.0], [2.0, 4.0]).to_json() == pytest.approx(
        {"pairs": 2, "pearson": 1.0, "spearman": 1.0}
    )
