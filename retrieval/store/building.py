"""How a writer builds approximate indexes, and who follows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from retrieval.index.building import BuildPhase
from retrieval.index.plan import EXACT_ROWS, AnnPlan, Family, PlanChoice, choose_plan
from retrieval.vectors import FloatRows

Planner: TypeAlias = Callable[[int, int, int | None], PlanChoice]
"""From rows, components and bytes of memory to what is built for them."""


class Follower(Protocol):
    """Is told how building goes."""

    def note(self, text: str) -> None:
        """Take a sentence that a person should read."""
        ...

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Take how far a stage has come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """How a writer builds approximate indexes.

    Attributes:
        planner: Chooses what is built.
        floor_passages: Rows from which on the planner builds any.
        queries: Real queries to tune and measure with, float32 (n, dim), unit rows; None where
            there are none.
        follower: Is told what is built; None where nobody is.
        timer: Seconds from any start, for the curve of recall and time.
    """

    planner: Planner = choose_plan
    floor_passages: int = EXACT_ROWS + 1
    queries: FloatRows | None = None
    follower: Follower | None = None
    timer: Callable[[], float] = time.perf_counter

    def note(self, text: str) -> None:
        """Tell who follows what a person should read."""
        if self.follower is not None:
            self.follower.note(text)

    def begin(self, choice: PlanChoice, passages: int) -> None:
        """Tell who follows what is going to be built, and what it takes."""
        plan = choice.plan
        if plan is None:
            return
        self.note(
            f"An approximate index of {passages:,} passages is built: {told(plan)};"
            f" {_gigabytes(choice.build_bytes)} of memory to build,"
            f" {_gigabytes(choice.search_bytes)} to search."
        )

    def follow(self, phase: BuildPhase, done: int, total: int) -> None:
        """Tell who follows how far it is."""
        if self.follower is not None and total:
            self.follower.progress(f"approximate index, {phase}", done, total, "passages")


def told(plan: AnnPlan) -> str:
    """Return a plan in words."""
    if plan.family is Family.HNSW:
        return f"a graph (HNSW) of {plan.links} links over {plan.bits} bits a component"
    return f"{plan.lists:,} lists (IVF) of {plan.bits} bits a component (RaBitQ)"


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
