"""Measuring an approximate index again: after deletions, for another target, with other queries.

The structure stays, so that no rows can be left out of it. Queries are rows that it has never seen,
where there are such; else rows of its own, each left out of its own answer. What is then
measured is the search as it is done, among the rows that are left.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import (
    MOST_HELD_OUT,
    BuildPhase,
    Contract,
    Progress,
)
from retrieval.index.certificate import (
    Certificate,
    Effort,
    Measured,
    QuerySource,
    efforts_of,
)
from retrieval.index.certifying import certify
from retrieval.index.exact import ExactIndex
from retrieval.index.held_out import draw_rows
from retrieval.index.protocol import Neighbours
from retrieval.index.recall import Z_95, interval, recalls
from retrieval.index.tuning import ENOUGH
from retrieval.vectors import Bitmap, FloatRows

_TIMED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Queries of one source, and what exact search finds.

    Attributes:
        source: Where they come from.
        vectors: float32 (n, dim).
        own: int64 (n,), the row that each is itself, -1 for none.
        least: float64 (n,), the exact score of the k-th best row of each.
    """

    source: QuerySource
    vectors: FloatRows
    own: NDArray[np.int64]
    least: NDArray[np.float64]

    def half(self, which: int) -> _Asked:
        return replace(
            self,
            vectors=self.vectors[which::2],
            own=self.own[which::2],
            least=self.least[which::2],
        )


def measure_again(
    index: ApproximateIndex,
    allowed: Bitmap | None,
    contract: Contract,
    *,
    given: FloatRows | None = None,
    strangers: FloatRows | None = None,
    progress: Progress,
    clock: Callable[[], float] = time.perf_counter,
) -> Certificate:
    """Choose the effort of an index that is there, and measure what it reaches.

    Args:
        index: The index; its own certificate says what efforts there are.
        allowed: bool (n,), the rows that are left; None for all.
        contract: What it is to keep.
        given: float32 (q, dim), real queries; None for none.
        strangers: float32 (m, dim), rows of other indexes of the same vectors, which stand
            for rows left out of this one; None to draw rows of its own.
        progress: Told how far it is.
        clock: Seconds; times of queries come from it.

    Returns:
        A certificate in place of the index's own; ``held_out`` are the rows of its own that
        were asked with.
    """
    remeasuring = _Remeasuring(index, allowed, contract.k, clock)
    own = np.empty(0, dtype=np.int64)
    corpus = strangers
    if corpus is None:
        left = np.arange(len(index)) if allowed is None else np.flatnonzero(allowed)
        wanted = MOST_HELD_OUT if contract.held_out is None else contract.held_out
        own = left[draw_rows(len(left), min(wanted, len(left)), index.structure.plan.seed)]
        corpus = index.rows[own]
    sources = [(QuerySource.CORPUS, corpus)]
    if given is not None:
        sources.append((QuerySource.GIVEN, given))
    progress(BuildPhase.EXACT, 0, len(index))
    asked = [
        remeasuring.answered(source, vectors, own if source is QuerySource.CORPUS else None)
        for source, vectors in sources
        if len(vectors) >= 2
    ]
    progress(BuildPhase.EXACT, len(index), len(index))
    curve: list[Measured] = []
    for effort in efforts_of(index.certificate.curve) if asked else ():
        measured = [remeasuring.at(one.half(0), effort) for one in asked]
        curve += measured
        progress(BuildPhase.MEASURE, len(curve), 0)
        if all(one.low >= max(ENOUGH, contract.recall) or one.recall == 1 for one in measured):
            break
    return remeasuring.certified(contract, asked, curve, own, given)


class _Remeasuring:
    """An index that is measured among the rows that are left."""

    def __init__(
        self,
        index: ApproximateIndex,
        allowed: Bitmap | None,
        k: int,
        clock: Callable[[], float],
    ) -> None:
        self._index = index
        self._allowed = allowed
        self._k = k
        self._clock = clock

    def answered(
        self, source: QuerySource, vectors: FloatRows, own: NDArray[np.int64] | None
    ) -> _Asked:
        """Ask exact search."""
        rows = np.full(len(vectors), -1, dtype=np.int64)
        if own is not None and len(own):
            rows = own
        asked = _Asked(source=source, vectors=vectors, own=rows, least=np.empty(0))
        exact = ExactIndex(self._index.rows)
        found = exact.search(vectors, self._wanted(asked), allowed=self._allowed)
        scores = self._scores(asked, found)
        return replace(asked, least=scores[:, -1])

    def at(self, asked: _Asked, effort: Effort, z: float = Z_95) -> Measured:
        """Measure recall and time at an effort."""
        wanted = self._wanted(asked)
        # the effort is that of a search for k, also where one row more is asked for
        known = replace(self._index.certificate, k=wanted)
        one = self._index
        index = ApproximateIndex(one.rows, one.structure, known, effort, scattered=one.scattered)
        found = index.search(asked.vectors, wanted, allowed=self._allowed)
        shares = recalls(self._scores(asked, found), asked.least, self._k)
        known_recall = interval(shares, self._k, z=z)
        taken = []
        for at in range(min(_TIMED, len(asked.vectors))):
            started = self._clock()
            index.search(asked.vectors[at : at + 1], wanted, allowed=self._allowed)
            taken.append(self._clock() - started)
        return Measured(
            source=asked.source,
            queries=len(asked.vectors),
            effort=effort,
            recall=known_recall.mean,
            low=known_recall.low,
            high=known_recall.high,
            query_ms=1000 * float(np.median(taken)),
        )

    def certified(
        self,
        contract: Contract,
        asked: Sequence[_Asked],
        curve: Sequence[Measured],
        own: NDArray[np.int64],
        given: FloatRows | None,
    ) -> Certificate:
        """Measure the least effort that the curve promises, on the other half of the queries."""
        found = certify(asked, curve, contract.recall, self.at)
        return replace(
            self._index.certificate,
            k=contract.k,
            target=contract.recall,
            effort=found.effort,
            holds=found.effort is not None,
            attempts=found.attempts,
            certified=found.measured,
            curve=tuple(curve),
            held_out=tuple(own.tolist()),
            given_sha256="" if given is None else hashlib.sha256(given.tobytes()).hexdigest(),
        )

    def _wanted(self, asked: _Asked) -> int:
        """Return how many rows are asked for: one more where each query is a row itself."""
        return self._k + int(bool((asked.own >= 0).any()))

    def _scores(self, asked: _Asked, found: Sequence[Neighbours]) -> NDArray[np.float64]:
        """Return the scores of what was found, a row that is the query left out: (n, k)."""
        scores = np.full((len(found), self._k), -np.inf)
        for own, hits, kept in zip(asked.own, found, scores, strict=True):
            others = hits.scores[hits.rows != own][: self._k]
            kept[: len(others)] = others
        return scores
