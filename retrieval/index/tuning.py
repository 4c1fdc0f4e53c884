"""The curve of recall and time of a structure, and the effort that a target asks for."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.index.certificate import Effort, Measured, efforts_of
from retrieval.index.exact import ExactIndex
from retrieval.index.held_out import Queries
from retrieval.index.plan import Family
from retrieval.index.recall import Z_95, interval, recalls
from retrieval.index.rescoring import best, rescored
from retrieval.index.structure import Structure
from retrieval.vectors import FloatRows

ENOUGH = 0.999
"""The curve ends where the recall is certain to be so high."""
_LEAST_GRAPH, _MOST_GRAPH = 16, 2048
_LEAST_LISTS = 2
_RESCORED = (1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
_LOST = 5e-4
"""Of the recall of all candidates, what scoring fewer of them may lose."""
_TIMED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """What is measured.

    Attributes:
        structure: Over the rows that are no queries.
        rows: float32 (n, dim), all of them, by number.
        k: Neighbours.
        clock: Seconds, such as ``time.perf_counter``.
    """

    structure: Structure
    rows: FloatRows
    k: int
    clock: Callable[[], float]

    def at(self, queries: Queries, effort: Effort, z: float = Z_95) -> Measured:
        """Measure recall and time at an effort."""
        found = self.structure.find(queries.vectors, effort.rescored, effort.breadth)
        scores = rescored(self.rows, queries.vectors, found)
        return self._measured(queries, effort, scores, z)

    def _measured(
        self, queries: Queries, effort: Effort, scores: NDArray[np.float64], z: float
    ) -> Measured:
        known = interval(recalls(scores, queries.least, self.k), self.k, z=z)
        return Measured(
            source=queries.source,
            queries=len(queries.vectors),
            effort=effort,
            recall=known.mean,
            low=known.low,
            high=known.high,
            query_ms=self._query_ms(queries.vectors[:_TIMED], effort),
        )

    def _query_ms(self, queries: FloatRows, effort: Effort) -> float:
        """Return the median time of one query alone, as a search goes."""
        taken = []
        for at in range(len(queries)):
            query = queries[at : at + 1]
            started = self.clock()
            found = self.structure.find(query, effort.rescored, effort.breadth)
            best(found, rescored(self.rows, query, found), self.k)
            taken.append(self.clock() - started)
        return 1000 * statistics.median(taken)

    def exact_ms(self, queries: FloatRows) -> float:
        """Return the median time of a few exact queries, alone and on one thread."""
        taken = []
        for at in range(min(5, len(queries))):
            started = self.clock()
            ExactIndex(self.rows).search(queries[at : at + 1], self.k)
            taken.append(self.clock() - started)
        return 1000 * statistics.median(taken)

    def curve(self, every: Sequence[Queries], target: float, most_ms: float) -> Iterator[Measured]:
        """Measure efforts, the least first, until recall is certain to be enough.

        Args:
            every: Queries of each source, none empty.
            target: A recall that is enough if it is above ``ENOUGH``.
            most_ms: What exact search takes. Once the target is reached, an effort that
                takes longer is the last.
        """
        for breadth in self._breadths():
            effort = self._least_rescored(every[0], breadth)
            measured = [self.at(queries, effort) for queries in every]
            yield from measured
            if all(one.low >= max(ENOUGH, target) or one.recall == 1 for one in measured):
                return
            if all(one.low >= target for one in measured) and measured[0].query_ms > most_ms:
                return

    def _breadths(self) -> Iterator[int]:
        """Yield growing breadths, each about 1.4 times the one before."""
        plan, rows = self.structure.plan, len(self.structure)
        if plan.family is Family.HNSW:
            least, most = max(_LEAST_GRAPH, self.k), min(_MOST_GRAPH, rows)
        else:
            least, most = _LEAST_LISTS, plan.lists
        exponent = 0
        while (breadth := round(least * math.sqrt(2) ** exponent)) < most:
            yield breadth
            exponent += 1
        yield most

    def _least_rescored(self, queries: Queries, breadth: int) -> Effort:
        """Return a breadth with the fewest candidates that lose next to no recall of all."""
        rows = len(self.structure)
        most = min(rows, math.ceil(_RESCORED[-1] * self.k))
        if self.structure.plan.family is Family.HNSW:
            most = min(most, max(breadth, self.k))
        found = self.structure.find(queries.vectors, most, breadth)
        scores = rescored(self.rows, queries.vectors, found)
        whole = recalls(scores, queries.least, self.k).mean()
        for factor in _RESCORED:
            count = min(most, math.ceil(factor * self.k))
            if recalls(scores[:, :count], queries.least, self.k).mean() >= whole - _LOST:
                break
        return Effort(breadth=breadth, rescored=count)


def reaching(curve: Sequence[Measured], target: float, deciding: set[str]) -> list[Effort]:
    """Return the efforts whose recall is at least the target by the low end, ascending.

    Args:
        curve: Measured on the tuning queries.
        target: In (0, 1).
        deciding: The sources that have to reach it.
    """
    missed = {one.effort for one in curve if one.source in deciding and one.low < target}
    return [effort for effort in efforts_of(curve) if effort not in missed]
