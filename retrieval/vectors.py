"""Plain numpy on rows of unit vectors; the arithmetic every search agrees on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatRows: TypeAlias = NDArray[np.float32]
"""float32 (rows, dim)."""

Bitmap: TypeAlias = NDArray[np.bool_]
"""bool (rows,), True where a row may be found."""

_BLOCK_ROWS = 4096


def exact_scores(rows: FloatRows, query: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return inner products in float64, each the same bits however rows are grouped.

    A product of two float32 numbers is exact in float64, so only the order of the
    summation matters, and it is fixed by the row's length alone.

    Args:
        rows: float32 (n, dim).
        query: float32 (dim,), or (n, dim): one for each row.

    Returns:
        float64 (n,).
    """
    wide = query.astype(np.float64)
    scores = np.empty(len(rows), dtype=np.float64)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS].astype(np.float64)
        own = wide if wide.ndim == 1 else wide[start : start + len(block)]
        np.multiply(block, own, out=block)
        block.sum(axis=1, out=scores[start : start + len(block)])
    return scores


def unit_rows(rows: NDArray[np.floating]) -> FloatRows:
    """Return rows scaled to unit length; a zero row stays zero.

    Args:
        rows: Floating (n, dim).

    Returns:
        float32 (n, dim).
    """
    wide = np.asarray(rows, dtype=np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    length[length == 0.0] = 1.0
    scaled: FloatRows = (wide / length[:, np.newaxis]).astype(np.float32)
    return scaled


def document_means(rows: FloatRows, starts: NDArray[np.int64]) -> FloatRows:
    """Return the mean of each document's passages, scaled to unit length.

    Args:
        rows: float32 (passages, dim), the passages of one document after another.
        starts: int64 (documents + 1,), the first row of each, then the number of rows.

    Returns:
        float32 (documents, dim); a document of one passage has that passage's own bits.
    """
    counts = np.diff(starts)
    if (counts == 1).all():
        return rows[starts[0] : starts[-1]]
    sums = np.add.reduceat(rows.astype(np.float64), starts[:-1], axis=0)
    means = unit_rows(sums)
    alone = counts == 1
    means[alone] = rows[starts[:-1][alone]]
    return means


def pack_bits(flags: Bitmap) -> NDArray[np.uint8]:
    """Return flags as packed bits, little-endian within a byte."""
    return np.packbits(flags, bitorder="little")


def unpack_bits(packed: NDArray[np.uint8], count: int) -> Bitmap:
    """Return ``count`` flags from packed bits, little-endian within a byte."""
    return np.unpackbits(packed, count=count, bitorder="little").astype(bool)
