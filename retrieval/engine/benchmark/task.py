"""What systems are measured on: queries, judgments, and which documents may be ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.results import TaskKind
from retrieval.query.batch import QueryText


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Judged queries, as every system of a comparison is asked them.

    Attributes:
        kind: Judged queries, or labels.
        queries: Id and text of each judged query that has a text.
        qrels: The judgments.
        judgments: Where they come from, in words: a path, or ``field label``.
        split: Part of them; empty where there are no parts.
        candidates: Documents that may be ranked, by query; None for every document.
        excluded: Documents that may not be, by query: the query itself.
        notes: What a reader should know, one sentence each.
    """

    kind: TaskKind
    queries: tuple[QueryText, ...]
    qrels: Qrels
    judgments: str
    split: str = ""
    candidates: Mapping[str, frozenset[str]] | None = None
    excluded: Mapping[str, frozenset[str]]
    notes: tuple[str, ...] = ()

    def judged_by(self, qrels: Qrels, *, without: frozenset[str]) -> Self:
        """Return the task with fewer judgments, and documents that may not be ranked."""
        kept = set(qrels.query_ids)
        queries = tuple(one for one in self.queries if one.query_id in kept)
        excluded = {
            one.query_id: self.excluded.get(one.query_id, frozenset()) | without for one in queries
        }
        return replace(self, queries=queries, qrels=qrels, excluded=excluded)

    def may_rank(self, query_id: str, doc_id: str) -> bool:
        """Tell whether a document may stand in the ranking of a query."""
        if doc_id in self.excluded.get(query_id, ()):
            return False
        return self.candidates is None or doc_id in self.candidates.get(query_id, ())
