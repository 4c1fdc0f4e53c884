from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Case, count, relevant, share, values


def area(case: Case, rel: int = 1) -> float:
    scored = [(-at, grade) for at, group in enumerate(case.groups) for grade in group]
    positive = [score for score, grade in scored if relevant(grade, rel)]
    negative = [score for score, grade in scored if not relevant(grade, rel)]
    if not negative:
        return share(len(positive), count(case.judged, rel))
    won = sum((one > other) + (one == other) / 2 for one in positive for other in negative)
    return share(won, count(case.judged, rel) * len(negative))


@pytest.mark.parametrize("rel", [1, 2])
def test_auc_is_the_share_of_pairs_in_the_right_order(rel: int) -> None:
    assert values(f"AUC(rel={rel})") == pytest.approx([area(case, rel) for case in CASES])


def test_a_relevant_document_that_is_not_ranked_loses_to_every_hit() -> None:
    assert values("AUC", (Case(([1], [0])), Case(([1], [0]), (1,)))) == [1.0, 0.5]
