from __future__ import annotations

import math

import pytest

from retrieval.errors import InputError
from tests.evaluate.cases import CASES, Case, Listing, expected, share, values


def dcg(grades: Listing, k: int, exponential: bool) -> float:
    gains = [max(grade or 0, 0) for grade in grades[:k]]
    return math.fsum(
        (2**gain - 1 if exponential else gain) / math.log2(rank + 1)
        for rank, gain in enumerate(gains, start=1)
    )


def ndcg(order: Listing, judged: list[int], k: int = 1000, exponential: bool = False) -> float:
    ideal: Listing = [*sorted(judged, reverse=True)]
    return share(dcg(order, k, exponential), dcg(ideal, k, exponential))


def test_ndcg_is_the_discounted_gain_as_a_share_of_the_best() -> None:
    assert values("nDCG") == pytest.approx([expected(case, ndcg) for case in CASES])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("gain", ["linear", "exp"])
def test_ndcg_at_a_cutoff_cuts_the_ideal_too(k: int, gain: str) -> None:
    wanted = [
        expected(case, lambda order, judged: ndcg(order, judged, k, gain == "exp"))
        for case in CASES
    ]
    assert values(f"nDCG(gain={gain})@{k}") == pytest.approx(wanted)


def test_ndcg_of_a_ranking_worked_out_by_hand() -> None:
    case = Case(([1], [None], [3]), (2,))
    found, best = 1 + 3 / 2, 3 + 2 / math.log2(3) + 1 / 2
    assert values("nDCG", (case,)) == pytest.approx([found / best])


def test_a_perfect_ranking_has_exactly_1() -> None:
    case = Case(tuple([grade] for grade in sorted([*range(1, 60)] * 3, reverse=True)))
    assert values("nDCG", (case,)) == [1.0]


def test_a_grade_too_large_for_an_exponential_gain_is_refused() -> None:
    with pytest.raises(InputError, match="2000 has no exponential gain"):
        values("nDCG(gain=exp)", (Case(([2000],)),))
