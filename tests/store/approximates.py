"""Stores whose segments of a few hundred passages have approximate indexes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from retrieval.index.plan import AnnPlan, PlanChoice
from retrieval.observer import SILENT, Observer, Silent
from retrieval.records import Document, Span
from retrieval.store.building import Building
from retrieval.store.layout import PartKind
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.reach import Reach
from retrieval.store.recall_entry import RecallOptions
from retrieval.vectors import FloatRows, unit_rows
from tests.store.documents import held, settings, vector

DIM = 256
FLOOR = 600
PLAN = AnnPlan(links=8, build_breadth=40)
EASY = RecallOptions(target=0.5)


def planned(rows: int, dim: int, memory_bytes: int | None) -> PlanChoice:
    """Give every segment of so many rows a small graph."""
    plan = PLAN if rows >= FLOOR else None
    return PlanChoice(plan=plan, build_bytes=rows * dim, search_bytes=rows * dim, reason="test")


TURN = np.linalg.qr(np.random.default_rng(1).standard_normal((DIM, 8)))[0].T
"""float64 (8, DIM): puts few components among many, so that near rows are easy to find."""


def wide(text: str) -> FloatRows:
    """Return a unit vector that depends on the text alone: float32 (1, DIM)."""
    return unit_rows(vector(text) @ TURN)


def encode(documents: Sequence[Document]) -> list[Passages]:
    """Give each document one passage."""
    return [Passages((Span(0, len(one.text)),), wide(one.text), 0) for one in documents]


def assert_holds(store: LocalStore, documents: Iterable[Document]) -> None:
    """Check that a store has exactly these documents, found by their own vectors, and is sound."""
    wanted = {one.doc_id: one for one in documents}
    assert held(store) == wanted
    asked = list(wanted.values())[:: max(1, len(wanted) // 20)]
    rows = np.concatenate([wide(one.text) for one in asked])
    for one, ranking in zip(asked, store.search_vectors(rows, 1), strict=True):
        assert [hit.document for hit in store.fetch(ranking)] == [one]
    assert store.verify().problems == ()


class Follower(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.stages: set[str] = set()

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        self.stages.add(stage)


def building(
    observer: Observer = SILENT, queries: FloatRows | None = None
) -> Callable[[], Building]:
    return lambda: Building(
        planner=planned, floor_passages=FLOOR, observer=observer, queries=queries
    )


def store_of(
    folder: Path,
    recall: RecallOptions | None = EASY,
    *,
    reach: Reach | None = None,
    built: Callable[[], Building] | None = None,
) -> LocalStore:
    usual = settings()
    model = dataclasses.replace(usual.model, dim=DIM)
    return LocalStore(
        folder,
        dataclasses.replace(usual, model=model, recall=recall),
        building=built or building(),
        reach=reach or Reach(),
    )


def single(first: int, last: int, version: str = "a") -> list[Document]:
    """Documents of one passage."""
    return [
        Document(f"d{number:05d}", f"text {number} {version}", metadata={"n": number})
        for number in range(first, last)
    ]


def queries(count: int = 20) -> FloatRows:
    return np.concatenate([wide(f"query {number}") for number in range(count)])


def found(store: LocalStore, k: int = 10) -> list[list[tuple[str, float]]]:
    return [
        [
            (one.document.doc_id, score)
            for one, score in zip(store.fetch(ranking), ranking.scores.tolist(), strict=True)
        ]
        for ranking in store.search_vectors(queries(), k)
    ]


def part_of(store: LocalStore) -> Path:
    (part,) = [
        one.parts[PartKind.ANN] for one in store.describe().segments if PartKind.ANN in one.parts
    ]
    return store.folder / part.file
