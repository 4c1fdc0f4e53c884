"""Putting the candidates of one query in a new order, as far as time allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.rerank.blend import blend, unit_scale
from retrieval.rerank.options import DEFAULT_WEIGHT, RerankOptions
from retrieval.rerank.protocol import Reranker

TIMED_PAIRS = 8
"""Pairs scored between two looks at the clock: what a limit can be exceeded by."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What the first stage found for one query, best first.

    Attributes:
        passages: Texts of the first documents at least, as many as are to be scored: each
            one's best passage as an encoder reads it.
        ids: n distinct document ids: of equal scores the lesser id comes first.
        first: float64 (n,), scores of the first stage, descending.
    """

    passages: Sequence[str]
    ids: Sequence[str]
    first: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reranked:
    """Candidates in their new order.

    Attributes:
        order: int64 (n,), positions among the candidates, best first.
        scores: float64 (n,), the final scores in that order, descending.
        rerank: float64 (n,), the reranker's scores in that order; not a number where time
            ran out before.
        cut: Pairs that exceeded the reranker's window.
    """

    order: NDArray[np.int64]
    scores: NDArray[np.float64]
    rerank: NDArray[np.float64]
    cut: int

    @property
    def unscored(self) -> int:
        """Candidates that time did not suffice for."""
        return int(np.isnan(self.rerank).sum())


def rerank(
    reranker: Reranker,
    query: str,
    found: Candidates,
    options: RerankOptions,
    *,
    learned_weight: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Reranked:
    """Score a query's candidates together with it, and order them anew.

    Those scored are ordered by the blend of both stages, or by the reranker alone. Those that
    time did not suffice for follow in their old order, whatever they score; their final score
    is ``least - 1 + u(first)``, with the least of those scored and u of ``blend``, so that
    scores descend. Without any that is scored, first scores stay as they are.

    Args:
        reranker: The model.
        query: The text asked.
        found: The candidates.
        options: How; the first ``candidates`` of those found are scored.
        learned_weight: The model's own share in the blend; None if it has none.
        clock: Seconds from any start.

    Raises:
        UsageError: The reranker gives a score that is no number.
    """
    count = len(found.ids)
    most = min(count, options.candidates)
    scores = np.full(count, np.nan)
    cut = 0
    started = clock()
    step = most if options.timeout_s is None else TIMED_PAIRS
    for start in range(0, most, max(step, 1)):
        if options.timeout_s is not None and clock() - started >= options.timeout_s:
            break
        stop = min(start + step, most)
        pairs = reranker.score_pairs([query] * (stop - start), found.passages[start:stop])
        if not np.isfinite(pairs.scores).all():
            raise UsageError(
                f"The reranker {reranker.identity.name} gives a score that is no number.",
                fix="Use another model.",
            )
        scores[start:stop] = pairs.scores
        cut += int(pairs.cut.sum())
    weight = options.weight if options.weight is not None else learned_weight
    order, final = _ordered(
        scores,
        found,
        only=options.only,
        weight=DEFAULT_WEIGHT if weight is None else weight,
    )
    return Reranked(order, final, scores[order], cut)


def _ordered(
    scores: NDArray[np.float64], found: Candidates, *, only: bool, weight: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return positions of candidates in their new order, and the final scores in it."""
    first = found.first
    scored = np.flatnonzero(~np.isnan(scores))
    rest = np.flatnonzero(np.isnan(scores))
    if not len(scored):
        return rest, np.array(first)
    final = scores[scored] if only else blend(scores[scored], first[scored], weight)
    ids = [found.ids[at].encode() for at in scored.tolist()]
    best = sorted(range(len(scored)), key=lambda at: (-final[at], ids[at]))
    below = float(final.min()) - 1.0 + unit_scale(first)[rest]
    return np.concatenate([scored[best], rest]), np.concatenate([final[best], below])
