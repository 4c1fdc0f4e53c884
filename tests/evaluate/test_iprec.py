from __future__ import annotations

import itertools
import math

import pytest

from tests.evaluate.cases import CASES, Case, count, values


def interpolated(case: Case, level: float, rel: int = 1) -> float:
    needed = math.floor(level * count(case.judged, rel) + 0.9)
    ranks = itertools.accumulate(len(group) for group in case.groups)
    found = itertools.accumulate(count(group, rel) for group in case.groups)
    return max(
        (hits / rank for rank, hits in zip(ranks, found, strict=True) if hits >= needed),
        default=0.0,
    )


@pytest.mark.parametrize("level", [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("rel", [1, 2])
def test_iprec_is_the_best_precision_from_a_recall_on(level: float, rel: int) -> None:
    wanted = [interpolated(case, level, rel) for case in CASES]
    assert values(f"IPrec(rel={rel})@{level}") == pytest.approx(wanted)


def test_iprec_does_not_fall_back_to_a_worse_rank() -> None:
    case = Case(([1], [None], [None], [1], [1]))
    assert values("IPrec@0.5", (case,)) == pytest.approx([3 / 5])
