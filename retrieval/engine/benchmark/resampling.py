"""Intervals over documents, for tasks whose queries are a few labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate import weighted
from retrieval.evaluate.bootstrap import Interval, macro_difference_interval, macro_interval
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.evaluate.weighted import OnRows, Statistic


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelColumns:
    """Relevance of the same documents to every label.

    Attributes:
        query_ids: The labels.
        doc_ids: Documents judged for any of them, ascending.
        labels: bool (queries, documents).
    """

    query_ids: tuple[str, ...]
    doc_ids: tuple[str, ...]
    labels: NDArray[np.bool_]

    @classmethod
    def of(cls, qrels: Qrels, query_ids: Sequence[str]) -> Self:
        """Lay out the judgments of labels."""
        kept = qrels.select(query_ids)
        doc_ids = tuple(sorted(set(kept.doc_ids)))
        place = {doc_id: at for at, doc_id in enumerate(doc_ids)}
        labels = np.zeros((len(kept.query_ids), len(doc_ids)), dtype=bool)
        for row, query_id in enumerate(kept.query_ids):
            for doc_id, grade in kept.grades_of(query_id).items():
                labels[row, place[doc_id]] = grade >= 1
        return cls(query_ids=kept.query_ids, doc_ids=doc_ids, labels=labels)

    def interval(self, run: Run, measure: Measure, *, seed: int) -> Interval:
        """Return the interval of a measure's mean over labels."""
        return macro_interval(self.labels, self._scores(run), _statistic(measure), seed=seed)

    def difference(self, baseline: Run, system: Run, measure: Measure, *, seed: int) -> Interval:
        """Return the interval of the difference of two runs' means."""
        return macro_difference_interval(
            self.labels,
            self._scores(baseline),
            self._scores(system),
            _statistic(measure),
            seed=seed,
        )

    def _scores(self, run: Run) -> NDArray[np.float64]:
        """Return the score of every document; those without one tie below the lowest."""
        place = {doc_id: at for at, doc_id in enumerate(self.doc_ids)}
        scores = np.full(self.labels.shape, np.nan)
        for row, query_id in enumerate(self.query_ids):
            for doc_id, score in run.ranking(query_id):
                at = place.get(doc_id)
                if at is not None:
                    scores[row, at] = score
            lowest = np.nanmin(scores[row]) if not np.isnan(scores[row]).all() else 0.0
            scores[row, np.isnan(scores[row])] = lowest - 1.0
        return scores


def _statistic(measure: Measure) -> Statistic | OnRows:
    """Return a measure as a statistic of resampled documents, the quick way where there is one."""
    cutoff = measure.parameters.cutoff
    quick: dict[str, Statistic] = {
        "AP": weighted.average_precision,
        "AUC": weighted.area_under_roc,
    }
    if cutoff is not None:
        quick[f"P@{cutoff}"] = weighted.precision_at(cutoff)
        quick[f"R@{cutoff}"] = weighted.recall_at(cutoff)
    found = quick.get(str(measure))
    return (
        found
        if found is not None
        else OnRows(lambda labels, scores: _measured(measure, labels, scores))
    )


def _measured(measure: Measure, labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    ids = [f"{at:09d}" for at in range(len(labels))]
    qrels = Qrels.from_mapping({"q": dict(zip(ids, labels.astype(int).tolist(), strict=True))})
    run = Run.from_columns(
        "resample", ["q"], np.array([0, len(ids)]), ids, np.arange(len(ids)), scores
    )
    return float(evaluate(qrels, run, [measure]).values[0, 0])
