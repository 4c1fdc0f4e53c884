"""What a reranker is worth on judged queries, and how much it should count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.paired import compare
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.rerank.blend import blend
from retrieval.rerank.learned import BlendEntry
from retrieval.rerank.options import DEFAULT_WEIGHT

WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))
"""Shares of the reranker that are tried."""
FOLDS = 5
LEAST_GROUPS = 10
"""Groups of queries that have to be there for folds to say anything."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankedLists:
    """Judged queries with the candidates that a first stage found for them, as columns.

    Attributes:
        qrels: Every judgment of these queries, found or not.
        groups: int64 (n_queries,), in the order of ``qrels``: queries that share a relevant
            document have the same.
        owners: int64 (n,), ascending: whose candidate each is, a position in ``qrels``.
        doc_ids: n ids, distinct within a query.
        first: float64 (n,), scores of the first stage, descending within a query.
        measure: What rankings are measured by.
        first_stage: How candidates were found, in words.
        judgments: Hashes of the judgments that are trained and validated on.

    Raises:
        InputError: The groups are too few.
    """

    qrels: Qrels
    groups: NDArray[np.int64]
    owners: NDArray[np.int64]
    doc_ids: tuple[str, ...]
    first: NDArray[np.float64]
    measure: Measure
    first_stage: str
    judgments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(np.unique(self.groups))
        if count < LEAST_GROUPS:
            raise InputError(
                f"{len(self.qrels.query_ids)} queries to validate on, grouped by the relevant"
                f" documents they share, make {count}; at least {LEAST_GROUPS} groups are needed"
                " to tell whether a reranker is better than its first stage.",
                fix="Give a greater --validation, or judge more queries.",
            )

    @property
    def most_candidates(self) -> int:
        """Candidates of the query that has the most."""
        return int(np.bincount(self.owners).max()) if len(self.owners) else 0

    def values(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the measure of each query by scores of the candidates: float64 (n_queries,)."""
        count = len(self.qrels.query_ids)
        starts = np.searchsorted(self.owners, np.arange(count + 1))
        table = sorted(set(self.doc_ids))
        codes = {one: at for at, one in enumerate(table)}
        run = Run.from_columns(
            "ranked",
            self.qrels.query_ids,
            starts,
            table,
            np.array([codes[one] for one in self.doc_ids], dtype=np.int64),
            scores,
        )
        return evaluate(self.qrels, run, [self.measure]).of(self.measure)

    def blended(self, rerank: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
        """Return the blended scores of the candidates, each query on its own scale."""
        found = np.empty(len(self.first))
        borders = np.flatnonzero(np.diff(self.owners)) + 1
        for rows in np.split(np.arange(len(self.first)), borders):
            found[rows] = blend(rerank[rows], self.first[rows], weight)
        return found


def learned_blend(lists: RankedLists, rerank: NDArray[np.float64], *, seed: int) -> BlendEntry:
    """Learn the share of a reranker from judged queries, and measure it beside the first stage.

    The figure is cross-validated: queries that share a relevant document are in one fold, and
    each fold is measured by the share that is best on the others. Of equally good shares the
    nearest to ``DEFAULT_WEIGHT`` is taken.

    Args:
        lists: The queries and their candidates.
        rerank: float64 (n,), the reranker's scores of the candidates.
        seed: Of folds and the interval.
    """
    values = np.stack([lists.values(lists.blended(rerank, weight)) for weight in WEIGHTS])
    first = lists.values(lists.first)
    _, groups = np.unique(lists.groups, return_inverse=True)
    count = int(groups.max()) + 1
    folds = np.random.default_rng(seed).permutation(count)[groups] % FOLDS
    chosen = np.array([_best(values[:, folds != fold]) for fold in range(FOLDS)])
    held_out = values[chosen[folds], np.arange(len(folds))]
    beside = compare(first, held_out, seed=seed)
    return BlendEntry(
        weight=WEIGHTS[_best(values)],
        measure=str(lists.measure),
        queries=len(first),
        groups=count,
        first=float(first.mean()),
        rerank=float(lists.values(rerank).mean()),
        value=float(held_out.mean()),
        difference=beside.difference,
        low=beside.low,
        high=beside.high,
        candidates=lists.most_candidates,
        first_stage=lists.first_stage,
        judgments=lists.judgments,
    )


def _best(values: NDArray[np.float64]) -> int:
    """Return the share of the greatest mean; of equal ones the nearest to the default."""
    means = values.mean(axis=1).tolist()
    return min(
        range(len(WEIGHTS)),
        key=lambda at: (-round(means[at], 9), abs(WEIGHTS[at] - DEFAULT_WEIGHT), at),
    )
