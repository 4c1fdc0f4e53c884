from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.filtered_search import check_corpus


@pytest.mark.parametrize("seed", range(10))
def test_filtered_searches_equal_brute_force(tmp_path: Path, seed: int) -> None:
    assert check_corpus(tmp_path / "i", seed, 25) in {0, 25}


@pytest.mark.torture
def test_ten_thousand_filtered_searches_equal_brute_force(tmp_path: Path) -> None:
    checked = seed = 0
    while checked < 10_000:
        seed += 1
        checked += check_corpus(tmp_path / str(seed), 1000 + seed, 50)
