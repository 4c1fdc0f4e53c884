"""What stages hand on: a ranking, and the parts its scores were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from retrieval.store.ranking import Ranking


@dataclass(frozen=True, slots=True, eq=False)
class ScoredRanking:
    """The best documents of one question, and what is known of each.

    Attributes:
        ranking: The documents; its scores are those they are ranked by.
        scores: The parts of each score, float64 (m,) each, by name: ``dense``, ``lexical``,
            ``fused``; after reranking ``first`` and ``rerank``. Not a number where a document
            has no such part.
        probabilities: float64 (m,), in [0, 1]; None where they cannot be told.
    """

    ranking: Ranking
    scores: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    probabilities: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.ranking)

    def take(self, chosen: NDArray[np.int64] | slice) -> ScoredRanking:
        """Return the chosen documents, in the order chosen.

        Args:
            chosen: int64 (n,), positions in the ranking; or a slice of it.
        """
        return ScoredRanking(
            self.ranking.take(chosen),
            {name: column[chosen] for name, column in self.scores.items()},
            None if self.probabilities is None else self.probabilities[chosen],
        )
