"""What a model says of pairs of texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PairScores:
    """Scores of n pairs, in the order they were given.

    Attributes:
        scores: float64 (n,), any real number, higher is better: before any squashing function.
        cut: bool (n,), where the pair exceeded the model's window and an end was not seen.
    """

    scores: NDArray[np.float64]
    cut: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.scores)
