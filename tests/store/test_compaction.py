from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.store.compaction import (
    MAX_SEGMENTS,
    MERGE_LIMIT_BYTES,
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
def test_plans_are_disjoint_of_one_class_and_bounded(sizes: list[SegmentSize]) -> None:
    groups = plan_merges(sizes)
    members = [at for group in groups for at in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len({sizes[at].comparison_class for at in group}) == 1
    assert len(sizes) - sum(len(group) - 1 for group in groups) <= MAX_SEGMENTS
