"""Which structure stands for a segment's vectors, and what memory it takes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from retrieval.errors import UsageError


class Family(StrEnum):
    """How candidates are found: over a graph of near rows, or in lists of near rows."""

    HNSW = "hnsw"
    IVF = "ivf"


class Storage(StrEnum):
    """What stands for a row while candidates are found; the row itself scores them."""

    SQ8 = "sq8"
    """A signed byte a component."""
    RABITQ = "rabitq"
    """A few bits a component, after a random rotation."""


STORED = {Family.HNSW: Storage.SQ8, Family.IVF: Storage.RABITQ}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnPlan:
    """What is built.

    Attributes:
        family: How candidates are found.
        storage: What stands for a row.
        links: Of a row of a graph, above the lowest level; twice as many there. 2 to 256.
        build_breadth: Rows kept in sight when a row's links are chosen, at least 1.
        lists: Of an inverted file, at least 1; 0 for a graph.
        bits: A component, 1 to 9, of an inverted file; 8 for a graph.
        seed: Of the levels of a graph or the centres of lists, and of the held-out rows.
    """

    family: Family = Family.HNSW
    storage: Storage = Storage.SQ8
    links: int = 24
    build_breadth: int = 100
    lists: int = 0
    bits: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        wrong = []
        if self.storage is not STORED[self.family]:
            wrong.append(f"{self.family} keeps {STORED[self.family]}, not {self.storage}")
        if self.family is Family.HNSW and not (2 <= self.links <= 256 and self.build_breadth >= 1):
            wrong.append(f"a graph of {self.links} links at breadth {self.build_breadth}")
        if self.family is Family.IVF and not (self.lists >= 1 and 1 <= self.bits <= 9):
            wrong.append(f"{self.lists} lists of {self.bits} bits")
        if wrong:
            raise UsageError(f"This is no plan of an approximate index: {'; '.join(wrong)}.")

    def to_json(self) -> dict[str, Any]:
        """Return the plan as what JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> AnnPlan:
        """Read what ``to_json`` gave.

        Raises:
            KeyError, TypeError, ValueError, UsageError: It is something else.
        """
        return cls(
            **{
                **content,
                "family": Family(content["family"]),
                "storage": Storage(content["storage"]),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """A plan and why, to be shown before anything is built.

    Attributes:
        plan: None where exact search is fast enough, or nothing fits.
        build_bytes: Memory while building, beside the raw rows read block by block.
        search_bytes: Memory of what is kept; also about its size on disk.
        reason: One sentence.
    """

    plan: AnnPlan | None
    build_bytes: int
    search_bytes: int
    reason: str


EXACT_ROWS = 50_000
"""Up to so many rows exact search is used."""
LINKS = (24, 16)
"""Of a graph, the better first; eight fewer take 64 bytes a row less."""
_BLOCK_BYTES = 128 << 20
"""Blocks of raw rows in flight, with what FAISS makes of them; no more than all rows twice."""
BITS = (2, 1)
"""Of a component in lists; the more take three times as long to compare from 3 on."""


def choose_plan(
    rows: int, dim: int, memory_bytes: int | None = None, *, exact_rows: int = EXACT_ROWS
) -> PlanChoice:
    """Choose a structure for so many rows within so much memory.

    Args:
        rows: Of the segment, at least 0.
        dim: Components of a row, at least 1.
        memory_bytes: What building may take; None for no bound.
        exact_rows: Up to so many rows exact search is used.
    """
    if rows <= exact_rows:
        return PlanChoice(
            plan=None,
            build_bytes=0,
            search_bytes=0,
            reason=f"{rows:,} rows are searched exactly: that is fast up to {exact_rows:,}.",
        )
    limit = math.inf if memory_bytes is None else memory_bytes
    for plan, reason in _plans(rows):
        kept, building = needed_bytes(plan, rows, dim)
        if building <= limit:
            return PlanChoice(plan=plan, build_bytes=building, search_bytes=kept, reason=reason)
    return PlanChoice(
        plan=None,
        build_bytes=0,
        search_bytes=0,
        reason=f"exact search is used: the least structure for {rows:,} rows takes"
        f" {building / 2**30:.2f} GiB to build, more than the memory allowed.",
    )


def _plans(rows: int) -> Iterator[tuple[AnnPlan, str]]:
    """Yield plans with their reasons, the fastest to search first, the smallest last."""
    graph = "a graph over bytes is the fastest to search of what fits"
    for links in LINKS:
        yield AnnPlan(links=links), f"{graph}, with {links} links a row."
    for bits in BITS:
        yield (
            AnnPlan(family=Family.IVF, storage=Storage.RABITQ, lists=list_count(rows), bits=bits),
            f"the memory allowed asks for lists of codes of {bits} bits a component.",
        )


def list_count(rows: int) -> int:
    """Return how many lists so many rows are put into: a power of 2 near ``1.3 sqrt(rows)``."""
    return int(2 ** round(math.log2(max(1.0, 1.3 * math.sqrt(rows)))))


def needed_bytes(plan: AnnPlan, rows: int, dim: int) -> tuple[int, int]:
    """Return the memory that a plan's structure takes, kept and while it is built.

    A graph has ``dim`` bytes and twice its links a row, with upper levels for one row in
    ``links``; at the end rows are put in order, which holds the larger half twice. Lists
    have the codes with three factors, an id, and their centres with a graph of them.
    """
    blocks = min(_BLOCK_BYTES, 8 * rows * dim)
    if plan.family is Family.HNSW:
        codes = rows * dim
        links = rows * (2 * plan.links * 4 + 4 * plan.links // (plan.links - 1) + 12)
        return codes + links, codes + links + max(codes, links) + blocks
    code = (dim * plan.bits + 7) // 8 + 20
    centres = plan.lists * (4 * dim + 300)
    kept = rows * (code + 8) + centres
    training = min(rows, TRAINED_ROWS * plan.lists) * dim * 4
    return kept, max(kept + kept // 4, 2 * training + centres) + blocks


TRAINED_ROWS = 64
"""Rows a list that its centre is learned from."""
