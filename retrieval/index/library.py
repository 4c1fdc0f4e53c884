"""FAISS, made to use what the processor has: its kernels, one product for a batch, few threads."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Collection, Iterator
from typing import Any

from retrieval.processor import processor_features

CORE_VARIABLE = "OPENBLAS_CORETYPE"
"""Whose kernels OpenBLAS takes, whatever it makes of the processor."""
FEWEST_QUERIES = 4
"""Below these no product pays, of whatever size they are."""
PRODUCT_SIZE = 800
"""Components of all queries, a thread, from which one product beats a scan for each query."""


def faiss_library() -> Any:
    """Return FAISS; its stubs lack half of what is used here.

    The OpenBLAS that it brings is older than the processors of today, and one that it does not
    know gets kernels of 2004. So it is told whose to take while it is loaded, unless the
    environment says it already. A FAISS that something else has loaded before stays as it is.
    """
    if "faiss" not in sys.modules:
        core = kernels_for(processor_features())
        if core and CORE_VARIABLE not in os.environ:
            os.environ[CORE_VARIABLE] = core
            try:
                import faiss
            finally:
                os.environ.pop(CORE_VARIABLE, None)  # other libraries know better
            return faiss
    import faiss

    return faiss


def kernels_for(features: Collection[str]) -> str:
    """Return whose kernels of OpenBLAS suit a processor; empty where it is to find out itself.

    Args:
        features: As ``processor_features`` names them.
    """
    if "avx512_vnni" in features:  # whoever has it has all that these kernels use
        return "SkylakeX"
    if "avx512f" in features:  # old enough to be known
        return ""
    return "Haswell" if {"avx2", "fma"} <= set(features) else ""


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


class _ProductBound:
    """FAISS's bound from which a batch is one product: lowered while anyone searches here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = 0

    def lower(self, faiss: Any) -> None:
        with self._lock:
            if self._users == 0:
                self._before = faiss.cvar.distance_compute_blas_threshold
            self._users += 1
            lowered = PRODUCT_SIZE * faiss.omp_get_max_threads()
            faiss.cvar.distance_compute_blas_threshold = min(self._before, lowered)

    def put_back(self, faiss: Any) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                faiss.cvar.distance_compute_blas_threshold = self._before


_BOUND = _ProductBound()


@contextlib.contextmanager
def faiss_products(faiss: Any, queries: int) -> Iterator[None]:
    """Let FAISS score a batch by one product of matrices, if there are as many queries as pay.

    FAISS 1.15 does so from 128,000 components on, 334 queries of 384, and reads every row for
    each query below; that suits dozens of cores (issue 4925 and pull request 5109 of FAISS,
    which proposes the rule that is used here). The bound belongs to the whole process, so it
    is put back; who searches meanwhile has the same hits sooner or later.
    """
    if queries < FEWEST_QUERIES:
        yield
        return
    _BOUND.lower(faiss)
    try:
        yield
    finally:
        _BOUND.put_back(faiss)
