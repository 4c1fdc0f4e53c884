from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Case, count, expected, share, values


@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
@pytest.mark.parametrize("rel", [1, 2])
def test_p_is_the_expected_share_of_relevant_hits_among_the_first_k(k: int, rel: int) -> None:
    wanted = [expected(case, lambda order, _: count(order[:k], rel) / k) for case in CASES]
    assert values(f"P(rel={rel})@{k}") == pytest.approx(wanted)


@pytest.mark.parametrize("rel", [1, 2])
def test_rprec_is_the_precision_of_as_many_hits_as_are_relevant(rel: int) -> None:
    wanted = [
        expected(
            case,
            lambda order, judged: share(
                count(order[: count(judged, rel)], rel), count(judged, rel)
            ),
        )
        for case in CASES
    ]
    assert values(f"Rprec(rel={rel})") == pytest.approx(wanted)


def test_p_divides_by_k_even_where_fewer_hits_are_found() -> None:
    assert values("P@10", (Case(([1], [1])),)) == [0.2]


def test_parts_of_tied_hits_do_not_add_up_to_more_than_1() -> None:
    case = Case(([1], [1], [1, 1, 1]))
    assert values("P@3", (case,)) == [1.0]
    assert values("P@1", (Case(([1] * 49,)),)) == [1.0]
