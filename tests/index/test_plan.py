from __future__ import annotations

import json

import pytest

from retrieval.errors import UsageError
from retrieval.index.plan import (
    EXACT_ROWS,
    AnnPlan,
    Family,
    Storage,
    choose_plan,
    list_count,
    needed_bytes,
)

LISTS = AnnPlan(family=Family.IVF, storage=Storage.RABITQ, lists=1024, bits=3)


def test_few_rows_are_searched_exactly() -> None:
    assert choose_plan(EXACT_ROWS, 384).plan is None
    assert choose_plan(0, 384).plan is None
    assert choose_plan(EXACT_ROWS + 1, 384).plan is not None


def test_without_a_bound_a_graph_is_chosen() -> None:
    for rows in (EXACT_ROWS + 1, 1_000_000, 100_000_000):
        plan = choose_plan(rows, 384).plan
        assert plan is not None
        assert (plan.family, plan.links) == (Family.HNSW, 24)


def test_ten_million_rows_have_a_graph_in_twelve_gigabytes() -> None:
    plan = choose_plan(10_000_000, 384, 12 * 10**9).plan
    assert plan is not None
    assert (plan.family, plan.links) == (Family.HNSW, 24)
    less = choose_plan(10_000_000, 384, 95 * 10**8).plan
    assert less is not None
    assert (less.family, less.links) == (Family.HNSW, 16)


@pytest.mark.parametrize("rows", [300_000, 1_000_000, 10_000_000])
def test_what_is_chosen_fits_and_says_what_it_takes(rows: int) -> None:
    seen = set()
    for memory in (2**26, 2**28, 2**29, 2**30, 2**31, 2**32, 2**33, 2**34):
        choice = choose_plan(rows, 384, memory)
        assert choice.build_bytes <= memory
        assert choice.reason.endswith(".")
        if choice.plan is not None:
            assert (choice.search_bytes, choice.build_bytes) == needed_bytes(choice.plan, rows, 384)
            assert choice.search_bytes < choice.build_bytes
            seen.add((choice.plan.family, choice.plan.bits))
    assert len(seen) >= 2


def test_less_memory_takes_fewer_bits_and_too_little_is_said() -> None:
    bits = []
    for gib in (4, 1.8, 1.2, 1):
        plan = choose_plan(10_000_000, 384, int(gib * 2**30)).plan
        bits.append(plan.bits if plan is not None else 0)
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > bits[-1]
    assert "more than the memory allowed" in choose_plan(10_000_000, 384, 2**20).reason


def test_a_plan_is_read_as_it_was_written() -> None:
    for plan in (AnnPlan(), LISTS):
        assert AnnPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@pytest.mark.parametrize(
    "wrong",
    [
        {"storage": Storage.RABITQ},
        {"links": 1},
        {"build_breadth": 0},
        {"family": Family.IVF, "storage": Storage.RABITQ},
        {"family": Family.IVF, "storage": Storage.RABITQ, "lists": 8, "bits": 10},
    ],
)
def test_what_cannot_be_built_is_no_plan(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no plan"):
        AnnPlan(**wrong)  # type: ignore[arg-type]


def test_lists_grow_with_the_square_root_of_rows() -> None:
    assert [list_count(rows) for rows in (0, 100_000, 1_000_000, 10_000_000)] == [
        1,
        512,
        1024,
        4096,
    ]
