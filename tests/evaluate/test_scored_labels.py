from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import LEVELS, ScoredLabels, ranking_figures

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=30)
SPREAD = ([True, False, True, True, False], [0.9, 0.8, 0.7, 0.4, 0.1])
TIED = ([True, False, True, False, False], [0.9, 0.5, 0.5, 0.5, 0.1])


def scored(labels: Sequence[bool], scores: Sequence[float]) -> ScoredLabels:
    return ScoredLabels.from_columns(np.array(labels, dtype=bool), np.array(scores, dtype=float))


def of_rows(rows: Sequence[tuple[bool, int]]) -> ScoredLabels:
    return scored([one for one, _ in rows], [score for _, score in rows])


def cut(rows: Sequence[tuple[bool, float]], threshold: float) -> tuple[int, int]:
    """Return relevant rows, and rows, from a threshold on."""
    above = [label for label, score in rows if score >= threshold]
    return sum(above), len(above)


def average_precision(rows: Sequence[tuple[bool, float]]) -> float:
    relevant = sum(label for label, _ in rows)
    gained = 0.0
    for label, score in rows:
        found, ranked = cut(rows, score)
        gained += label * found / ranked
    return gained / relevant if relevant else 0.0


def test_average_precision_of_distinct_scores() -> None:
    assert scored(*SPREAD).average_precision() == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)


def test_average_precision_takes_equal_scores_as_one_group() -> None:
    assert scored(*TIED).average_precision() == pytest.approx((1 / 1 + 2 / 4) / 2)


def test_a_constant_score_gives_the_base_rate() -> None:
    constant = scored([True] * 3 + [False] * 7, [0.5] * 10)
    assert constant.average_precision() == pytest.approx(0.3)


def test_average_precision_equals_that_of_scikit_learn() -> None:
    chance = np.random.default_rng(3)
    for _ in range(1000):
        count = int(chance.integers(2, 200))
        labels = chance.random(count) < chance.uniform(0.05, 0.95)
        labels[chance.integers(count)] = True
        scores = chance.normal(size=count).round(int(chance.integers(0, 3))) + labels
        found = ScoredLabels.from_columns(labels, scores).average_precision()
        assert found == pytest.approx(average_precision_score(labels, scores), abs=1e-9)


@given(ROWS)
def test_average_precision_equals_its_formula(rows: list[tuple[bool, int]]) -> None:
    assert of_rows(rows).average_precision() == pytest.approx(average_precision(rows), abs=1e-12)


@given(ROWS, st.randoms(use_true_random=False))
def test_nothing_depends_on_the_order_of_rows(
    rows: list[tuple[bool, int]], chance: random.Random
) -> None:
    mixed = sorted(rows, key=lambda _: chance.random())
    one, other = of_rows(rows), of_rows(mixed)
    assert one.average_precision() == other.average_precision()
    assert one.best_f1() == other.best_f1()
    assert one.best_accuracy() == other.best_accuracy()
    assert one.interpolated_precision().tolist() == other.interpolated_precision().tolist()


@pytest.mark.parametrize("labels", sorted(set(itertools.permutations([True, True, False, False]))))
def test_best_f1_never_splits_equal_scores(labels: tuple[bool, ...]) -> None:
    best = scored(labels, [0.5] * 4).best_f1()
    assert best.value == pytest.approx(2 / 3)
    assert best.threshold == 0.5


@given(ROWS)
def test_best_f1_is_the_best_over_all_thresholds(rows: list[tuple[bool, int]]) -> None:
    relevant = sum(label for label, _ in rows)
    values = {}
    for threshold in {score for _, score in rows}:
        found, ranked = cut(rows, threshold)
        values[threshold] = 2 * found / (ranked + relevant)
    best = of_rows(rows).best_f1()
    assert best.value == pytest.approx(max(values.values()))
    if relevant:
        assert best.threshold == max(t for t, v in values.items() if v == best.value)
    else:
        assert best.threshold == math.inf


@given(ROWS)
def test_best_accuracy_is_the_best_over_all_thresholds(rows: list[tuple[bool, int]]) -> None:
    values = {
        threshold: sum((score >= threshold) == label for label, score in rows) / len(rows)
        for threshold in [math.inf, *(score for _, score in rows)]
    }
    best = of_rows(rows).best_accuracy()
    assert best.value == pytest.approx(max(values.values()))
    assert best.threshold == max(t for t, v in values.items() if v == best.value)


def test_calling_nothing_relevant_can_be_most_accurate() -> None:
    best = scored([False, False, True], [3.0, 2.0, 1.0]).best_accuracy()
    assert best.value == pytest.approx(2 / 3)
    assert best.threshold == math.inf


def test_the_curve_has_a_point_at_each_distinct_score() -> None:
    curve = scored(*TIED).precision_recall()
    assert curve.thresholds.tolist() == [0.9, 0.5, 0.1]
    assert curve.precision.tolist() == [1.0, 0.5, 0.4]
    assert curve.recall.tolist() == [0.5, 1.0, 1.0]


@given(ROWS)
def test_interpolated_precision_is_the_best_at_that_recall_or_beyond(
    rows: list[tuple[bool, int]],
) -> None:
    relevant = sum(label for label, _ in rows)
    points = [cut(rows, threshold) for _, threshold in rows]
    found = of_rows(rows).interpolated_precision()
    for level in range(LEVELS):
        wanted = max((f / r for f, r in points if 100 * f >= level * relevant), default=0.0)
        assert found[level] == pytest.approx(wanted)


def test_recall_levels_are_compared_exactly() -> None:
    """0.57 in steps of 0.01 is a little more than 57 / 100 in floating point."""
    labels = [True] * 57 + [False] * 100 + [True] * 43
    found = scored(labels, list(range(200, 0, -1))).interpolated_precision()
    assert found[57] == 1.0
    assert found[58] < 1.0


def test_precision_by_rank_is_the_expectation_over_the_order_of_ties() -> None:
    labels, scores = [True, True, False, False, True], [2.0, 1.0, 1.0, 1.0, 0.0]
    orders = [[0, *middle, 4] for middle in itertools.permutations([1, 2, 3])]
    found = scored(labels, scores).precision_at([1, 2, 3, 4, 5])
    for rank in range(1, 6):
        wanted = sum(sum(labels[at] for at in order[:rank]) / rank for order in orders) / 6
        assert found[rank - 1] == pytest.approx(wanted)


def test_precision_falls_beyond_the_last_row() -> None:
    assert scored([True, True], [1.0, 2.0]).precision_at([2, 4]).tolist() == [1.0, 0.5]


@pytest.mark.parametrize("ranks", [[0], [1.5], [[1]]])
def test_ranks_that_are_none_are_refused(ranks: list[float]) -> None:
    with pytest.raises(UsageError, match="whole numbers from 1 on"):
        scored(*SPREAD).precision_at(ranks)


def test_the_histogram_counts_every_row_once() -> None:
    found = scored([True, False, True, True, True], [0.0, 0.0, 0.5, 1.0, 1.0]).histogram(2)
    assert found.edges.tolist() == [0.0, 0.5, 1.0]
    assert found.relevant.tolist() == [1, 3]
    assert found.non_relevant.tolist() == [1, 0]


@given(ROWS, st.integers(1, 9))
def test_the_histogram_loses_no_row(rows: list[tuple[bool, int]], bins: int) -> None:
    found = of_rows(rows).histogram(bins)
    assert found.relevant.sum() == sum(label for label, _ in rows)
    assert found.non_relevant.sum() == sum(not label for label, _ in rows)
    assert len(found.edges) == bins + 1


def test_no_relevant_row_scores_zero() -> None:
    none = scored([False, False], [1.0, 2.0])
    assert none.average_precision() == 0.0
    assert (none.best_f1().value, none.best_f1().threshold) == (0.0, math.inf)
    assert none.best_accuracy().value == 1.0
    assert not none.interpolated_precision().any()
    assert none.precision_recall().recall.tolist() == [0.0, 0.0]


def test_no_rows_score_zero() -> None:
    none = scored([], [])
    assert (none.average_precision(), none.best_f1().value) == (0.0, 0.0)
    assert not none.interpolated_precision().any()
    assert none.precision_at([1]).tolist() == [0.0]
    with pytest.raises(UsageError, match="no rows"):
        none.best_accuracy()


def test_relevant_rows_without_a_score_count_as_not_found() -> None:
    labels, scores = np.array([True, False]), np.array([2.0, 1.0])
    found = ScoredLabels.from_columns(labels, scores, unranked=3)
    assert found.average_precision() == pytest.approx(1 / 4)
    assert found.best_f1().value == pytest.approx(2 * 1 / (1 + 4))
    assert found.best_accuracy().value == pytest.approx(2 / 5)
    assert found.precision_recall().recall.tolist() == [0.25, 0.25]
    assert found.interpolated_precision(5).tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]


@given(st.lists(ROWS, min_size=1, max_size=4))
def test_pooling_queries_is_ranking_all_their_rows(queries: list[list[tuple[bool, int]]]) -> None:
    pooled = ScoredLabels.pooled([of_rows(rows) for rows in queries])
    whole = of_rows([row for rows in queries for row in rows])
    for name in ("thresholds", "found", "ranked"):
        assert getattr(pooled, name).tolist() == getattr(whole, name).tolist()


def test_figures_are_means_of_curves_and_pooled_scores() -> None:
    queries = [scored(*SPREAD), scored(*TIED)]
    found = ranking_figures("dense", queries, ranks=[1, 2], bins=2)
    curves = [one.interpolated_precision() for one in queries]
    assert found.recall[0] == 0.0
    assert found.recall[-1] == 1.0
    assert found.precision == pytest.approx(((curves[0] + curves[1]) / 2).tolist())
    assert found.precision_at_rank == pytest.approx([1.0, (1 / 2 + (1 + 1 / 3) / 2) / 2])
    assert sum(found.relevant) == 5
    assert sum(found.non_relevant) == 5
    assert found.best_f1 == ScoredLabels.pooled(queries).best_f1().value


def test_figures_without_relevant_rows_have_no_threshold() -> None:
    found = ranking_figures("dense", [scored([False], [1.0])], ranks=[1])
    assert found.threshold is None
    assert found.best_f1 is None


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_scores_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(UsageError, match=f"Score {bad} in row 1"):
        scored([True, False], [0.0, bad])


def test_grades_are_not_taken_for_labels() -> None:
    with pytest.raises(UsageError, match="int64, not bool"):
        ScoredLabels.from_columns(np.array([2, 0]), np.array([1.0, 0.0]))


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\(2,\) and scores \(1,\)"):
        scored([True, False], [1.0])


def test_other_arguments_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match="-1 unranked"):
        ScoredLabels.from_columns(np.array([True]), np.array([1.0]), unranked=-1)
    with pytest.raises(UsageError, match="no queries"):
        ScoredLabels.pooled([])
    with pytest.raises(UsageError, match="0 bins"):
        scored(*SPREAD).histogram(0)
    with pytest.raises(UsageError, match="1 recall levels"):
        scored(*SPREAD).interpolated_precision(1)
