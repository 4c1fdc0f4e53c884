"""Values of measures for every judged query of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.judged_run import JudgedRun, judge
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.measures.parameters import Ties
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """A run, measured: one value a measure and judged query.

    Attributes:
        measures: The measures, in the order asked for.
        query_ids: The queries that count, in the judgments' order.
        values: float64 (n_measures, n_queries), in [0, 1].
        answered: bool (n_queries,), whether the run has a hit for the query.
        has_relevant: bool (n_queries,), whether a document has a grade of at least 1.
        without_relevant: Judged queries without a relevant document: they count 0, or
            were dropped by ``only_answerable``.
        unjudged_queries: Queries of the run without judgments; they do not count.
        tied_share: Share of the judged queries' hits whose score another hit of the
            same query has, in [0, 1].
    """

    measures: tuple[Measure, ...]
    query_ids: tuple[str, ...]
    values: NDArray[np.float64]
    answered: NDArray[np.bool_]
    has_relevant: NDArray[np.bool_]
    without_relevant: int
    unjudged_queries: int
    tied_share: float

    @property
    def n_judged(self) -> int:
        """Queries that count."""
        return len(self.query_ids)

    @property
    def n_answered(self) -> int:
        """Those of them with a hit."""
        return int(self.answered.sum())

    def means(self) -> NDArray[np.float64]:
        """Return the mean of each measure over the queries that count: float64 (n_measures,)."""
        means: NDArray[np.float64] = self.values.mean(axis=1)
        return means

    def of(self, measure: Measure) -> NDArray[np.float64]:
        """Return the values of one measure: float64 (n_queries,).

        Raises:
            UsageError: It was not asked for.
        """
        if measure not in self.measures:
            raise UsageError(
                f"{measure} was not evaluated; {', '.join(map(str, self.measures))} were."
            )
        values: NDArray[np.float64] = self.values[self.measures.index(measure)]
        return values


def evaluate(
    qrels: Qrels, run: Run, measures: Sequence[Measure], *, only_answerable: bool = False
) -> Evaluation:
    """Measure a run on every judged query.

    A judged query that the run lacks scores 0, and so does one without relevant
    documents, as with trec_eval's ``-c`` and ir_measures (pytrec_eval averages over the
    answered queries only). Queries of the run that were not judged are left out.

    Args:
        qrels: The judgments.
        run: The run.
        measures: At least one.
        only_answerable: Drop the queries without any document of grade 1 or more,
            whatever ``rel`` a measure has, so that all measures keep the same queries.

    Raises:
        UsageError: No measure was asked for.
        InputError: No judged query is there to count.
    """
    if not measures:
        raise UsageError("No measure was asked for.", fix="Name one, such as nDCG@10.")
    answerable = qrels.relevant_counts() > 0
    without_relevant = int((~answerable).sum())
    unjudged = len(set(run.query_ids) - set(qrels.query_ids))
    if only_answerable:
        kept = np.flatnonzero(answerable)
        qrels = qrels.select([qrels.query_ids[at] for at in kept])
        answerable = answerable[kept]
    if not qrels.query_ids:
        raise InputError(
            f"No judged query is left to count ({without_relevant} have no relevant document)."
            if without_relevant
            else "The judgments hold no query."
        )
    readings: dict[Ties, JudgedRun] = {}
    values = np.empty((len(measures), len(qrels.query_ids)))
    for at, measure in enumerate(measures):
        ties = measure.parameters.ties
        if ties not in readings:
            readings[ties] = judge(qrels, run, ties=ties)
        values[at] = measure.values(readings[ties])
    grouped = readings[Ties.GROUP] if Ties.GROUP in readings else judge(qrels, run)
    return Evaluation(
        measures=tuple(measures),
        query_ids=qrels.query_ids,
        values=values,
        answered=grouped.depths > 0,
        has_relevant=answerable,
        without_relevant=without_relevant,
        unjudged_queries=unjudged,
        tied_share=grouped.tied_share,
    )
