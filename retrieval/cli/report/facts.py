"""What a benchmark was made of and made with, as words: task, systems, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retrieval.cli.figures import count
from retrieval.cli.report.wording import depth, figure, share
from retrieval.evaluate.results import (
    BenchReport,
    LabelFigures,
    MeasureResult,
    Resampled,
    SystemResult,
    TaskKind,
    TaskSummary,
)

LABEL_HEADINGS = ("documents", "chance", "AP", "best F1", "best accuracy")
"""What is told of a label as a classifier."""
LABELS_CAPTION = (
    "Each label as a classifier, best figures at their thresholds; chance is the share of"
    " documents with the label"
)
_TOLD_IN_A_LINE = ("index", "generation", "model", "seed")


def task_words(report: BenchReport) -> str:
    """Return the task in a line: judgments, split, queries, documents, depth, primary measure."""
    task = report.task
    noun = ("query", "queries")
    if task.kind is TaskKind.LABELS:
        noun = ("label as query", "labels as queries")
    parts = [
        task.judgments,
        f"split {task.split}" if task.split else "",
        count(task.queries, *noun),
        "" if task.documents is None else count(task.documents, "document"),
        depths(report),
        f"primary measure {report.primary}",
    ]
    return ", ".join(part for part in parts if part)


def task_rows(report: BenchReport) -> list[tuple[str, str]]:
    """Return the task as rows of a label and what is said of it."""
    task = report.task
    kinds = {
        TaskKind.QUERIES: "judged queries",
        TaskKind.LABELS: "each label is a query; its documents are the relevant ones",
    }
    rows = [
        ("task", kinds[task.kind]),
        ("judgments", f"{task.judgments} ({count(task.judgments_count, 'judgment')})"),
        ("split", task.split),
        ("queries", f"{task.queries:,}{_without_relevant(task)}"),
        ("documents", "" if task.documents is None else f"{task.documents:,}"),
        ("ranked", depths(report)),
        ("primary measure", report.primary),
        ("intervals", interval_words(report)),
    ]
    return [(label, text) for label, text in rows if text]


def task_notes(task: TaskSummary) -> list[str]:
    """Return what a reader of the task's figures must know, a sentence each."""
    notes = []
    if task.without_relevant:
        verb = "has" if task.without_relevant == 1 else "have"
        notes.append(
            f"{task.without_relevant:,} of {count(task.queries, 'query', 'queries')} {verb} no"
            " relevant document."
        )
    if task.unknown_documents:
        verb = "names a document" if task.unknown_documents == 1 else "name documents"
        notes.append(
            f"{count(task.unknown_documents, 'judgment')} {verb} that the index does not have."
        )
    if task.duplicate_documents:
        verb = "repeats" if task.duplicate_documents == 1 else "repeat"
        notes.append(
            f"{count(task.duplicate_documents, 'document')} {verb} the title and text of another."
        )
    return [*notes, *task.notes]


def depths(report: BenchReport) -> str:
    """Return the depth of every system, or that of each where they differ."""
    different = {system.depth for system in report.systems}
    if len(different) == 1:
        return depth(different.pop())
    return "depth by system" if different else ""


def interval_words(report: BenchReport) -> str:
    """Return how the intervals were made, in one phrase."""
    drawn: dict[str, list[str]] = {}
    for system in report.systems:
        for measure, result in system.measures.items():
            measures = drawn.setdefault(result.resampled, [])
            if measure not in measures:
                measures.append(measure)
    if not drawn:
        return ""
    if len(drawn) == 1:
        return f"95 % bootstrap over {next(iter(drawn))}"
    told = [f"over {kind} for {', '.join(measures)}" for kind, measures in drawn.items()]
    return f"95 % bootstrap {'; '.join(told)}"


def system_words(system: SystemResult, *, with_depth: bool) -> str:
    """Return how a system searches and what must be known of its figures.

    Args:
        system: The system.
        with_depth: Whether to tell its depth, which the task does when all have the same.
    """
    parts = [
        "graded on what it learned from" if system.in_sample else "",
        system.description,
        depth(system.depth) if with_depth else "",
        f"{share(system.tied_share)} of hits tied" if system.tied_share > 0 else "",
        f"{count(system.left_out, 'judgment')} it learned from left out" if system.left_out else "",
        f"{count(system.out_of_fold, 'judgment')} scored out of fold" if system.out_of_fold else "",
    ]
    return "; ".join(part for part in parts if part)


def label_cells(one: LabelFigures) -> tuple[str, ...]:
    """Return the cells under ``LABEL_HEADINGS``; a best figure says at which threshold."""
    return (
        f"{one.documents:,}",
        figure(one.base_rate),
        figure(one.average_precision),
        f"{figure(one.best_f1)}{_at(one.f1_threshold)}",
        f"{figure(one.best_accuracy)}{_at(one.accuracy_threshold)}",
    )


def provenance_words(report: BenchReport) -> str:
    """Return in a line what the figures were made with: index, generation, model, seed."""
    told = report.provenance
    return ", ".join(f"{key} {_brief(told[key])}" for key in _TOLD_IN_A_LINE if key in told)


def provenance_rows(report: BenchReport) -> list[tuple[str, str]]:
    """Return everything the figures were made with, nested names joined by dots."""
    return list(_flat(report.provenance))


def judged_words(report: BenchReport, result: MeasureResult) -> str:
    """Return what a mean was taken over: judged queries, or documents for one of clusters."""
    if result.resampled is Resampled.DOCUMENTS and result.n_judged != report.task.queries:
        return count(result.n_judged, "document")
    return count(result.n_judged, "judged query", "judged queries")


def _without_relevant(task: TaskSummary) -> str:
    if not task.without_relevant:
        return ""
    return f", {task.without_relevant:,} of them without relevant documents"


def _at(threshold: float | None) -> str:
    return "" if threshold is None else f" at {figure(threshold)}"


def _flat(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", _text(value)


def _brief(value: object) -> str:
    """Return a value on the spot: the name of a mapping that has one."""
    if isinstance(value, Mapping):
        return _text(value["name"]) if "name" in value else ", ".join(map(str, value.values()))
    return _text(value)


def _text(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case Sequence():
            return ", ".join(map(_text, value))
    return str(value)
