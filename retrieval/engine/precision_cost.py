"""What inexact vectors cost: the nearest passages they find, beside single precision's."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.bootstrap import mean_interval
from retrieval.store.precision_cost import PrecisionCost
from retrieval.vectors import FloatRows

SAMPLE = 1000
"""Passages drawn at most; each is asked for its nearest among the others."""

LEAST = 50
"""Passages without which nothing is measured: nearly all would be among the nearest."""

_DEPTH = 10
_SEED = 0


class CostSample:
    """Draws passages as they are encoded, and measures on them.

    Those with the least hashes are drawn, which is by chance as far as neighbours go, and the
    same whatever the order; of equal texts one is.

    Args:
        size: Passages drawn at most.
    """

    def __init__(self, size: int = SAMPLE) -> None:
        self._size = size
        self._turn = threading.Lock()
        self._drawn: dict[bytes, tuple[str, FloatRows]] = {}

    def take(self, texts: Sequence[str], rows: FloatRows) -> None:
        """Draw from passages and their vectors, float32 (n, dim)."""
        with self._turn:
            for text, row in zip(texts, rows, strict=True):
                digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
                self._drawn.setdefault(digest.digest(), (text, row.copy()))
            kept = sorted(self._drawn)[: self._size]
            self._drawn = {digest: self._drawn[digest] for digest in kept}

    def measure(
        self, precision: str, exact: Callable[[Sequence[str]], FloatRows]
    ) -> PrecisionCost | None:
        """Ask each passage drawn for its nearest, by both kinds of vectors of the others.

        Queries are single precision, as they are in a search.

        Args:
            precision: What the vectors taken were computed in.
            exact: Passages to their vectors in single precision.

        Returns:
            The share of the nearest found; None for too few passages to say.
        """
        if len(self._drawn) < LEAST:
            return None
        texts = [text for text, _ in self._drawn.values()]
        rows = np.stack([row for _, row in self._drawn.values()])
        wanted = exact(texts)
        overlap = shared_neighbours(wanted, rows, _DEPTH)
        found = mean_interval(overlap, seed=_SEED)
        return PrecisionCost(
            precision=precision,
            depth=_DEPTH,
            overlap=round(found.value, 4),
            low=round(found.low, 4),
            high=round(found.high, 4),
            passages=len(texts),
        )


def shared_neighbours(exact: FloatRows, rows: FloatRows, depth: int) -> NDArray[np.float64]:
    """Return the share of each row's nearest others that inexact rows find too.

    Args:
        exact: float32 (n, dim), the queries and the rows that are right.
        rows: float32 (n, dim), the rows that are looked at.
        depth: How many nearest, less than n.

    Returns:
        float64 (n,), from 0 to 1.
    """
    right, found = (_nearest(exact, among, depth) for among in (exact, rows))
    shared = [len(set(one) & set(other)) for one, other in zip(right, found, strict=True)]
    return np.asarray(shared, dtype=np.float64) / depth


def _nearest(queries: FloatRows, rows: FloatRows, depth: int) -> list[list[int]]:
    scores = queries @ rows.T
    np.fill_diagonal(scores, -np.inf)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    nearest: list[list[int]] = best.tolist()
    return nearest
