from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UsageError
from retrieval.evaluate import agreement as measured
from retrieval.evaluate.agreement import Agreement, Contingency, agreement

GROUPINGS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=14)
CLASSES = ["a", "a", "a", "b", "b", "c"]
CLUSTERS = [0, 0, 1, 1, 1, 1]


def entropy(groups: list[int]) -> float:
    return -sum(n / len(groups) * math.log(n / len(groups)) for n in Counter(groups).values())


def entropy_given(one: list[int], other: list[int]) -> float:
    """Return H(one | other)."""
    both = Counter(zip(one, other, strict=True))
    sizes = Counter(other)
    return -sum(n / len(one) * math.log(n / sizes[k]) for (_, k), n in both.items())


def rand_for_chance(one: list[int], other: list[int]) -> float:
    pairs = list(itertools.combinations(range(len(one)), 2))
    a = [one[i] == one[j] for i, j in pairs]
    b = [other[i] == other[j] for i, j in pairs]
    both = sum(x and y for x, y in zip(a, b, strict=True))
    expected = sum(a) * sum(b) / len(pairs)
    most = (sum(a) + sum(b)) / 2
    return (both - expected) / (most - expected) if most != expected else 1.0


def matched(one: list[int], other: list[int]) -> float:
    rows, columns = sorted(set(one)), sorted(set(other))
    if len(rows) > len(columns):
        return matched(other, one)
    both = Counter(zip(one, other, strict=True))
    return max(
        sum(both[pair] for pair in zip(rows, chosen, strict=True))
        for chosen in itertools.permutations(columns, len(rows))
    ) / len(one)


@given(GROUPINGS)
def test_measures_equal_their_formulas(rows: list[tuple[int, int]]) -> None:
    one, other = [a for a, _ in rows], [b for _, b in rows]
    found = agreement(one, other)
    h, k = entropy(one), entropy(other)
    homogeneity = 1 - entropy_given(one, other) / h if h else 1.0
    completeness = 1 - entropy_given(other, one) / k if k else 1.0
    both = homogeneity + completeness
    mutual = 2 * (h - entropy_given(one, other)) / (h + k) if h + k else 1.0
    purity = sum(
        max(Counter(a for a, b in rows if b == cluster).values()) for cluster in set(other)
    ) / len(rows)
    assert found.homogeneity == pytest.approx(homogeneity, abs=1e-12)
    assert found.completeness == pytest.approx(completeness, abs=1e-12)
    v_measure = 2 * homogeneity * completeness / both if both > 1e-9 else 0.0
    assert found.v_measure == pytest.approx(v_measure, abs=1e-12)
    assert found.normalised_mutual_information == pytest.approx(mutual, abs=1e-12)
    assert found.adjusted_rand == pytest.approx(rand_for_chance(one, other), abs=1e-12)
    assert found.purity == pytest.approx(purity)
    assert found.matched_accuracy == pytest.approx(matched(one, other))


@given(GROUPINGS, st.permutations(range(4)))
def test_the_names_of_clusters_are_no_matter(rows: list[tuple[int, int]], names: list[int]) -> None:
    one, other = [a for a, _ in rows], [b for _, b in rows]
    renamed = agreement(one, [names[b] for b in other]).to_json()
    assert renamed == pytest.approx(agreement(one, other).to_json(), abs=1e-12)


def test_the_table_counts_documents() -> None:
    counted = Contingency.from_columns(CLASSES, CLUSTERS)
    assert counted.table().tolist() == [[2, 1], [0, 2], [0, 1]]
    assert counted.documents == 6
    assert counted.class_sizes.tolist() == [3, 2, 1]
    assert counted.cluster_sizes.tolist() == [2, 4]


def test_purity_and_matching_on_a_case_by_hand() -> None:
    found = agreement(CLASSES, CLUSTERS)
    assert found.purity == pytest.approx((2 + 2) / 6)
    assert found.matched_accuracy == pytest.approx((2 + 2) / 6)


def test_equal_groupings_agree_completely() -> None:
    one = Agreement(
        adjusted_rand=1.0,
        normalised_mutual_information=1.0,
        homogeneity=1.0,
        completeness=1.0,
        v_measure=1.0,
        purity=1.0,
        matched_accuracy=1.0,
    )
    for groups in (["x", "y", "y"], ["x"] * 5, list("abcde"), ["x"]):
        found = agreement(groups, [name * 2 for name in groups]).to_json()
        assert found == pytest.approx(one.to_json())


def test_large_groups_do_not_overflow() -> None:
    """Pairs of pairs of 300,000 documents need more than 64 bits."""
    classes = np.arange(300_000) % 2
    assert measured.adjusted_rand(Contingency.from_columns(classes, classes)) == 1.0
    halves = np.arange(300_000) // 150_000
    assert abs(measured.adjusted_rand(Contingency.from_columns(classes, halves))) < 1e-4


def test_too_many_groups_to_match_are_refused_and_the_rest_is_measured() -> None:
    everyone = Contingency.from_columns(np.arange(6000), np.arange(6000))
    assert measured.v_measure(everyone) == pytest.approx(1.0)
    with pytest.raises(UsageError, match="6,000 classes and 6,000 clusters"):
        measured.matched_accuracy(everyone)


@pytest.mark.parametrize(("classes", "clusters"), [([], []), ([1, 2], [1]), ([[1]], [[1]])])
def test_columns_that_do_not_fit_are_refused(classes: list[object], clusters: list[object]) -> None:
    with pytest.raises(UsageError, match="both are"):
        Contingency.from_columns(np.array(classes), np.array(clusters))
