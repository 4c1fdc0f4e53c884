"""From a curve to a certificate: chosen on one half of the queries, measured on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, Self, TypeVar

from retrieval.index.certificate import DECIDING_QUERIES, Effort, Measured, QuerySource
from retrieval.index.recall import Z_95
from retrieval.index.tuning import reaching
from retrieval.vectors import FloatRows

_ATTEMPTS = (Z_95, 2.241403, 2.393980)
"""Normal quantiles of 95 % for one, two and three attempts together (Bonferroni)."""


class Halved(Protocol):
    """Queries of one source that can be halved."""

    @property
    def source(self) -> QuerySource:
        """Where they come from."""
        ...

    @property
    def vectors(self) -> FloatRows:
        """float32 (n, dim)."""
        ...

    def half(self, which: int) -> Self:
        """Return every second query, from the first (0) or the second (1)."""
        ...


_Queries = TypeVar("_Queries", bound=Halved)


class Certified(NamedTuple):
    """What the queries that tuned nothing say.

    Attributes:
        effort: The least that keeps the target; None if none does.
        attempts: Efforts that were tried.
        measured: The last of them, or the greatest known where the curve promises none, for
            each source.
    """

    effort: Effort | None
    attempts: int
    measured: tuple[Measured, ...]


def certify(
    asked: Sequence[_Queries],
    curve: Sequence[Measured],
    target: float,
    at: Callable[[_Queries, Effort, float], Measured],
) -> Certified:
    """Measure the least effort that a curve promises, and the next where it falls short.

    Args:
        asked: Queries of each source.
        curve: Measured on their first halves.
        target: A recall in (0, 1).
        at: Measures queries at an effort, the interval for a normal quantile.
    """
    deciding = {
        str(one.source)
        for one in asked
        if one.source is QuerySource.CORPUS or len(one.vectors) >= DECIDING_QUERIES
    }
    efforts = reaching(curve, target, deciding) if deciding else []
    measured: list[Measured] = []
    attempts = 0
    for tried, z in zip(efforts, _ATTEMPTS, strict=False):
        attempts += 1
        measured = [at(queries.half(1), tried, z) for queries in asked]
        if all(one.recall >= target for one in measured if one.source in deciding):
            return Certified(tried, attempts, tuple(measured))
    if not efforts and curve:
        measured = [at(queries.half(1), curve[-1].effort, Z_95) for queries in asked]
    return Certified(None, attempts, tuple(measured))
