"""What peers find is compared with exact search, and each has a program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.products import PRODUCTS, chosen_products, overlap
from tests.house.sources import ROOT

ROWS = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], dtype=np.float32)
QUERY = np.array([[1, 0]], dtype=np.float32)


def test_overlap_is_the_share_that_exact_search_finds() -> None:
    assert overlap([[0, 1]], ROWS, QUERY, k=2) == 1.0
    assert overlap([[1, 3]], ROWS, QUERY, k=2) == 0.5
    assert overlap([[2, 3]], ROWS, QUERY, k=2) == 0.0


def test_ties_with_the_last_are_as_good_as_it() -> None:
    rows = ROWS[[0, 1, 1, 3]]
    assert overlap([[0, 2]], rows, QUERY, k=2) == 1.0


def test_too_few_and_repeated_hits_are_misses() -> None:
    assert overlap([[0]], ROWS, QUERY, k=2) == 0.5
    assert overlap([[0, 0]], ROWS, QUERY, k=2) == 0.5


def test_every_product_has_its_program_and_is_told() -> None:
    for one in PRODUCTS:
        assert (ROOT / "bench" / "peers" / f"{one.module}.py").exists()
        assert one.told
    assert len({one.name for one in PRODUCTS}) == len(PRODUCTS)
    assert len({one.store(Path()) for one in PRODUCTS}) == len(PRODUCTS)


def test_products_are_chosen_by_name() -> None:
    assert [one.name for one in chosen_products(["lancedb"])] == ["lancedb"]
    assert chosen_products([]) == list(PRODUCTS)
    with pytest.raises(SystemExit, match="milvus"):
        chosen_products(["milvus"])
