"""The tasks of the study, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.study import authors, efficiency, news, sentiment, similarity
from bench.study.system import System
from bench.study.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A comparison of systems.

    Attributes:
        collections: What it is measured on.
        systems: What is compared.
        measure: Takes a collection, names of systems and the choices; gives figures.
    """

    collections: tuple[str, ...]
    systems: tuple[System, ...]
    measure: Callable[[str, set[str], Work], dict[str, Any]]


TASKS = {
    "sentiment": Task(
        collections=tuple(sentiment.COLLECTIONS),
        systems=sentiment.SYSTEMS,
        measure=sentiment.measure,
    ),
    "news": Task(collections=("huffpost",), systems=news.SYSTEMS, measure=news.measure),
    "authors": Task(collections=("federalist",), systems=authors.SYSTEMS, measure=authors.measure),
    "similarity": Task(
        collections=("stsb",), systems=similarity.SYSTEMS, measure=similarity.measure
    ),
    "efficiency": Task(
        collections=("sentences",), systems=efficiency.SYSTEMS, measure=efficiency.measure
    ),
}
