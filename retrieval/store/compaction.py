"""Which segments to merge in a commit: tiers of a factor of eight, at most 24 segments.

A search goes through every segment: with an approximate index where there is one, exactly where the
segment is too small for one. So that its cost does not grow with the number of segments, there are
at most 24 of them, and of one class of numerics at most twice the floor of approximate
indexes are rows that only an exact search finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TIER_FACTOR = 8
MAX_SEGMENTS = 24
TIER_FLOOR_PASSAGES = 2048
"""Segments smaller than this are all of the lowest tier."""
MERGE_LIMIT_BYTES = 2 << 30
"""Most bytes one commit rewrites for tidiness; above 24 segments it merges all the same."""
DEAD_SHARE = 1 / 3
"""A segment with more deleted documents than this is rewritten without them."""
SMALL_FLOORS = 2
"""Rows outside approximate indexes, in all, at most: so many times the floor of one."""


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """What planning needs to know of a segment.

    Attributes:
        live_passages: Rows that would be kept.
        size_bytes: Bytes that would be read.
        dead_share: Share of its documents that are deleted, 0 to 1.
        comparison_class: Segments of different classes are never merged.
        fresh: Not yet on disk: it is written in this commit in any case.
        approximate: It has an approximate index, which it keeps unless it is merged.
    """

    live_passages: int
    size_bytes: int
    dead_share: float
    comparison_class: str
    fresh: bool = False
    approximate: bool = False


def tier(live_passages: int) -> int:
    """Return the tier of a segment: 0 below the floor, then one more each factor of eight."""
    number, limit = 0, TIER_FLOOR_PASSAGES
    while live_passages >= limit:
        number, limit = number + 1, limit * TIER_FACTOR
    return number


def plan_merges(sizes: Sequence[SegmentSize], floor_passages: int | None = None) -> list[list[int]]:
    """Choose which segments to merge.

    Eight segments of one tier become one; a segment with many deletions is rewritten
    (a group of one); if more than 24 would remain, the smallest of a class go together; and so
    do those too small for an approximate index, when together they are more than twice its floor.
    O'Neil et al. (1996) describe the tiers, as log-structured merge trees.

    Args:
        sizes: One entry a segment.
        floor_passages: Rows from which on a segment gets an approximate index; None where
            none is wanted.

    Returns:
        Groups of positions, disjoint, each in ascending order.
    """
    groups: list[list[int]] = []
    taken: set[int] = set()
    budget = MERGE_LIMIT_BYTES
    by_tier: dict[tuple[str, int], list[int]] = {}
    for at, size in enumerate(sizes):
        by_tier.setdefault((size.comparison_class, tier(size.live_passages)), []).append(at)
    for _, members in sorted(by_tier.items()):
        cost = sum(sizes[at].size_bytes for at in members)
        if len(members) >= TIER_FACTOR and cost <= budget:
            groups.append(members)
            taken.update(members)
            budget -= cost
    for at, size in enumerate(sizes):
        if at not in taken and size.dead_share > DEAD_SHARE and size.size_bytes <= budget:
            groups.append([at])
            taken.add(at)
            budget -= size.size_bytes
    _shrink(sizes, groups)
    if floor_passages is not None:
        _gather(sizes, groups, floor_passages)
    return [sorted(group) for group in groups]


def _shrink(sizes: Sequence[SegmentSize], groups: list[list[int]]) -> None:
    """Merge what is smallest of a class, merges that are planned included, until 24 remain."""
    for name in sorted({size.comparison_class for size in sizes}):
        grouped = {at for group in groups for at in group}
        units = [group for group in groups if sizes[group[0]].comparison_class == name]
        units += [
            [at]
            for at, size in enumerate(sizes)
            if at not in grouped and size.comparison_class == name
        ]
        surplus = len(sizes) - sum(len(group) - 1 for group in groups) - MAX_SEGMENTS
        if surplus > 0 and len(units) > 1:
            units.sort(key=lambda unit: (_rows(sizes, unit), unit))
            chosen = units[: surplus + 1]
            groups[:] = [group for group in groups if group not in chosen]
            groups.append([at for unit in chosen for at in unit])


def _gather(sizes: Sequence[SegmentSize], groups: list[list[int]], floor: int) -> None:
    """Merge what is too small for an approximate index where it has become too much."""
    for name in sorted({size.comparison_class for size in sizes}):
        grouped = {at for group in groups for at in group}
        small = [
            [at]
            for at, size in enumerate(sizes)
            if at not in grouped
            and size.comparison_class == name
            and not size.approximate
            and size.live_passages < floor
        ]
        small += [
            group
            for group in groups
            if sizes[group[0]].comparison_class == name and _rows(sizes, group) < floor
        ]
        total = sum(_rows(sizes, group) for group in small)
        if total > SMALL_FLOORS * floor:
            groups[:] = [group for group in groups if group not in small]
            groups.append([at for group in small for at in group])


def _rows(sizes: Sequence[SegmentSize], group: Sequence[int]) -> int:
    return sum(sizes[at].live_passages for at in group)
