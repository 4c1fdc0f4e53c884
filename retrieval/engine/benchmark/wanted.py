"""Which measures a benchmark is to report, and which one it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from retrieval.engine.benchmark.grouping import SILHOUETTE
from retrieval.errors import UsageError
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.results import TaskKind

QUERY_MEASURES = ("nDCG@10", "AP", "RR@10", "P@10", "R@100")
"""Measured on judged queries when none is named."""
LABEL_MEASURES = ("AP", "AUC", "P@10", "P@100")
"""Measured on labels when none is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The measures asked for; those of a task's kind where none was.

    Attributes:
        named: Measures of a ranking, in the order given.
        primary: The one to judge by; None for the first.
        silhouette: Whether the silhouette was asked for too.
    """

    named: tuple[Measure, ...]
    primary: Measure | None
    silhouette: bool

    @classmethod
    def parse(cls, names: Sequence[str], primary: str | None) -> Self:
        """Read the names of measures.

        Raises:
            UsageError: One is no measure, or the primary one is not of a ranking.
        """
        ranked = [one for one in names if one.strip().casefold() != SILHOUETTE]
        found = tuple(dict.fromkeys(Measure.parse(one) for one in ranked))
        if primary is not None and primary.strip().casefold() == SILHOUETTE:
            raise UsageError(
                "The silhouette is of the vectors; the primary measure is of a ranking.",
                fix="Name another with --primary.",
            )
        return cls(
            named=found,
            primary=None if primary is None else Measure.parse(primary),
            silhouette=len(ranked) < len(names),
        )

    def resolved(self, kind: TaskKind) -> tuple[Measure, ...]:
        """Return the measures of rankings for a kind of task, the primary one among them."""
        usual = LABEL_MEASURES if kind is TaskKind.LABELS else QUERY_MEASURES
        named = self.named or tuple(Measure.parse(one) for one in usual)
        return named if self.primary is None or self.primary in named else (self.primary, *named)

    def primary_of(self, kind: TaskKind) -> Measure:
        """Return the measure to judge by."""
        return self.primary or self.resolved(kind)[0]
