"""A softmax over (u, v, |u - v|) of unit vectors: what ranks where no direction does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoftmaxHead:
    """A head that was learned beside a model.

    Attributes:
        labels: Its classes, in the order of the rows.
        weight: float32 (classes, 3 dim), on u, v and |u - v|.
        bias: float32 (classes,).
    """

    labels: tuple[str, ...]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, rows: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return one score a class.

        ``W_u u + W_v v + W_d |u - v| + b`` (Reimers and Gurevych (2019)); W_u, W_v, W_d: thirds of
        the weights. Each row's bits are the same however rows are grouped.

        Args:
            rows: float32 (n, dim), u.
            other: float32 (dim,) or (n, dim), v.

        Returns:
            float64 (n, classes).
        """
        wide, fixed = rows.astype(np.float64), other.astype(np.float64)
        features = np.concatenate(
            [wide, np.broadcast_to(fixed, wide.shape), np.abs(wide - fixed)], axis=1
        )
        found = np.empty((len(rows), len(self.labels)))
        for at, weights in enumerate(self.weight.astype(np.float64)):
            found[:, at] = (features * weights).sum(axis=1) + float(self.bias[at])
        return found

    def log_odds(
        self, rows: NDArray[np.float32], other: NDArray[np.float32], label: str
    ) -> NDArray[np.float64]:
        """Return the log-odds of one class against all others: float64 (n,).

        ``z_c - log sum_{j != c} exp z_j``; z: the logits; c: the class.
        """
        logits = self.logits(rows, other)
        at = self.labels.index(label)
        rest = np.delete(logits, at, axis=1)
        highest = rest.max(axis=1, keepdims=True)
        others: NDArray[np.float64] = highest[:, 0] + np.log(np.exp(rest - highest).sum(axis=1))
        return np.asarray(logits[:, at] - others, dtype=np.float64)
