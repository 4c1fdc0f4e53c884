from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.store.compaction import (
    MAX_SEGMENTS,
    MERGE_LIMIT_BYTES,
    SMALL_FLOORS,
    TIER_FACTOR,
    SegmentSize,
    plan_merges,
    tier,
)

SIZES = st.builds(
    SegmentSize,
    live_passages=st.integers(1, 10**7),
    size_bytes=st.integers(1, 2**32),
    dead_share=st.floats(0, 1),
    comparison_class=st.sampled_from(["float", "int8"]),
    approximate=st.booleans(),
)
FLOOR = 50_000


def after(sizes: list[SegmentSize], groups: list[list[int]]) -> list[SegmentSize]:
    """Return the segments that a commit leaves."""
    merged = {at for group in groups for at in group}
    kept = [one for at, one in enumerate(sizes) if at not in merged]
    for group in groups:
        rows = sum(sizes[at].live_passages for at in group)
        name = sizes[group[0]].comparison_class
        kept.append(SegmentSize(rows, rows * 3000, 0.0, name, approximate=rows >= FLOOR))
    return [
        SegmentSize(
            one.live_passages,
            one.size_bytes,
            one.dead_share,
            one.comparison_class,
            approximate=one.approximate or one.live_passages >= FLOOR,
        )
        for one in kept
    ]


def outside(sizes: list[SegmentSize], name: str) -> int:
    """Count the rows that only an exact search finds."""
    return sum(
        one.live_passages for one in sizes if one.comparison_class == name and not one.approximate
    )


def small(count: int, **fields: object) -> list[SegmentSize]:
    return [SegmentSize(10, 1000, 0.0, "float") for _ in range(count)]


def test_eight_of_a_tier_become_one() -> None:
    assert plan_merges(small(TIER_FACTOR)) == [list(range(TIER_FACTOR))]


def test_fewer_are_left_alone() -> None:
    assert plan_merges(small(TIER_FACTOR - 1)) == []


def test_tiers_grow_by_eight() -> None:
    assert [tier(rows) for rows in (1, 2047, 2048, 16383, 16384, 131072)] == [0, 0, 1, 1, 2, 3]


def test_a_segment_with_many_deletions_is_rewritten() -> None:
    assert plan_merges([SegmentSize(10, 1000, 0.5, "float")]) == [[0]]


def test_work_for_tidiness_is_bounded() -> None:
    huge = [SegmentSize(10, MERGE_LIMIT_BYTES, 0.0, "float") for _ in range(TIER_FACTOR)]
    assert plan_merges(huge) == []


@given(st.lists(SIZES, max_size=60))
def test_rows_outside_approximate_indexes_are_bounded(sizes: list[SegmentSize]) -> None:
    left = after(sizes, plan_merges(sizes, FLOOR))
    for name in ("float", "int8"):
        assert outside(left, name) <= SMALL_FLOORS * FLOOR
    assert len(left) <= MAX_SEGMENTS


def test_without_the_bound_small_segments_would_be_more() -> None:
    sizes = [SegmentSize(40_000, 10**8, 0.0, "float") for _ in range(7)]
    assert plan_merges(sizes) == []
    assert plan_merges(sizes, FLOOR) == [list(range(7))]


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=200))
def test_the_bound_holds_after_every_commit_and_work_stays_bounded(commits: list[int]) -> None:
    sizes: list[SegmentSize] = []
    rewritten = 0
    for rows in commits:
        sizes = [*sizes, SegmentSize(rows, rows * 3000, 0.0, "float", fresh=True)]
        groups = plan_merges(sizes, FLOOR)
        rewritten += sum(sizes[at].live_passages for group in groups for at in group)
        sizes = after(sizes, groups)
        assert outside(sizes, "float") <= SMALL_FLOORS * FLOOR
        assert len(sizes) <= MAX_SEGMENTS
    assert rewritten <= 6 * sum(commits)


@given(st.lists(SIZES, max_size=60), st.sampled_from([None, FLOOR]))
def test_plans_are_disjoint_of_one_class_and_bounded(
    sizes: list[SegmentSize], floor: int | None
) -> None:
    groups = plan_merges(sizes, floor)
    members = [at for group in groups for at in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len({sizes[at].comparison_class for at in group}) == 1
    assert len(sizes) - sum(len(group) - 1 for group in groups) <= MAX_SEGMENTS
