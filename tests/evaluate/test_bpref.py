from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Case, count, values


def bpref(case: Case, rel: int = 1) -> float:
    relevant = count(case.judged, rel)
    others = len(case.judged) - relevant
    if not relevant:
        return 0.0
    total, before = 0.0, 0
    for group in case.groups:
        beside = sum(grade is not None and 0 <= grade < rel for grade in group)
        passed = before + beside / 2
        loss = min(passed, relevant) / min(others, relevant) if passed else 0.0
        total += count(group, rel) * (1 - loss)
        before += beside
    return total / relevant


@pytest.mark.parametrize("rel", [1, 2])
def test_bpref_counts_judged_non_relevant_hits_before_relevant_ones(rel: int) -> None:
    assert values(f"bpref(rel={rel})") == pytest.approx([bpref(case, rel) for case in CASES])


def test_bpref_of_a_ranking_worked_out_by_hand() -> None:
    case = Case(([1], [0], [None], [1], [0], [1]), (1, 0, 0, 0))
    assert values("bpref", (case,)) == pytest.approx([(1 + (1 - 1 / 4) + (1 - 2 / 4)) / 4])
