"""From passages to documents: each document by its best passage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.index.protocol import Neighbours, RowSearch
from retrieval.vectors import Bitmap, FloatRows


class DocumentNeighbours(NamedTuple):
    """The nearest documents of one query, by score descending, then ordinal ascending.

    Attributes:
        documents: int64 (m,), m <= k; m < k only when fewer documents have allowed rows.
        rows: int64 (m,), the best allowed row of each; the lowest of equally good ones.
        scores: float64 (m,), the exact inner products of those rows.
    """

    documents: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


def search_documents(
    index: RowSearch,
    queries: FloatRows,
    k: int,
    *,
    document_starts: NDArray[np.int64],
    allowed: Bitmap | None,
) -> list[DocumentNeighbours]:
    """Find the k best documents of each query.

    The k-th distinct document among the best rows is certain once k distinct ones were
    met, whatever rows follow; so rows are fetched, four times as many each time,
    until they hold k documents or are all there are.

    Args:
        index: Over the rows of all documents, those of a document next to each other.
        queries: float32 (n_queries, dim).
        k: At least 1.
        document_starts: int64 (documents + 1,), the first row of each document.
        allowed: bool (rows,), None for every row.

    Returns:
        One record a query, exactly what scoring every row would give.

    Raises:
        UsageError: As ``VectorIndex.search``.
    """
    count = len(index)
    documents = len(document_starts) - 1
    if documents == count:
        return [
            DocumentNeighbours(one.rows, one.rows, one.scores)
            for one in index.search(queries, k, allowed=allowed)
        ]
    wanted = min(count, max(k, -(-k * count // max(documents, 1))))
    found = [
        _grouped(one, document_starts) for one in index.search(queries, wanted, allowed=allowed)
    ]
    for at, query in enumerate(queries):
        asked = wanted
        while len(found[at].documents) < k and asked < count:
            asked = min(count, 4 * asked)
            (again,) = index.search(query[np.newaxis], asked, allowed=allowed)
            found[at] = _grouped(again, document_starts)
    return [DocumentNeighbours(one.documents[:k], one.rows[:k], one.scores[:k]) for one in found]


def _grouped(found: Neighbours, document_starts: NDArray[np.int64]) -> DocumentNeighbours:
    """Keep of each document the first of its rows, which is its best."""
    owners = np.searchsorted(document_starts, found.rows, side="right") - 1
    _, first = np.unique(owners, return_index=True)
    first.sort()
    return DocumentNeighbours(owners[first], found.rows[first], found.scores[first])
