"""Silhouettes and agreement of groupings against scikit-learn's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn import metrics

from retrieval.evaluate.agreement import agreement
from retrieval.evaluate.silhouette import cosine_silhouette, euclidean_silhouette
from retrieval.vectors import unit_rows

Silhouette: TypeAlias = Callable[..., NDArray[np.float64]]
Grouping: TypeAlias = NDArray[np.int64]


@pytest.mark.parametrize(
    ("metric", "silhouette"), [("cosine", cosine_silhouette), ("euclidean", euclidean_silhouette)]
)
@pytest.mark.parametrize(("count", "dim", "groups"), [(400, 384, 41), (1500, 16, 3), (60, 2, 25)])
def test_silhouettes_agree(
    metric: str, silhouette: Silhouette, count: int, dim: int, groups: int
) -> None:
    chance = np.random.default_rng(count)
    own = chance.integers(0, groups, count)
    rows = unit_rows(chance.normal(size=(groups, dim))[own] + chance.normal(size=(count, dim)))
    # in float32 scikit-learn's own distances are rounded to about 1e-7
    theirs = metrics.silhouette_samples(rows.astype(np.float64), own, metric=metric)
    assert silhouette(rows, own) == pytest.approx(theirs, abs=1e-9)


def groupings() -> Iterator[tuple[Grouping, Grouping]]:
    chance = np.random.default_rng(1)
    for _ in range(150):
        count = int(chance.integers(2, 120))
        one, other = (chance.integers(0, chance.integers(1, 12), count) for _ in range(2))
        yield one, np.where(chance.random(count) < chance.random(), one, other)
    together, apart = np.zeros(30, dtype=np.int64), np.arange(30)
    some = chance.integers(0, 4, 30)
    for one in (together, apart, some):
        for other in (together, apart, some):
            yield one, other
    yield np.array([0]), np.array([0])


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("adjusted_rand", metrics.adjusted_rand_score),
        ("normalised_mutual_information", metrics.normalized_mutual_info_score),
        ("homogeneity", metrics.homogeneity_score),
        ("completeness", metrics.completeness_score),
        ("v_measure", metrics.v_measure_score),
    ],
)
def test_agreement_agrees(name: str, theirs: Callable[[Grouping, Grouping], float]) -> None:
    for one, other in groupings():
        found = agreement(one, other).to_json()[name]
        assert found == pytest.approx(theirs(one, other), abs=1e-9), (one, other)


def test_purity_and_matching_agree_with_its_table() -> None:
    for one, other in groupings():
        table = metrics.cluster.contingency_matrix(one, other)
        found = agreement(one, other)
        assert found.purity == pytest.approx(table.max(axis=0).sum() / len(one))
        matched = table[linear_sum_assignment(-table)].sum()
        assert found.matched_accuracy == pytest.approx(matched / len(one))
