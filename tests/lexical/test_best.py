from __future__ import annotations

import numpy as np
import pytest

from retrieval.lexical.best import best_rows


@pytest.mark.parametrize("rows", [0, 1, 100, 5000, 20_001])
@pytest.mark.parametrize("k", [1, 10, 150, 30_000])
@pytest.mark.parametrize("levels", [3, 10**9])
def test_the_best_are_those_of_a_full_sort(rows: int, k: int, levels: int) -> None:
    chance = np.random.default_rng(rows + k)
    scores = chance.integers(0, levels, size=rows) / 7.0
    scores[chance.random(rows) < 0.5] = 0.0
    wanted = [row for row in np.lexsort((np.arange(rows), -scores)) if scores[row] > 0][:k]
    assert best_rows(scores, k).tolist() == wanted


def test_few_matches_among_many_rows_are_all_found() -> None:
    scores = np.zeros(50_000)
    scores[[7, 4999, 49_999]] = [1.0, 2.0, 1.0]
    assert best_rows(scores, 10).tolist() == [4999, 7, 49_999]
