"""Answering queries that are vectors already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from retrieval.errors import UsageError
from retrieval.query.dense import hits_of
from retrieval.query.direction import QueryKind
from retrieval.vectors import FloatRows, unit_rows

if TYPE_CHECKING:
    from retrieval.records import Hit
    from retrieval.filters.tree import Filter
    from retrieval.store.local import LocalStore


def query_rows(vectors: ArrayLike, dim: int) -> FloatRows:
    """Return vectors to search with as unit rows.

    Args:
        vectors: Numbers (dim,) or (n, dim).
        dim: Length of the index's vectors.

    Returns:
        float32 (n, dim), unit rows.

    Raises:
        UsageError: They have another shape, or one is zero or not finite.
    """
    try:
        rows = np.asarray(vectors, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError("A query vector has to be numbers.") from None
    if rows.ndim == 1:
        rows = rows[np.newaxis]
    if rows.ndim != 2 or rows.shape[1] != dim:
        raise UsageError(
            f"The query vector has shape {np.shape(vectors)}; this index has vectors of {dim}"
            " numbers.",
            fix=f"Give {dim} numbers, made by the model that made the index's.",
        )
    if not (np.isfinite(rows).all() and (rows != 0.0).any(axis=1).all()):
        raise UsageError("A query vector is zero or not finite, so nothing is near it.")
    return unit_rows(rows)


def search_rows(
    store: LocalStore,
    rows: FloatRows,
    k: int,
    *,
    index: str,
    query_ids: Sequence[str] | None = None,
    where: Filter | None = None,
) -> list[list[Hit]]:
    """Find the k documents nearest to each vector, each by its best passage.

    Args:
        store: Where to search.
        rows: float32 (n, dim), unit rows.
        k: Hits each, at least 1.
        index: Name of the index, for the hits.
        query_ids: Ids of the vectors; None numbers them from 1.
        where: What the documents have to match; None for all.

    Raises:
        UsageError: k < 1.
        FilterError: The filter does not fit the fields.
    """
    snapshot = store.snapshot
    found = snapshot.search_vectors(rows, k, allowed=snapshot.select(where))
    ids = query_ids or [str(number) for number in range(1, len(rows) + 1)]
    return [
        hits_of(store, ranking, index=index, query_id=query_id, query="", kind=QueryKind.VECTOR)
        for query_id, ranking in zip(ids, found, strict=True)
    ]
