"""Ways of searching that a benchmark can put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from retrieval.concept.artefact import Concept
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.errors import UsageError
from retrieval.evaluate.formats import read_run
from retrieval.evaluate.results import TaskKind
from retrieval.evaluate.run import Run
from retrieval.evaluate.seen import Seen
from retrieval.query.direction import Wish
from retrieval.query.learned import rank, standardised
from retrieval.query.ranking import rank_documents, score_documents
from retrieval.records import fold
from retrieval.store.reach import Reach
from retrieval.vectors import FloatRows

_SCORED_ALONE = 8
"""How much more a document costs that is looked up and scored alone than in a scan."""


class System(Protocol):
    """One way of searching, as a benchmark asks it.

    Attributes:
        name: What it is called in the results.
        description: How it searches, in words.
        seen: What it learned from; None if it learned nothing.
    """

    name: str
    description: str
    seen: Seen | None

    def rank(self, task: Task, depth: int | None) -> Run:
        """Rank documents for every query of a task.

        Args:
            task: Says what is asked and which documents may be ranked.
            depth: Hits a query; None for every document.
        """
        ...


class DenseSystem:
    """Vector search in an index, each document by its best passage.

    Args:
        name: What it is called in the results.
        index: The index.
        recall: The share of the nearest that is found at least; None for what the index says.
    """

    def __init__(self, name: str, index: Index, recall: float | None = None) -> None:
        self.name = name
        self.description = f"dense, index {index.name}"
        if recall is not None:
            self.description += f", recall {'exact' if recall == 1 else f'{recall:g}'}"
        self.seen: Seen | None = None
        self._index = index
        self._recall = recall

    def _directions(self, task: Task) -> FloatRows:
        """Return what is searched for: float32 (queries, dim), unit rows."""
        return self._index.encoder.encode_queries([one.text for one in task.queries])

    def rank(self, task: Task, depth: int | None) -> Run:
        """Search every query; see ``System.rank``."""
        snapshot = self._index.snapshot
        if self._recall is not None:
            snapshot = snapshot.reaching(Reach(least=self._recall))
        vectors = self._directions(task)
        total = sum(one.live_documents for one in snapshot.manifest.segments)
        columns = Columns(self.name)
        if task.candidates is not None and _are_few(task, total):
            for query, vector in zip(task.queries, vectors, strict=True):
                wanted = sorted(task.candidates.get(query.query_id, ()))
                ids, scores = score_documents(snapshot, vector, wanted)
                best = np.argsort(-scores, kind="stable")
                columns.add(task, query.query_id, [ids[at] for at in best], scores[best], depth)
            return columns.run()
        most = max((len(one) for one in task.excluded.values()), default=0)
        wanted_depth = None if task.candidates is not None or depth is None else depth + most
        for query, (ids, scores) in zip(
            task.queries,
            rank_documents(snapshot, vectors, wanted_depth or max(total, 1)),
            strict=True,
        ):
            columns.add(task, query.query_id, ids, scores, depth)
        return columns.run()


class ContrastSystem(DenseSystem):
    """Label queries, each by its text against the texts of the other labels; no labels seen."""

    def __init__(self, name: str, index: Index) -> None:
        super().__init__(name, index)
        self.description = f"each label's text against the others', index {index.name}"

    def _directions(self, task: Task) -> FloatRows:
        if task.kind is not TaskKind.LABELS:
            raise UsageError(
                f"--compare {self.name}=contrast sets each label against the others; these queries"
                " are no labels.",
                fix="Use it with a label field, or leave it out.",
            )
        texts = [one.text for one in task.queries]
        rows = []
        for at, text in enumerate(texts):
            wish = Wish(text=text, against=(*texts[:at], *texts[at + 1 :]))
            rows.append(self._index.direction(wish).row)
        return np.stack(rows)


def _are_few(task: Task, total: int) -> bool:
    """Tell whether scoring each query's candidates costs less than ranking everything."""
    sizes = [len(one) for one in (task.candidates or {}).values()]
    return sum(sizes) * _SCORED_ALONE < total * max(len(sizes), 1)


class RunFile:
    """The hits of any other program, from a file."""

    def __init__(self, name: str, path: Path, seen: Seen | None) -> None:
        self.name = name
        self.description = f"run file {path.name}"
        self.seen = seen
        self._path = path

    def rank(self, task: Task, depth: int | None) -> Run:
        """Return the file's hits of the task's queries; see ``System.rank``."""
        run = read_run(self._path)
        columns = Columns(self.name)
        for query in task.queries:
            ranking = run.ranking(query.query_id) if query.query_id in run.query_ids else []
            ids = [doc_id for doc_id, _ in ranking]
            scores = np.array([score for _, score in ranking], dtype=np.float64)
            columns.add(task, query.query_id, ids, scores, depth)
        return columns.run()


class Constant:
    """Every document with the same score: what a measure says of knowing nothing."""

    def __init__(self, name: str, index: Index) -> None:
        self.name = name
        self.description = "one score for every document"
        self.seen: Seen | None = None
        self._index = index

    def rank(self, task: Task, depth: int | None) -> Run:
        """Return every document for every query; see ``System.rank``."""
        ids = _findable(self._index)
        columns = Columns(self.name)
        for query in task.queries:
            columns.add(task, query.query_id, ids, np.zeros(len(ids)), None)
        return columns.run()


class Shuffled:
    """Documents in random order, from a seed: the luck a ranking can have."""

    def __init__(self, name: str, index: Index, seed: int) -> None:
        self.name = name
        self.description = f"random order, seed {seed}"
        self.seen: Seen | None = None
        self._index = index
        self._seed = seed

    def rank(self, task: Task, depth: int | None) -> Run:
        """Return documents in another random order a query; see ``System.rank``."""
        ids = _findable(self._index)
        chance = np.random.default_rng(self._seed)
        columns = Columns(self.name)
        for query in task.queries:
            order = chance.permutation(len(ids))
            scores = np.arange(len(ids), 0, -1, dtype=np.float64)
            columns.add(task, query.query_id, [ids[at] for at in order], scores, depth)
        return columns.run()


class ConceptSystem:
    """A learned concept; documents it was fitted on are scored by models that did not see them.

    Args:
        name: What it is called in the results.
        index: The index that has it.
        concept: The concept.
        in_sample: Score documents it was fitted on by the final model, which saw them.
    """

    def __init__(self, name: str, index: Index, concept: Concept, *, in_sample: bool) -> None:
        self.name = name
        self.description = (
            f"concept {concept.name}, version {concept.version},"
            f" {concept.report.labels:,} labels, index {index.name}"
        )
        self.seen: Seen | None = Seen(
            documents=frozenset(concept.doc_ids),
            folds=not in_sample and not concept.method.fine_tunes,
        )
        self._index = index
        self._concept = concept
        self._in_sample = in_sample

    def answers(self, task: Task) -> frozenset[str]:
        """Return the queries that the concept stands for: by its positive label, or by text."""
        concept = self._concept
        texts = {fold(one) for one in (concept.name, *concept.texts)}
        return frozenset(
            one.query_id
            for one in task.queries
            if fold(one.text) in texts
            or (task.kind is TaskKind.LABELS and fold(one.query_id) == fold(concept.positive))
        )

    def rank(self, task: Task, depth: int | None) -> Run:
        """Rank every document by the concept for the queries it answers; see ``System.rank``."""
        snapshot = self._index.snapshot
        total = sum(one.live_documents for one in snapshot.manifest.segments)
        ranking = rank(snapshot, self._concept, max(total, 1))
        scores = standardised(snapshot, self._concept, ranking, out_of_fold=not self._in_sample)
        places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
        ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
        order = sorted(range(len(ids)), key=lambda at: (-scores[at], ids[at].encode()))
        ids = [ids[at] for at in order]
        columns = Columns(self.name)
        for query_id in sorted(self.answers(task)):
            columns.add(task, query_id, ids, scores[order], depth)
        return columns.run()


class Columns:
    """Collects rankings as the columns of a run; ids become codes into one table."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._codes: dict[str, int] = {}
        self._query_ids: list[str] = []
        self._flat: list[int] = []
        self._scores: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
        self._starts = [0]

    def add(
        self,
        task: Task,
        query_id: str,
        ids: Sequence[str],
        scores: np.ndarray[tuple[int], np.dtype[np.float64]],
        most: int | None,
    ) -> None:
        """Add the first hits of a query's ranking, without what may not be ranked."""
        if task.candidates is not None or task.excluded.get(query_id):
            kept = [at for at, one in enumerate(ids) if task.may_rank(query_id, one)]
            ids, scores = [ids[at] for at in kept], scores[kept]
        ids, scores = ids[:most], scores[:most]
        codes = self._codes
        self._flat.extend(codes.setdefault(one, len(codes)) for one in ids)
        self._scores.append(scores)
        self._query_ids.append(query_id)
        self._starts.append(len(self._flat))

    def run(self) -> Run:
        """Return the run of everything added."""
        return Run.from_columns(
            self._name,
            self._query_ids,
            np.array(self._starts, dtype=np.int64),
            list(self._codes),
            np.array(self._flat, dtype=np.int64),
            np.concatenate([np.empty(0), *self._scores]),
        )


def _findable(index: Index) -> list[str]:
    """Return the ids of all documents that a search can find, ascending."""
    found = [
        segment.doc_id(ordinal)
        for segment in index.snapshot.segments
        for ordinal in np.flatnonzero(~(segment.deleted | segment.empty)).tolist()
    ]
    return sorted(found)
