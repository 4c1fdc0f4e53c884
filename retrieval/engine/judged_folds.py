"""Judged queries in folds: what is learned from some is graded on the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.components import Components
from retrieval.engine.benchmark.judgments import JudgmentOptions, find_task
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import TaskKind

FOLDS = 5
_LEAST_GROUPS = 10
"""Groups of queries that have to be there for folds to say anything."""


@dataclass(frozen=True, slots=True, eq=False)
class JudgedFolds:
    """Judged queries, those that share a relevant document in one fold.

    Attributes:
        task: The queries with their judgments.
        groups: How many groups of queries share no relevant document.
        folds: int64 (queries,), the fold of each query.
    """

    task: Task
    groups: int
    folds: NDArray[np.int64]


def judged_folds(
    index: Index, judgments: JudgmentOptions | None, *, seed: int, learned: str
) -> JudgedFolds:
    """Find judged queries and deal them into folds.

    Args:
        index: The open index.
        judgments: Where they come from; of a BEIR folder the split ``train`` by default.
        seed: Of the folds, at least 0.
        learned: What is learned from them, for messages, such as ``a weight``.

    Raises:
        UsageError: Labels instead of judged queries.
        InputError: Too few queries, or a file is missing or malformed.
    """
    options = judgments or JudgmentOptions()
    if options.qrels is None and options.split is None:
        options = replace(options, split="train")
    task = find_task(index, options)
    if task.kind is not TaskKind.QUERIES:
        raise UsageError(
            f"Labels are no judged queries; {learned} is learned from these.",
            fix="Give --qrels FILE --queries FILE, or --beir FOLDER.",
        )
    groups = query_groups(task.qrels)
    count = int(groups.max()) + 1
    if count < _LEAST_GROUPS:
        raise InputError(
            f"{len(groups)} judged queries, grouped by the relevant documents they share, make"
            f" {count}; at least {_LEAST_GROUPS} groups are needed to tell what {learned} is"
            " worth.",
            fix="Judge more queries.",
        )
    folds = np.random.default_rng(seed).permutation(count)[groups] % FOLDS
    return JudgedFolds(task, count, folds)


def query_groups(qrels: Qrels) -> NDArray[np.int64]:
    """Return a group for each query; queries that share a relevant document have the same.

    Returns:
        int64 (n_queries,), from 0, in the judgments' order.
    """
    positions: dict[str, int] = {}
    one, other = [], []
    for at, query_id in enumerate(qrels.query_ids):
        for doc_id, grade in qrels.grades_of(query_id).items():
            if grade >= 1:
                one.append(at)
                other.append(positions.setdefault(doc_id, at))
    components = Components(len(qrels.query_ids))
    components.join(np.array(one, dtype=np.int64), np.array(other, dtype=np.int64))
    groups = np.full(len(qrels.query_ids), -1, dtype=np.int64)
    for number, members in enumerate(components.groups()):
        groups[members] = number
    alone = groups < 0
    groups[alone] = np.arange(int(alone.sum())) + (int(groups.max()) + 1 if (~alone).any() else 0)
    return groups
