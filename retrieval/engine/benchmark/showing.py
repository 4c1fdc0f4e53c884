"""What a report shows beside the figures: curves, labels without a cut, the worst queries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from retrieval.engine.benchmark.grading import Graded
from retrieval.evaluate.judged_run import judge
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import LabelFigures, RankingFigures, ShownHit, WorstQuery
from retrieval.evaluate.run import Run
from retrieval.evaluate.scored_labels import ScoredLabels, ranking_figures
from retrieval.store.reader import Snapshot

WORST_QUERIES = 5
WORST_HITS = 5
_SHOWN_CHARACTERS = 200
_STEPS_A_DECADE = 20


def scored_labels(qrels: Qrels, run: Run) -> list[ScoredLabels]:
    """Return each judged query's hits as labels with scores, in the judgments' order."""
    judged = judge(qrels, run)
    hits = judged.every_hit()
    found = []
    for at, total in enumerate(judged.totals(1).tolist()):
        part = slice(hits.starts[at], hits.starts[at + 1])
        relevant = hits.grades[part] >= 1
        unranked = total - int(relevant.sum())
        found.append(ScoredLabels.from_columns(relevant, hits.scores[part], unranked=unranked))
    return found


def figures_of(name: str, queries: Sequence[ScoredLabels]) -> RankingFigures | None:
    """Return what can be drawn of a system; None where it found nothing at all."""
    deepest = max((one.rows for one in queries), default=0)
    if deepest == 0:
        return None
    steps = round(_STEPS_A_DECADE * math.log10(deepest)) + 1
    ranks = np.unique(np.rint(np.geomspace(1, deepest, steps)).astype(int))
    return ranking_figures(name, queries, ranks=ranks.tolist())


def label_figures(
    name: str, query_ids: Sequence[str], queries: Sequence[ScoredLabels]
) -> list[LabelFigures]:
    """Return each label's figures without a cut."""
    found = []
    for label, one in zip(query_ids, queries, strict=True):
        documents = one.rows + one.unranked
        f1, accuracy = one.best_f1(), one.best_accuracy()
        found.append(
            LabelFigures(
                system=name,
                label=label,
                documents=documents,
                base_rate=one.relevant / documents,
                average_precision=one.average_precision(),
                best_f1=f1.value,
                f1_threshold=f1.threshold if math.isfinite(f1.threshold) else None,
                best_accuracy=accuracy.value,
                accuracy_threshold=accuracy.threshold
                if math.isfinite(accuracy.threshold)
                else None,
            )
        )
    return found


def worst_queries(
    graded: Graded,
    primary: Measure,
    *,
    qrels: Qrels,
    run: Run,
    texts: Mapping[str, str],
    snapshot: Snapshot,
) -> list[WorstQuery]:
    """Return the answerable queries with the lowest values of the primary measure."""
    found = graded.evaluation
    values = found.of(primary)
    answerable = np.flatnonzero(found.has_relevant)
    lowest = answerable[np.argsort(values[answerable], kind="stable")][:WORST_QUERIES]
    worst = []
    for at in lowest.tolist():
        query_id = found.query_ids[at]
        grades = qrels.grades_of(query_id)
        hits = run.ranking(query_id)[:WORST_HITS] if query_id in run.query_ids else []
        worst.append(
            WorstQuery(
                query_id=query_id,
                query=texts.get(query_id, ""),
                value=float(values[at]),
                relevant=sum(grade >= 1 for grade in grades.values()),
                hits=tuple(
                    ShownHit(
                        rank=rank,
                        score=score,
                        doc_id=doc_id,
                        text=_beginning(snapshot, doc_id),
                        grade=grades.get(doc_id),
                    )
                    for rank, (doc_id, score) in enumerate(hits, 1)
                ),
            )
        )
    return worst


def _beginning(snapshot: Snapshot, doc_id: str) -> str:
    """Return title and beginning of a document; empty where the index does not have it."""
    place = snapshot.find(doc_id)
    if place is None:
        return ""
    document = snapshot.fetch(place).document
    text = " ".join(f"{document.title} {document.text}".split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS].rstrip() + "..."
