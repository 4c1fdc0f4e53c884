from __future__ import annotations

import numpy as np
import pytest

from retrieval.query.convex import convex
from retrieval.query.reciprocal_rank import reciprocal_ranks


def test_the_convex_combination_written_out() -> None:
    fused = convex(
        np.array([0.5, -1.0, 0.2]),
        np.array([3.0, 6.0, 0.0]),
        greatest_dense=0.5,
        greatest_lexical=6.0,
        weight=0.75,
    )
    wanted = [0.75 * 1 + 0.25 * 0.5, 0.25, 0.75 * 1.2 / 1.5]
    assert fused.tolist() == pytest.approx(wanted)


def test_without_a_matching_word_meaning_alone_ranks() -> None:
    fused = convex(
        np.array([0.5, 0.1]), np.zeros(2), greatest_dense=0.5, greatest_lexical=0.0, weight=0.5
    )
    assert fused.tolist() == pytest.approx([0.5, 0.5 * 1.1 / 1.5])


def test_where_every_score_is_the_least_nothing_divides_by_zero() -> None:
    fused = convex(
        np.array([-1.0]), np.zeros(1), greatest_dense=-1.0, greatest_lexical=0.0, weight=0.5
    )
    assert fused.tolist() == [0.0]


def test_reciprocal_ranks_written_out() -> None:
    shares = reciprocal_ranks(np.array([1, 0, 2, 40]))
    assert shares.tolist() == pytest.approx([1 / 61, 0.0, 1 / 62, 1 / 100])
