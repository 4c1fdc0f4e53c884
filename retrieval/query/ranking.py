"""Rankings of document ids, for measuring: deep, of chosen documents, or of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, exact_scores

QUERIES_AT_ONCE = 256
"""Queries searched in one batch: bounds what a deep ranking holds in memory."""


def rank_documents(
    snapshot: Snapshot, queries: FloatRows, depth: int
) -> Iterator[tuple[list[str], NDArray[np.float64]]]:
    """Rank the documents of a snapshot for each query, each by its best passage.

    Args:
        snapshot: The generation to search.
        queries: float32 (n_queries, dim), unit rows.
        depth: Documents a query, at least 1; more than there are ranks all of them.

    Yields:
        For each query the ids, by score descending, then id ascending, and their scores,
        float64.
    """
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        for ranking in snapshot.search_vectors(queries[start : start + QUERIES_AT_ONCE], depth):
            places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
            ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
            yield ids, ranking.scores


def score_documents(
    snapshot: Snapshot, query: NDArray[np.float32], doc_ids: Sequence[str]
) -> tuple[list[str], NDArray[np.float64]]:
    """Score chosen documents for one query, exactly as a search would.

    Args:
        snapshot: The generation they are in.
        query: float32 (dim,), a unit vector.
        doc_ids: Ids of documents, in any order.

    Returns:
        The ids that a search can find (neither unknown nor empty), in the order given,
        and the score of each one's best passage, float64.
    """
    found: list[str] = []
    scores: list[float] = []
    for doc_id in doc_ids:
        place = snapshot.find(doc_id)
        if place is None or snapshot.segments[place.segment].empty[place.ordinal]:
            continue
        segment = snapshot.segments[place.segment]
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2]
        found.append(doc_id)
        scores.append(float(exact_scores(segment.vectors[start:end], query).max()))
    return found, np.array(scores, dtype=np.float64)
