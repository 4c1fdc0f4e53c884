"""Documents of two kinds, made from a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.rows import DocumentRows
from retrieval.vectors import unit_rows

DIM = 16


def two_kinds(
    count: int, *, seed: int, share: float = 0.5, apart: float = 1.5
) -> tuple[DocumentRows, NDArray[np.bool_]]:
    """Return documents of one row and what they are; kinds differ along the first axis."""
    generator = np.random.default_rng(seed)
    labels = generator.random(count) < share
    rows = generator.standard_normal((count, DIM))
    rows[:, 0] += np.where(labels, apart, -apart) / 2
    return DocumentRows.of_means(unit_rows(rows)), labels


def alone(count: int) -> NDArray[np.int64]:
    """Return groups of one document each."""
    return np.arange(count, dtype=np.int64)
