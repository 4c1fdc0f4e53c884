from __future__ import annotations

import math

import numpy as np
import pytest

from tests.evaluate.cases import CASES, Case, Listing, count, expected, relevant, values


def reciprocal_rank(order: Listing, k: int = 1000, rel: int = 1) -> float:
    ranks = [rank for rank, grade in enumerate(order[:k], start=1) if relevant(grade, rel)]
    return 1 / ranks[0] if ranks else 0.0


@pytest.mark.parametrize("rel", [1, 2])
def test_rr_is_the_expected_reciprocal_rank_of_the_first_relevant_hit(rel: int) -> None:
    wanted = [expected(case, lambda order, _: reciprocal_rank(order, rel=rel)) for case in CASES]
    assert values(f"RR(rel={rel})") == pytest.approx(wanted)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_rr_at_a_cutoff_is_0_where_the_first_relevant_hit_is_beyond_it(k: int) -> None:
    wanted = [expected(case, lambda order, _: reciprocal_rank(order, k)) for case in CASES]
    assert values(f"RR@{k}") == pytest.approx(wanted)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_success_is_the_chance_of_a_relevant_hit_among_the_first_k(k: int) -> None:
    wanted = [expected(case, lambda order, _: float(count(order[:k]) > 0)) for case in CASES]
    assert values(f"Success@{k}") == pytest.approx(wanted)


@pytest.mark.parametrize(("size", "hits"), [(1000, 1), (1000, 7), (700, 400), (256, 1), (257, 2)])
def test_large_groups_follow_the_closed_forms(size: int, hits: int) -> None:
    group: Listing = [1] * hits + [None] * (size - hits)
    case = Case(([None], group))
    chances = [math.comb(size - 1 - at, hits - 1) / math.comb(size, hits) for at in range(size)]
    wanted = math.fsum(chance / (at + 2) for at, chance in enumerate(chances))
    assert values("RR", (case,)) == pytest.approx([wanted], rel=1e-12)
    within = 1 - math.comb(size - hits, min(size, 99)) / math.comb(size, min(size, 99))
    assert values("Success@100", (case,)) == pytest.approx([within], rel=1e-12)


def test_one_relevant_hit_in_a_group_is_at_any_of_its_ranks_alike() -> None:
    case = Case(([None] * 3 + [1],))
    assert values("RR", (case,)) == pytest.approx([np.mean([1, 1 / 2, 1 / 3, 1 / 4])])
