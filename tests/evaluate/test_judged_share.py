from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Listing, expected, share, values


@pytest.mark.parametrize("k", [1, 2, 3, 50])
def test_judged_is_the_share_of_the_first_k_that_was_judged(k: int) -> None:
    def judged_share(order: Listing, _: list[int]) -> float:
        return share(sum(grade is not None for grade in order[:k]), len(order[:k]))

    wanted = [expected(case, judged_share) for case in CASES]
    assert values(f"Judged@{k}") == pytest.approx(wanted)
