from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.query.diversity import candidates_for, diversified
from retrieval.vectors import unit_rows


def pool(seed: int, size: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    generator = np.random.default_rng(seed)
    scores = np.sort(generator.integers(0, 6, size).astype(np.float64))[::-1].copy()
    return scores, unit_rows(generator.standard_normal((size, 3)))


def written_out(
    scores: NDArray[np.float64], rows: NDArray[np.float32], k: int, weight: float
) -> list[int]:
    """Choose as the paper's formula reads, one candidate at a time."""
    width = np.ptp(scores) if len(scores) else 0.0
    relevance = [(one - scores.min()) / width if width else 0.0 for one in scores]
    wide = rows.astype(np.float64)
    chosen: list[int] = []
    while len(chosen) < min(k, len(scores)):
        best, found = -np.inf, -1
        for at in range(len(scores)):
            if at in chosen:
                continue
            alike = max((float((wide[at] * wide[one]).sum()) for one in chosen), default=-1.0)
            # the first is the best whatever the weight: nothing is chosen to be unlike
            worth = relevance[at] if not chosen else weight * relevance[at] - (1 - weight) * alike
            if worth > best:
                best, found = worth, at
        chosen.append(found)
    return chosen


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 14),
    st.integers(1, 20),
    st.sampled_from([0.0, 0.3, 0.7, 1.0]),
)
def test_choices_are_those_of_the_formula(seed: int, size: int, k: int, weight: float) -> None:
    scores, rows = pool(seed, size)
    found = diversified(scores, rows, k, weight).tolist()
    kept = list(range(min(k, size)))
    assert found == (kept if weight == 1.0 else written_out(scores, rows, k, weight))


@given(st.integers(0, 2**32 - 1), st.integers(1, 14))
def test_fewer_hits_are_the_first_of_more_candidates_chosen(seed: int, size: int) -> None:
    scores, rows = pool(seed, size)
    most = diversified(scores, rows, size, 0.5).tolist()
    assert sorted(most) == list(range(size))
    for k in range(1, size):
        assert diversified(scores, rows, k, 0.5).tolist() == most[:k]


def test_a_repeated_passage_comes_after_one_that_says_something_else() -> None:
    scores = np.array([0.9, 0.89, 0.6, 0.1])
    rows = unit_rows(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.1]]))
    assert diversified(scores, rows, 3, 0.7).tolist() == [0, 2, 1]
    assert diversified(scores, rows, 3, 1.0).tolist() == [0, 1, 2]
    assert diversified(scores, rows, 2, 0.0).tolist() == [0, 3]


def test_what_is_equal_keeps_its_order() -> None:
    scores, rows = np.ones(4), unit_rows(np.ones((4, 2)))
    assert diversified(scores, rows, 4, 0.5).tolist() == [0, 1, 2, 3]


def test_the_scale_of_scores_changes_nothing() -> None:
    scores, rows = pool(3, 12)
    assert (diversified(scores, rows, 6, 0.6) == diversified(64 * scores, rows, 6, 0.6)).all()


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_out_of_range_is_refused(weight: float) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        diversified(np.ones(2), unit_rows(np.eye(2)), 1, weight)


def test_enough_candidates_are_chosen_from() -> None:
    assert (candidates_for(1), candidates_for(10), candidates_for(40)) == (50, 50, 200)
