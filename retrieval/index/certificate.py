"""What is known of an approximate index: its recall, measured against exact search."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from retrieval.errors import UsageError
from retrieval.index.plan import AnnPlan


class QuerySource(StrEnum):
    """Where the queries of a measurement come from."""

    CORPUS = "corpus"
    """Rows of the index, left out while it was measured."""
    GIVEN = "given"
    """Queries that were handed in."""


DECIDING_QUERIES = 50
"""So many queries handed in, in both halves, take part in the choice; fewer are only measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard one query is searched for.

    Attributes:
        breadth: Rows a graph search keeps in sight, or lists that are looked into; >= 1.
        rescored: Candidates scored exactly, from their own rows; at least k.
    """

    breadth: int
    rescored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Recall at one effort, on one set of queries.

    Attributes:
        source: Where the queries come from.
        queries: How many.
        effort: How hard they were searched for.
        recall: Mean share of the k best that was found, in [0, 1].
        low: Lower end of its 95 % interval.
        high: Upper end.
        query_ms: Median milliseconds of one query on one thread, exact scores included.
    """

    source: QuerySource
    queries: int
    effort: Effort
    recall: float
    low: float
    high: float
    query_ms: float

    @property
    def decides(self) -> bool:
        """Whether an effort has to reach the recall on these queries."""
        return self.source is QuerySource.CORPUS or 2 * self.queries >= DECIDING_QUERIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The recall of an index, by queries that no choice was made on.

    Attributes:
        plan: What was built.
        rows: Of the index.
        k: Neighbours that recall was measured for.
        target: The recall asked for, in (0, 1).
        effort: That of a search of which nothing else is said; None where no effort
            reached the target: then searches are exact.
        holds: Whether the mean recall of the certifying queries reaches the target, for
            every source.
        attempts: Efforts tried on the certifying queries; the intervals of ``certified``
            hold for all of them together (Bonferroni).
        certified: Measured on the certifying queries, one a source.
        curve: Measured on the tuning queries, by effort ascending.
        exact_ms: Median milliseconds of one exact query on one thread.
        held_out: Rows used as queries, ascending; the even ones tuned, the odd certified.
        given_sha256: Of the bytes of the queries handed in; empty for none.
    """

    plan: AnnPlan
    rows: int
    k: int
    target: float
    effort: Effort | None
    holds: bool
    attempts: int
    certified: tuple[Measured, ...]
    curve: tuple[Measured, ...]
    exact_ms: float
    held_out: tuple[int, ...]
    given_sha256: str = ""

    def effort_for(self, recall: float) -> Effort:
        """Return the least effort known to reach a recall, by the lower end of its interval.

        Raises:
            UsageError: No effort does, or the recall is not in (0, 1).
        """
        if not 0 < recall < 1:
            raise UsageError(f"A recall of {recall} cannot be asked for; it lies in (0, 1).")
        deciding = [one for one in self.curve if one.decides]
        missed = {one.effort for one in deciding if one.low < recall}
        for effort in efforts_of(deciding):
            if effort not in missed:
                return effort
        best = max((one.low for one in deciding), default=0.0)
        raise UsageError(
            f"Recall {recall} at {self.k} is not known to be reached by this index:"
            f" the most that is certain is {best:.4f}.",
            fix="Ask for less, or search exactly.",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the certificate as what JSON can hold."""
        return {**dataclasses.asdict(self), "held_out": list(self.held_out)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """Read what ``to_json`` gave.

        Raises:
            KeyError, TypeError, ValueError, UsageError: It is something else.
        """
        effort = content["effort"]
        return cls(
            **{
                **content,
                "plan": AnnPlan.from_json(content["plan"]),
                "effort": None if effort is None else Effort(**effort),
                "certified": tuple(map(_measured, content["certified"])),
                "curve": tuple(map(_measured, content["curve"])),
                "held_out": tuple(content["held_out"]),
            }
        )


def efforts_of(curve: Sequence[Measured]) -> list[Effort]:
    """Return the efforts of a curve, each once, in its order."""
    return list(dict.fromkeys(one.effort for one in curve))


def _measured(content: dict[str, Any]) -> Measured:
    source, effort = QuerySource(content["source"]), Effort(**content["effort"])
    return Measured(**{**content, "source": source, "effort": effort})
