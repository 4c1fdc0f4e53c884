"""What every index refuses before it searches; FAISS itself would abort or stay silent."""

from __future__ import annotations

import numpy as np

from retrieval.errors import UsageError
from retrieval.vectors import Bitmap, FloatRows


def check_search(rows: FloatRows, queries: FloatRows, k: int, allowed: Bitmap | None) -> None:
    """Refuse a search that cannot be answered.

    Raises:
        UsageError: k < 1, queries of another dimension or not finite, or a bitmap of
            another length.
    """
    if k < 1:
        raise UsageError(f"k is {k}; at least 1 row has to be asked for.")
    if queries.ndim != 2 or queries.shape[1] != rows.shape[1]:
        raise UsageError(f"Queries have shape {queries.shape}; rows have shape {rows.shape}.")
    if allowed is not None and allowed.shape != (len(rows),):
        raise UsageError(f"The bitmap has shape {allowed.shape}; there are {len(rows)} rows.")
    if not np.isfinite(queries).all():
        raise UsageError("A query vector holds a number that is not finite.")
