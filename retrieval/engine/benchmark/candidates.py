"""Which documents may be ranked for a query: all, the judged ones, not the query itself."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from retrieval.engine.benchmark.task import Task
from retrieval.engine.benchmark.twins import queries_in_corpus
from retrieval.engine.index import Index
from retrieval.evaluate.results import TaskKind


class Candidates(StrEnum):
    """Which documents are ranked for a query."""

    ALL = "all"
    QRELS = "qrels"
    """Only those judged for it, as re-ranking sets are evaluated."""


def restricted(index: Index, task: Task, candidates: Candidates, *, exclude_self: bool) -> Task:
    """Return the task with the documents that may be ranked.

    Args:
        index: The open index.
        task: What was found to measure on.
        candidates: Every document, or for each query only those judged for it.
        exclude_self: Take a query that is a document out of its own answers, and out of
            the judgments; otherwise such queries are only counted.
    """
    if candidates == Candidates.QRELS:
        judged = {one: frozenset(task.qrels.grades_of(one)) for one in task.qrels.query_ids}
        task = replace(task, candidates=judged)
    if task.kind is TaskKind.LABELS:
        return task
    own = queries_in_corpus(index.snapshot, task)
    if not own:
        return task
    if not exclude_self:
        note = (
            "Queries that are documents of the index (by id or text) and may find themselves,"
            f" unless --exclude-self takes them out: {len(own)}."
        )
        return replace(task, notes=(*task.notes, note))
    kept = {
        query_id: {one: grade for one, grade in grades.items() if one not in own.get(query_id, ())}
        for query_id, grades in task.qrels.to_mapping().items()
    }
    note = (
        f"Queries that are documents of the index, each taken out of its own answers: {len(own)}."
    )
    qrels = type(task.qrels).from_mapping(kept)
    return replace(task, qrels=qrels, excluded=own, notes=(*task.notes, note))
