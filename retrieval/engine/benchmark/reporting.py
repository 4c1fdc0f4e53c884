"""The report of a benchmark, put together from its rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.engine.benchmark.grading import Graded, Grading
from retrieval.engine.benchmark.grouping import SILHOUETTE
from retrieval.engine.benchmark.provenance import index_provenance
from retrieval.engine.benchmark.showing import (
    figures_of,
    label_figures,
    scored_labels,
    worst_queries,
)
from retrieval.engine.benchmark.systems import System
from retrieval.engine.benchmark.task import Task
from retrieval.engine.benchmark.twins import duplicate_documents
from retrieval.engine.index import Index
from retrieval.evaluate.results import (
    BenchReport,
    MeasureResult,
    SilhouetteFigure,
    SystemResult,
    TaskKind,
    TaskSummary,
)
from retrieval.evaluate.run import Run
from retrieval.evaluate.seen import HeldOut


def reported(
    index: Index,
    task: Task,
    *,
    held: HeldOut,
    systems: Sequence[System],
    runs: Sequence[Run],
    depth: int | None,
    grading: Grading,
    silhouette: tuple[MeasureResult, SilhouetteFigure] | None,
    provenance: Mapping[str, Any],
) -> BenchReport:
    """Measure the rankings of a task and put everything found into one report.

    Args:
        index: The index of the first system.
        task: What was measured on, as restricted.
        held: What was left out because a system learned from it.
        systems: The systems, the baseline first.
        runs: The ranking of each.
        depth: Hits asked for; None for every document.
        grading: How they are graded.
        silhouette: The silhouette of the index, if it was asked for.
        provenance: What else is to be told of where the figures come from.

    Raises:
        InputError: No judged query is left to count.
    """
    graded = grading.grade(task.qrels, runs, [depth] * len(runs))
    labelled = [scored_labels(task.qrels, run) for run in runs]
    drawn = [figures_of(run.name, queries) for run, queries in zip(runs, labelled, strict=True)]
    texts = {one.query_id: one.text for one in task.queries}
    return BenchReport(
        primary=str(grading.primary),
        task=_summary(index, task, graded[0]),
        systems=tuple(
            _system_result(system, one, depth, held, silhouette if at == 0 else None)
            for at, (system, one) in enumerate(zip(systems, graded, strict=True))
        ),
        comparisons=tuple(grading.compare(task.qrels, runs, graded)),
        figures=tuple(one for one in drawn if one is not None),
        silhouette=None if silhouette is None else silhouette[1],
        worst=tuple(
            worst_queries(
                graded[0],
                grading.primary,
                qrels=task.qrels,
                run=runs[0],
                texts=texts,
                snapshot=index.snapshot,
            )
        ),
        labels=tuple(
            one
            for run, queries in zip(runs, labelled, strict=True)
            if task.kind is TaskKind.LABELS
            for one in label_figures(run.name, task.qrels.query_ids, queries)
        ),
        provenance={
            **index_provenance(index),
            "split": task.split,
            "depth": depth,
            "judgments_sha256": task.qrels.digest,
            **provenance,
        },
    )


def _system_result(
    system: System,
    graded: Graded,
    depth: int | None,
    held: HeldOut,
    silhouette: tuple[MeasureResult, SilhouetteFigure] | None,
) -> SystemResult:
    measured = dict(zip(map(str, graded.evaluation.measures), graded.results, strict=True))
    if silhouette is not None:
        measured[SILHOUETTE] = silhouette[0]
    return SystemResult(
        name=system.name,
        description=system.description,
        measures=measured,
        per_query=graded.per_query(),
        depth=depth,
        tied_share=graded.evaluation.tied_share,
        left_out=held.left_out,
        out_of_fold=held.out_of_fold if system.seen is not None and system.seen.folds else 0,
        in_sample=held.in_sample and system.seen is not None,
    )


def _summary(index: Index, task: Task, graded: Graded) -> TaskSummary:
    snapshot = index.snapshot
    judged = dict.fromkeys(task.qrels.doc_ids)
    return TaskSummary(
        kind=task.kind,
        judgments=task.judgments,
        split=task.split,
        queries=graded.evaluation.n_judged,
        documents=sum(one.live_documents for one in snapshot.manifest.segments),
        judgments_count=len(task.qrels),
        without_relevant=graded.evaluation.without_relevant,
        unknown_documents=sum(snapshot.find(one) is None for one in judged),
        duplicate_documents=duplicate_documents(snapshot),
        notes=task.notes,
    )
