"""One query over many rows, by all cores: FAISS gives a core a query, never a part of the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from retrieval.index.library import faiss_library
from retrieval.processor import usable_cores
from retrieval.vectors import FloatRows

LEAST_BYTES = 32 * 2**20
"""Of the rows that a core has to have, or waking it costs more than it saves."""
_ALIGNED = 64
"""Parts start at multiples of so many rows, and so at whole bytes of a bitmap."""

Found = TypeVar("Found")


def by_parts(rows: FloatRows, work: Callable[[int, int], Found]) -> list[Found]:
    """Do some work, which must leave Python's lock alone, on every row; return what each part gave.

    Args:
        rows: float32 (n, dim), read from first to last.
        work: Is given the first row of a part and the one behind its last.
    """
    worth = rows.nbytes // LEAST_BYTES
    parts = min(worth, most_threads()) if worth > 1 else 1
    if parts == 1:
        return [work(0, len(rows))]
    from concurrent.futures import ThreadPoolExecutor  # not in the start of a query on few rows

    size = -(-len(rows) // (parts * _ALIGNED)) * _ALIGNED
    starts = range(0, len(rows), size)
    # threads of a call: a pool that is kept would not survive a fork
    with ThreadPoolExecutor(len(starts)) as pool:
        return list(pool.map(lambda start: work(start, min(start + size, len(rows))), starts))


def most_threads() -> int:
    """Return how many threads may search: the cores there are, and what OpenMP is told to use."""
    return min(usable_cores(), int(faiss_library().omp_get_max_threads()))
