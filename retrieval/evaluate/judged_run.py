"""The join of a run with its judgments: what every measure is computed from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.measures.parameters import Ties
from retrieval.evaluate.measures.relevant_hits import RelevantHits, count_groups
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.evaluate.tie_groups import TieGroups

UNJUDGED = -1
"""Grade of a hit that was not judged; a negative grade of the judgments reads the same."""


class HitColumns(NamedTuple):
    """Every hit of every judged query, in the order of the judgments' queries.

    Attributes:
        starts: int64 (n_queries + 1,), the first hit of each query, and the end.
        doc_codes: int32 or int64 (n_hits,), positions in the run's ``doc_table``.
        scores: float64 (n_hits,), descending within a query.
        grades: int64 (n_hits,), ``UNJUDGED`` (-1) where there is no judgment.
        first: int64 (n_hits,), first rank of the hit's group of equal scores, from 1.
        last: int64 (n_hits,), last rank of that group.
    """

    starts: NDArray[np.int64]
    doc_codes: NDArray[np.integer]
    scores: NDArray[np.float64]
    grades: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedRun:
    """A run beside the judgments, over all judged queries in the judgments' order.

    A judged query the run lacks has no hits. Of the hits, only the judged ones are
    kept as columns, since a measure needs no more of an unjudged one than the ranks it
    takes; ``every_hit`` gives them all. Grades below 0 count as unjudged.

    Attributes:
        qrels: The judgments.
        run: The run.
        ties: How equal scores are read.
        depths: int64 (n_queries,), hits of each judged query.
        query: int64 (n_judged_hits,), ordinal of the query, ascending.
        grade: int64 (n_judged_hits,), at least 0.
        first: int64 (n_judged_hits,), first rank of the hit's group of equal scores,
            from 1, ascending within a query; with ``Ties.ID`` every hit is a group.
        last: int64 (n_judged_hits,), last rank of that group.
        unjudged_queries: Queries of the run without judgments; they are left out.
        tied_share: Share of the judged queries' hits whose score another hit of the
            same query has, in [0, 1]; as float32 with ``Ties.ID``.
    """

    qrels: Qrels
    run: Run
    ties: Ties
    depths: NDArray[np.int64]
    query: NDArray[np.int64]
    grade: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    unjudged_queries: int
    tied_share: float
    _relevant: dict[int, RelevantHits] = field(default_factory=dict, init=False, repr=False)
    _totals: dict[int, NDArray[np.int64]] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.qrels.query_ids)

    def relevant(self, rel: int) -> RelevantHits:
        """Return the hits of at least this grade; 0 for all judged hits."""
        if rel not in self._relevant:
            kept = self.grade >= rel
            columns = (self.query[kept], self.first[kept], self.last[kept])
            self._relevant[rel] = count_groups(*columns)
        return self._relevant[rel]

    def totals(self, rel: int) -> NDArray[np.int64]:
        """Count each query's judged documents of at least this grade, found or not.

        Returns:
            int64 (n_queries,).
        """
        if rel not in self._totals:
            self._totals[rel] = self.qrels.relevant_counts(rel)
        return self._totals[rel]

    def every_hit(self) -> HitColumns:
        """Return all hits of the judged queries, equal scores always as groups."""
        spans = [self.run.span(query_id)[0] for query_id in self.qrels.query_ids]
        starts = np.concatenate(([0], np.cumsum(self.depths)))
        origin = np.repeat(starts[:-1], self.depths)
        rows = np.arange(starts[-1]) - origin + np.repeat(spans, self.depths).astype(np.int64)
        scores = self.run.scores[rows]
        first, last = TieGroups.of(scores, starts).bounds(np.arange(len(rows)))
        grades = np.full(len(self.run), UNJUDGED, dtype=np.int64)
        found = _judged_rows(self.qrels, self.run)
        grades[found.row] = self.qrels.grades[found.judgment]
        return HitColumns(
            starts=starts,
            doc_codes=self.run.doc_codes[rows],
            scores=scores,
            grades=grades[rows],
            first=first - origin + 1,
            last=last - origin + 1,
        )


class _Found(NamedTuple):
    """Judged hits: their rows in the run and their judgments, by query, then row."""

    row: NDArray[np.int64]
    judgment: NDArray[np.int64]


def judge(qrels: Qrels, run: Run, *, ties: Ties = Ties.GROUP) -> JudgedRun:
    """Join a run with judgments.

    Args:
        qrels: The judgments; documents that no hit of the run is are simply not found.
        run: The run; queries that are not judged are left out, and counted.
        ties: How hits of equal score are read.
    """
    spans = np.array([run.span(one) for one in qrels.query_ids], dtype=np.int64).reshape(-1, 2)
    depths = spans[:, 1] - spans[:, 0]
    found = _judged_rows(qrels, run)
    query = qrels.owners()[found.judgment]
    origin = spans[:, 0][query] - 1
    groups = TieGroups.of(_as_read(run.scores, ties), run.starts)
    grade = qrels.grades[found.judgment]
    first, last = found.row - origin, found.row - origin
    if groups and ties is Ties.GROUP:
        begin, end = groups.bounds(found.row)
        first, last = begin - origin, end - origin
    elif groups:
        rank = groups.by_id_descending(run.doc_codes)[found.row] - origin
        order = np.lexsort((rank, query))
        query, grade = query[order], grade[order]
        first = last = rank[order]
    return JudgedRun(
        qrels=qrels,
        run=run,
        ties=ties,
        depths=depths,
        query=query,
        grade=grade,
        first=first,
        last=last,
        unjudged_queries=len(set(run.query_ids) - set(qrels.query_ids)),
        tied_share=_tied_share(groups, spans),
    )


def _as_read(scores: NDArray[np.float64], ties: Ties) -> NDArray[np.floating]:
    if ties is Ties.GROUP:
        return scores
    with np.errstate(over="ignore"):
        return scores.astype(np.float32)


def _tied_share(groups: TieGroups, spans: NDArray[np.int64]) -> float:
    hits = int((spans[:, 1] - spans[:, 0]).sum())
    if not groups or not hits:
        return 0.0
    counted = np.concatenate(([0], np.cumsum(groups.tied)))
    return int((counted[spans[:, 1]] - counted[spans[:, 0]]).sum()) / hits


def _judged_rows(qrels: Qrels, run: Run) -> _Found:
    """Find the hits that were judged, grades below 0 left out.

    A table over all documents holds the judgments of one query at a time: one gather a
    query costs a tenth of searching every hit among the judgments.
    """
    codes = run.codes_of(qrels.doc_ids)
    codes[qrels.grades < 0] = -1
    # the slot behind the table, which -1 means, takes the documents no hit can be
    slots = np.zeros(len(run.doc_table) + 1, dtype=np.int64)
    rows: list[NDArray[np.int64]] = []
    judgments: list[NDArray[np.int64]] = []
    numbers = np.arange(1, len(codes) + 1)
    for at, query_id in enumerate(qrels.query_ids):
        start, end = run.span(query_id)
        judged = slice(qrels.starts[at], qrels.starts[at + 1])
        slots[codes[judged]] = numbers[judged]
        found = slots[run.doc_codes[start:end]]
        (hits,) = found.nonzero()
        rows.append(hits + start)
        judgments.append(found[hits] - 1)
        slots[codes[judged]] = 0
    nothing = np.empty(0, dtype=np.int64)
    return _Found(np.concatenate([nothing, *rows]), np.concatenate([nothing, *judgments]))
