from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Listing, expected, relevant, values


@pytest.mark.parametrize("p", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("rel", [1, 2])
def test_rbp_weighs_ranks_by_the_chance_to_be_read(p: float, rel: int) -> None:
    def rbp(order: Listing, _: list[int]) -> float:
        return (1 - p) * sum(p**at for at, grade in enumerate(order) if relevant(grade, rel))

    assert values(f"RBP(p={p},rel={rel})") == pytest.approx([expected(one, rbp) for one in CASES])
