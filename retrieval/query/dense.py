"""Answering queries by meaning: encode, search, and show each document's best passage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import EmptyQueryError, UsageError
from retrieval.query.direction import Direction, QueryKind
from retrieval.records import Hit

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder
    from retrieval.store.protocol import Store
    from retrieval.store.reader import Ranking


def search_texts(
    store: Store,
    encoder: Encoder,
    queries: Sequence[str],
    k: int,
    *,
    index: str,
    query_ids: Sequence[str] | None = None,
) -> list[list[Hit]]:
    """Find the k best documents of each query text.

    Args:
        store: Where to search.
        encoder: The model the store's vectors were made with.
        queries: Query texts, none empty.
        k: Hits a query, at least 1.
        index: Name of the index, for the hits.
        query_ids: Ids of the queries; None numbers them from 1.

    Returns:
        One list of hits a query, by score descending, then document id ascending.

    Raises:
        EmptyQueryError: A query is empty or only white space.
        UsageError: k < 1, or another number of ids than of queries.
    """
    ids = checked_ids(queries, k, query_ids)
    if not queries:
        return []
    rankings = store.search_vectors(encoder.encode_queries(queries), k)
    return [
        hits_of(store, ranking, index=index, query_id=query_id, query=query, kind=QueryKind.TEXT)
        for query_id, query, ranking in zip(ids, queries, rankings, strict=True)
    ]


def checked_ids(queries: Sequence[str], k: int, query_ids: Sequence[str] | None) -> list[str]:
    """Return an id for each query, or refuse what cannot be asked.

    Raises:
        EmptyQueryError: A query is empty or only white space.
        UsageError: k < 1, or another number of ids than of queries.
    """
    ids = [str(number) for number in range(1, len(queries) + 1)]
    if query_ids is not None:
        ids = list(query_ids)
    if len(ids) != len(queries):
        raise UsageError(f"{len(queries)} queries came with {len(ids)} ids; one each is needed.")
    for query_id, query in zip(ids, queries, strict=True):
        if not query.strip():
            raise EmptyQueryError(
                f"Query {query_id} is empty.", fix="Give it at least one word to search for."
            )
    if k < 1:
        raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
    return ids


def search_direction(store: Store, direction: Direction, k: int, *, index: str) -> list[Hit]:
    """Find the k documents nearest to a direction, the examples it was made of left out.

    Args:
        store: Where to search.
        direction: What is looked for.
        k: Hits wanted, at least 1.
        index: Name of the index, for the hits.

    Returns:
        Hits by score descending, then document id ascending; the score is the cosine
        similarity of the best passage to the direction.

    Raises:
        UsageError: k < 1.
    """
    if k < 1:
        raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
    wish = direction.wish
    (ranking,) = store.search_vectors(direction.row[np.newaxis], k + len(direction.left_out))
    found = hits_of(store, ranking, index=index, query_id="1", query=wish.text, kind=wish.kind)
    kept = [hit for hit in found if hit.doc_id not in direction.left_out][:k]
    return [replace(hit, rank=rank) for rank, hit in enumerate(kept, 1)]


def hits_of(
    store: Store, ranking: Ranking, *, index: str, query_id: str, query: str, kind: QueryKind
) -> list[Hit]:
    """Read what a ranking found and show each document by the passage it was found by.

    Args:
        store: Where documents are read from.
        ranking: What was found, best first.
        index: Name of the index.
        query_id: Id of the query.
        query: What was asked, in words.
        kind: How it was asked.
    """
    return [
        Hit(
            index=index,
            query_id=query_id,
            query=query,
            query_kind=kind,
            rank=rank,
            score=float(score),
            doc_id=one.document.doc_id,
            passage_id=f"{one.document.doc_id}#{one.number}",
            title=one.document.title,
            text=one.document.text[one.span.start : one.span.end],
            span=one.span,
            metadata=one.document.metadata,
        )
        for rank, (one, score) in enumerate(
            zip(store.fetch(ranking), ranking.scores, strict=True), 1
        )
    ]
