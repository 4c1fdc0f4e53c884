"""Answering query texts by words, or by words and meaning, as hits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from retrieval.query.dense import checked_ids, hits_of
from retrieval.query.direction import QueryKind
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.records import Hit

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder
    from retrieval.store.local import LocalStore


def search_by_mode(
    store: LocalStore,
    encoder: Callable[[], Encoder],
    queries: Sequence[str],
    k: int,
    mode: str | ModeOptions | None,
    *,
    index: str,
    query_ids: Sequence[str] | None = None,
) -> list[list[Hit]]:
    """Find the k best documents of each query text, each hit with the parts of its score.

    Args:
        store: Where to search.
        encoder: Gives the model of the store's vectors; not called for ``lexical``.
        queries: Query texts, none empty.
        k: Hits a query, at least 1.
        mode: By what documents are ranked: a mode's name, or options.
        index: Name of the index, for the hits.
        query_ids: Ids of the queries; None numbers them from 1.

    Returns:
        One list of hits a query, by score descending, then document id ascending; with
        ``lexical`` only documents that hold a word of the query.

    Raises:
        EmptyQueryError: A query is empty or only white space.
        UsageError: k < 1, or another number of ids than of queries.
        WordsMissingError, DamagedIndexError: The words cannot be searched.
    """
    options = ModeOptions.named(mode)
    ids = checked_ids(queries, k, query_ids)
    if not queries:
        return []
    snapshot = store.snapshot
    rows = None
    if options.mode is not SearchMode.LEXICAL:
        _ = (
            snapshot.words if options.mode is SearchMode.HYBRID else None
        )  # before a model is loaded
        rows = encoder().encode_queries(queries)
    answers = []
    for query_id, query, found in zip(
        ids, queries, rank_texts(snapshot, queries, rows, k, options), strict=True
    ):
        hits = hits_of(
            store, found.ranking, index=index, query_id=query_id, query=query, kind=QueryKind.TEXT
        )
        answers.append(
            [
                replace(hit, scores={name: float(one[at]) for name, one in found.scores.items()})
                for at, hit in enumerate(hits)
            ]
        )
    return answers
