"""Hits of a ranking, for tests below the searches that make them."""

from __future__ import annotations

from dataclasses import replace

from retrieval.query.dense import hits_of
from retrieval.query.direction import QueryKind
from retrieval.query.hybrid import ScoredRanking
from retrieval.records import Hit
from retrieval.store.local import LocalStore


def hits_from(store: LocalStore, found: ScoredRanking, query: str) -> list[Hit]:
    hits = hits_of(store, found.ranking, index="i", query_id="1", query=query, kind=QueryKind.TEXT)
    return [
        replace(hit, scores={name: float(one[at]) for name, one in found.scores.items()})
        for at, hit in enumerate(hits)
    ]
