"""Answering text queries by meaning: encode, search, and show each document's best passage."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.encode.protocol import Encoder
from retrieval.errors import EmptyQueryError, UsageError
from retrieval.records import Hit
from retrieval.store.protocol import Store

TEXT_KIND = "text"


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
    if not queries:
        return []
    rankings = store.search_vectors(encoder.encode_queries(queries), k)
    answers = []
    for query_id, query, ranking in zip(ids, queries, rankings, strict=True):
        found = store.fetch(ranking)
        answers.append(
            [
                Hit(
                    index=index,
                    query_id=query_id,
                    query=query,
                    query_kind=TEXT_KIND,
                    rank=rank,
                    score=float(score),
                    doc_id=one.document.doc_id,
                    passage_id=f"{one.document.doc_id}#{one.number}",
                    title=one.document.title,
                    text=one.document.text[one.span.start : one.span.end],
                    span=one.span,
                    metadata=one.document.metadata,
                )
                for rank, (one, score) in enumerate(zip(found, ranking.scores, strict=True), 1)
            ]
        )
    return answers
