from __future__ import annotations

import pytest

from tests.evaluate.cases import CASES, Listing, count, expected, share, values


@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
@pytest.mark.parametrize("rel", [1, 2])
def test_r_is_the_expected_share_of_the_relevant_documents_among_the_first_k(
    k: int, rel: int
) -> None:
    wanted = [
        expected(case, lambda order, judged: share(count(order[:k], rel), count(judged, rel)))
        for case in CASES
    ]
    assert values(f"R(rel={rel})@{k}") == pytest.approx(wanted)


@pytest.mark.parametrize("k", [1, 2, 3, 5, 50])
def test_f1_is_the_harmonic_mean_of_precision_and_recall(k: int) -> None:
    def f1(order: Listing, judged: list[int]) -> float:
        precision = count(order[:k]) / k
        recall = share(count(order[:k]), count(judged))
        return share(2 * precision * recall, precision + recall)

    assert values(f"F1@{k}") == pytest.approx([expected(case, f1) for case in CASES])
