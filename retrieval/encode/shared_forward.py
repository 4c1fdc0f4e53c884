"""Several forwards sharing the passages of each call."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.batches import token_batches
from retrieval.encode.forward import Forward
from retrieval.records import Numerics
from retrieval.vectors import FloatRows

_SHARE_TOKENS = 16_384
"""Tokens handed out at once: enough for a batch of each core, few enough to end together."""


class SharedForward:
    """Hands passages of like length to whichever forward is free.

    Args:
        forwards: One for each device or process, at least one; closed with this.
        share_tokens: Tokens handed out at once.
    """

    def __init__(self, forwards: Sequence[Forward], share_tokens: int = _SHARE_TOKENS) -> None:
        self._forwards = tuple(forwards)
        self._share_tokens = share_tokens

    @property
    def numerics(self) -> Numerics:
        """How vectors are computed: alike in all of them."""
        return self._forwards[0].numerics

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        """Compute the vectors of passages; see ``Forward``."""
        shares = token_batches([len(one) for one in ids], self._share_tokens)
        taking = threading.Lock()

        def take() -> Iterator[NDArray[np.int64]]:
            while True:
                with taking:
                    share = next(shares, None)
                if share is None:
                    return
                yield share

        def work(forward: Forward) -> None:
            for share in take():
                found = np.empty((len(share), rows.shape[1]), dtype=np.float32)
                forward.fill([ids[row] for row in share], found)
                rows[share] = found

        with ThreadPoolExecutor(len(self._forwards)) as pool:
            for _ in pool.map(work, self._forwards):
                pass

    def close(self) -> None:
        """Close all of them."""
        for one in self._forwards:
            one.close()
