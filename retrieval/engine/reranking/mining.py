"""Pairs to train a reranker on: a relevant passage, and hard ones that are not.

Negatives are documents that a hybrid search ranks high and that are not judged relevant. One
that nobody judged may be relevant all the same; so it is left out where its cosine exceeds
``(1 - margin) * s``, s the cosine of the query's best relevant document, after Moreira et al.
(2024), who call it the share of the positive's score. Documents judged not relevant are taken
as they are, and first. Beside them stands an answer to another query, under the same rule.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from retrieval.engine.benchmark.judgments import JudgmentOptions, find_task
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.engine.judged_folds import query_groups
from retrieval.engine.reranking.lists import (
    PassageTexts,
    RankedQuery,
    kept_candidates,
    ranked_queries,
)
from retrieval.engine.reranking.options import MiningOptions
from retrieval.evaluate.qrels import Qrels
from retrieval.train.split import split_rows


@dataclass(slots=True)
class MinedPairs:
    """Columns of pairs in groups, and what was met on the way.

    Attributes:
        first: Queries.
        second: Passages.
        targets: Share of its group's attention that each is to get; they sum to 1 in a group.
        groups: Number of each one's group, from 0; pairs of a group lie together.
        guarded: Documents left out because they may be relevant.
        judged: Negatives that were judged not relevant.
        without: Queries without a relevant document that has a text; they are left out.
        short: Queries with fewer negatives than asked for.
    """

    first: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    guarded: int = 0
    judged: int = 0
    without: int = 0
    short: int = 0

    @property
    def count(self) -> int:
        """Number of groups."""
        return self.groups[-1] + 1 if self.groups else 0

    def add(self, query: str, passages: Sequence[str], targets: Sequence[float]) -> None:
        """Add a group."""
        self.groups += [self.count] * len(passages)
        self.first += [query] * len(passages)
        self.second += passages
        self.targets += targets


@dataclass(slots=True)
class MinedLists:
    """Columns of candidates of validation queries, in the order of the judgments."""

    owners: list[int] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    doc_ids: list[str] = field(default_factory=list)
    passages: list[str] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class SplitTasks:
    """Judged queries to learn from and others to validate on.

    Attributes:
        train: The former.
        validation: The latter; they share no relevant document with the former.
        groups: int64 (validation queries,), in the order of their judgments.
        dropped: Queries left out because they share a relevant document with a validation
            query of another split.
        told: How they were chosen, in words.
        judgments: Hashes of the whole judgments they were taken from.
    """

    train: Task
    validation: Task
    groups: NDArray[np.int64]
    dropped: int
    told: str
    judgments: tuple[str, ...]


def split_tasks(index: Index, options: MiningOptions, *, seed: int) -> SplitTasks:
    """Find the judged queries of an index's BEIR folder and hold some out.

    Raises:
        UsageError: The index has no judgments of its own.
        InputError: There is no such split.
    """
    whole = find_task(index, JudgmentOptions(split=options.split))
    task = _answerable(whole)
    if isinstance(options.validation, str):
        other = find_task(index, JudgmentOptions(split=options.validation))
        held_out = _answerable(other)
        wanted = _relevant(held_out.qrels)
        kept = [one for one in task.qrels.query_ids if not wanted & _relevant_of(task.qrels, one)]
        return SplitTasks(
            _selected(task, kept),
            held_out,
            query_groups(held_out.qrels),
            len(task.qrels.query_ids) - len(kept),
            f"the split {options.validation}",
            (whole.qrels.digest, other.qrels.digest),
        )
    groups = query_groups(task.qrels)
    train, drawn = split_rows(
        groups.tolist(), [""] * len(groups), fraction=options.validation, seed=seed
    )
    ids = task.qrels.query_ids
    return SplitTasks(
        _selected(task, [ids[at] for at in train.tolist()]),
        _selected(task, [ids[at] for at in drawn.tolist()]),
        groups[drawn],
        0,
        f"{options.validation:g} of the queries, drawn by groups that share a relevant document",
        (whole.qrels.digest,),
    )


def mine_pairs(index: Index, task: Task, options: MiningOptions, *, seed: int) -> MinedPairs:
    """Return a group for each relevant passage of a query: it, and hard ones that are not.

    Args:
        index: Where they are searched.
        task: Queries to learn from.
        options: How many, from how deep, with which margin.
        seed: Of the draw of negatives, a query at a time.
    """
    texts, found = PassageTexts(index.snapshot), MinedPairs()
    answers = sorted(_relevant(task.qrels))
    depth = options.depth + max(_relevant_most(task.qrels), 1)
    for at, query in enumerate(ranked_queries(index, task, depth)):
        relevant = [one for one, grade in query.grades.items() if grade >= 1]
        nearest = [texts.nearest(one, query.vector) for one in relevant]
        known = [one for one in nearest if one is not None]
        if not known:
            found.without += 1
            continue
        best = max(cosine for _, cosine in known)
        wanted = options.negatives * len(known)
        generator = np.random.default_rng([seed, at])
        judged = [
            one
            for one in (
                texts.nearest(doc_id, query.vector)
                for doc_id, grade in query.grades.items()
                if grade < 1
            )
            if one is not None
        ]
        drawn = [judged[one][0] for one in _drawn(len(judged), wanted, generator)]
        found.judged += len(drawn)
        pool, guarded = _unjudged(query, best, options)
        found.guarded += guarded
        more = _drawn(len(pool), wanted - len(drawn), generator)
        drawn += [texts.of_row(query.rows[pool[one]]) for one in more]
        found.short += len(drawn) < wanted
        doubtful = _limit(best, options)
        allowed = (one for one in _shuffled(answers, generator) if one not in query.grades)
        near = (texts.nearest(one, query.vector) for one in allowed)
        fit = (one[0] for one in near if one is not None and one[1] <= doubtful)
        strange = [*itertools.islice(fit, options.answers * len(known))]
        for number, (passage, _) in enumerate(known):
            own = drawn[number :: len(known)] + strange[number :: len(known)]
            if own:  # one alone has nothing to be told from
                found.add(query.text, [passage, *own], [1.0, *[0.0] * len(own)])
    return found


def mine_lists(index: Index, task: Task, options: MiningOptions) -> MinedLists:
    """Return the candidates of validation queries, best of the first stage first."""
    texts, found = PassageTexts(index.snapshot), MinedLists()
    positions = {one: at for at, one in enumerate(task.qrels.query_ids)}
    total = sum(one.live_documents for one in index.snapshot.manifest.segments)
    depth = total if options.judged_only else options.candidates
    for query in sorted(
        ranked_queries(index, task, depth), key=lambda one: positions[one.query_id]
    ):
        for at in kept_candidates(query, options.candidates, judged_only=options.judged_only):
            found.owners.append(positions[query.query_id])
            found.queries.append(query.text)
            found.doc_ids.append(query.doc_ids[at])
            found.passages.append(texts.of_row(query.rows[at]))
            found.first.append(float(query.fused[at]))
            found.targets.append(float(query.grades.get(query.doc_ids[at], 0) >= 1))
    return found


def _unjudged(query: RankedQuery, best: float, options: MiningOptions) -> tuple[list[int], int]:
    """Return positions of documents that may serve as negatives, and how many may not."""
    others = [at for at, one in enumerate(query.doc_ids) if one not in query.grades]
    others = others[: options.depth]
    limit = _limit(best, options)
    kept = [at for at in others if query.dense[at] <= limit]
    return kept, len(others) - len(kept)


def _limit(best: float, options: MiningOptions) -> float:
    """Return the cosine above which a document that nobody judged may be relevant."""
    return best - options.margin * abs(best)


def _shuffled(doc_ids: Sequence[str], generator: np.random.Generator) -> Iterator[str]:
    return (doc_ids[at] for at in _drawn(len(doc_ids), len(doc_ids), generator))


def _drawn(count: int, wanted: int, generator: np.random.Generator) -> list[int]:
    """Return at most so many of the numbers below a count, in random order."""
    drawn: list[int] = generator.permutation(count)[: max(wanted, 0)].tolist()
    return drawn


def _answerable(task: Task) -> Task:
    """Return the queries that have a text and a relevant document."""
    asked = {one.query_id for one in task.queries}
    counts = task.qrels.relevant_counts().tolist()
    kept = [
        one
        for one, relevant in zip(task.qrels.query_ids, counts, strict=True)
        if relevant and one in asked
    ]
    return _selected(task, kept)


def _selected(task: Task, query_ids: Sequence[str]) -> Task:
    kept = set(query_ids)
    queries = tuple(one for one in task.queries if one.query_id in kept)
    return replace(task, qrels=task.qrels.select(kept), queries=queries)


def _relevant(qrels: Qrels) -> set[str]:
    return {doc_id for one in qrels.query_ids for doc_id in _relevant_of(qrels, one)}


def _relevant_of(qrels: Qrels, query_id: str) -> set[str]:
    return {one for one, grade in qrels.grades_of(query_id).items() if grade >= 1}


def _relevant_most(qrels: Qrels) -> int:
    return max((int(one) for one in qrels.relevant_counts().tolist()), default=0)


def numbered(groups: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the groups of several collections as one column, none shared between two."""
    parts: list[NDArray[np.int64]] = []
    start = 0
    for one in groups:
        parts.append(one + start)
        start = int(parts[-1].max()) + 1 if len(one) else start
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
