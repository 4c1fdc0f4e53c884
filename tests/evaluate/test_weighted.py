from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import ScoredLabels, group_ends
from retrieval.evaluate.weighted import (
    Statistic,
    area_under_roc,
    average_precision,
    precision_at,
    recall_at,
)

ROWS = st.lists(
    st.tuples(
        st.booleans(), st.integers(0, 5), st.lists(st.integers(0, 3), min_size=3, max_size=3)
    ),
    min_size=1,
    max_size=20,
)


def measured(
    statistic: Statistic, rows: list[tuple[bool, int, list[int]]]
) -> tuple[NDArray[np.float64], list[tuple[NDArray[np.bool_], NDArray[np.float64]]]]:
    """Return the statistic on three resamples, and the rows of each written out."""
    rows = sorted(rows, key=lambda row: -row[1])
    labels = np.array([label for label, _, _ in rows])
    scores = np.array([float(score) for _, score, _ in rows])
    counts = np.array([times for _, _, times in rows], dtype=np.int32).T
    found = statistic(labels, counts, group_ends(scores))
    return found, [(np.repeat(labels, one), np.repeat(scores, one)) for one in counts]


@given(ROWS)
def test_average_precision_of_counts_is_that_of_copies(
    rows: list[tuple[bool, int, list[int]]],
) -> None:
    found, resamples = measured(average_precision, rows)
    wanted = [ScoredLabels.from_columns(*one).average_precision() for one in resamples]
    assert found == pytest.approx(wanted, abs=1e-12)


@given(ROWS)
def test_the_area_under_the_curve_counts_pairs(rows: list[tuple[bool, int, list[int]]]) -> None:
    found, resamples = measured(area_under_roc, rows)
    for value, (labels, scores) in zip(found, resamples, strict=True):
        pairs = list(itertools.product(scores[labels], scores[~labels]))
        wins = sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs)
        assert value == pytest.approx(
            wins / len(pairs) if pairs else float(labels.any()), abs=1e-12
        )


@given(ROWS, st.integers(1, 25))
def test_precision_and_recall_at_a_rank_are_those_of_copies(
    rows: list[tuple[bool, int, list[int]]], cutoff: int
) -> None:
    precision, resamples = measured(precision_at(cutoff), rows)
    recall, _ = measured(recall_at(cutoff), rows)
    for p, r, (labels, scores) in zip(precision, recall, resamples, strict=True):
        wanted = float(ScoredLabels.from_columns(labels, scores).precision_at([cutoff])[0])
        assert p == pytest.approx(wanted, abs=1e-12)
        assert r == pytest.approx(wanted * cutoff / max(labels.sum(), 1), abs=1e-12)


def test_a_cut_within_a_group_takes_its_share() -> None:
    labels, counts = np.array([True, True, False]), np.array([[1, 2, 3]], dtype=np.int32)
    ends = np.array([0, 2])
    assert precision_at(3)(labels, counts, ends)[0] == pytest.approx((1 + 2 * 2 / 5) / 3)
    assert recall_at(3)(labels, counts, ends)[0] == pytest.approx((1 + 2 * 2 / 5) / 3)


def test_pairs_of_many_documents_do_not_overflow() -> None:
    labels = np.arange(200_000) < 100_000
    counts, ends = np.ones((1, 200_000), dtype=np.int32), np.arange(200_000)
    assert area_under_roc(labels, counts, ends)[0] == 1.0
    assert area_under_roc(~labels, counts, ends)[0] == 0.0


@pytest.mark.parametrize("statistic", [precision_at, recall_at])
def test_a_cutoff_below_one_is_refused(statistic: object) -> None:
    with pytest.raises(UsageError, match="cutoff is 0"):
        statistic(0)  # type: ignore[operator]


def test_no_relevant_document_gives_zero_not_nan() -> None:
    labels, counts, ends = np.array([False]), np.array([[1]], dtype=np.int32), np.array([0])
    for statistic in (average_precision, area_under_roc, precision_at(1), recall_at(1)):
        value = float(statistic(labels, counts, ends)[0])
        assert not math.isnan(value)
        assert value == 0.0
