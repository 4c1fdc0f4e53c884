"""How a writer builds approximate indexes, and who follows it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from retrieval.index.building import BuildPhase
from retrieval.index.plan import EXACT_ROWS, AnnPlan, Family, PlanChoice, choose_plan
from retrieval.observer import SILENT, Observer
from retrieval.processor import usable_cores
from retrieval.vectors import FloatRows

Planner: TypeAlias = Callable[[int, int, int | None], PlanChoice]
"""From rows, components and bytes of memory to what is built for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """How a writer builds approximate indexes.

    Attributes:
        planner: Chooses what is built.
        floor_passages: Rows from which on the planner builds any.
        queries: Real queries to tune and measure with, float32 (n, dim), unit rows, which are
            then kept; None for those kept already; no rows to forget these.
        observer: Is told what is built.
        timer: Seconds from any start, for the curve of recall and time.
        cores: Processor cores that build, for the time it takes.
    """

    planner: Planner = choose_plan
    floor_passages: int = EXACT_ROWS + 1
    queries: FloatRows | None = None
    observer: Observer = SILENT
    timer: Callable[[], float] = time.perf_counter
    cores: int = field(default_factory=usable_cores)

    def begin(self, choice: PlanChoice, passages: int, dim: int) -> None:
        """Tell who follows what is going to be built, and what it takes."""
        plan = choice.plan
        if plan is None:
            return
        self.observer.note(
            f"An approximate index of {passages:,} passages is built: {told(plan)};"
            f" {_gigabytes(choice.build_bytes)} of memory to build,"
            f" {_gigabytes(choice.search_bytes)} to search, about"
            f" {_minutes(rough_seconds(plan, passages, dim, self.cores))}."
        )

    def follow(self, phase: BuildPhase, done: int, total: int) -> None:
        """Tell who follows how far it is."""
        if total:
            self.observer.progress(f"approximate index, {phase}", done, total, "passages")


def rough_seconds(plan: AnnPlan, passages: int, dim: int, cores: int) -> float:
    """Return about how long it takes to build, right to a factor of two or so.

    For each doubling of the rows a row costs a graph 9 microseconds of one core and .0275 a
    component (60,000 rows of 64 and of 384 took two cores 6 and 10 s); lists take 70 for 384
    components, their centres aside.

    Args:
        plan: What is built.
        passages: Rows.
        dim: Components of a row.
        cores: That build.
    """
    if plan.family is Family.HNSW:
        row_us = (8.7 + 0.0275 * dim) * math.log2(max(passages, 2))
    else:
        row_us = (70.0 + 0.01 * plan.lists) * dim / 384
    return passages * row_us * 1e-6 / cores


def told(plan: AnnPlan) -> str:
    """Return a plan in words."""
    if plan.family is Family.HNSW:
        found = f"a graph (HNSW) of {plan.links} links"
    else:
        found = f"{plan.lists:,} lists (IVF)"
    return f"{found}, {plan.bits} bits a component ({plan.storage.upper()})"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(seconds, 1):.0f} s"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
