"""Which segments to merge in a commit: tiers of a factor of eight, at most 24 segments."""

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


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """What planning needs to know of a segment.

    Attributes:
        live_passages: Rows that would be kept.
        size_bytes: Bytes that would be read.
        dead_share: Share of its documents that are deleted, 0 to 1.
        comparison_class: Segments of different classes are never merged.
        fresh: Not yet on disk: it is written in this commit in any case.
    """

    live_passages: int
    size_bytes: int
    dead_share: float
    comparison_class: str
    fresh: bool = False


def tier(live_passages: int) -> int:
    """Return the tier of a segment: 0 below the floor, then one more each factor of eight."""
    number, limit = 0, TIER_FLOOR_PASSAGES
    while live_passages >= limit:
        number, limit = number + 1, limit * TIER_FACTOR
    return number


def plan_merges(sizes: Sequence[SegmentSize]) -> list[list[int]]:
    """Choose which segments to merge.

    Eight segments of one tier become one; a segment with many deletions is rewritten
    (a group of one); if more than 24 would remain, the smallest of a class go together.
    O'Neil et al. (1996) describe the tiers, as log-structured merge trees.

    Args:
        sizes: One entry a segment.

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
    return [sorted(group) for group in groups]


def _shrink(sizes: Sequence[SegmentSize], groups: list[list[int]]) -> None:
    """Merge the smallest segments of a class until at most 24 remain, if they can."""
    classes = sorted({size.comparison_class for size in sizes})
    for name in classes:
        own = [at for at, size in enumerate(sizes) if size.comparison_class == name]
        grouped = [group for group in groups if sizes[group[0]].comparison_class == name]
        loose = [at for at in own if not any(at in group for group in grouped)]
        total = len(sizes) - sum(len(group) - 1 for group in groups)
        surplus = total - MAX_SEGMENTS
        if surplus > 0 and len(loose) > 1:
            loose.sort(key=lambda at: (sizes[at].live_passages, at))
            groups.append(loose[: surplus + 1])
