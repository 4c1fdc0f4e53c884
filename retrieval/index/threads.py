"""How many threads FAISS uses for a call."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def faiss_threads(faiss: Any, wanted: int | None) -> Iterator[None]:
    """Let FAISS use so many threads, for calls from this thread; None for its default.

    One is faster than two for a single query (a barrier costs more than it saves).
    """
    if wanted is None:
        yield
        return
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(wanted)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
