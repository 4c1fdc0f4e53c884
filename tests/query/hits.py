"""Hits of a ranking, for tests below the searches that make them."""

from __future__ import annotations

from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.scored import ScoredRanking
from retrieval.query.stages import hits_of
from retrieval.records import Hit
from retrieval.store.local import LocalStore


def hits_from(store: LocalStore, found: ScoredRanking, query: str) -> list[Hit]:
    question = Question(query=query, kind=QueryKind.TEXT)
    return hits_of(store.snapshot, question, found, index="i")
