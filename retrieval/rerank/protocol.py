"""What a reranker is: pairs of a query and a passage in, a score each out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from retrieval.encode.pair_scores import PairScores
from retrieval.records import ModelIdentity


@runtime_checkable
class Reranker(Protocol):
    """Reads a query and a passage together; safe to call from several threads.

    The same pair gives the same score within 1e-4, whatever else is scored with it and in
    whatever order. ``retrieval.testing.reranker_contract`` is the suite every reranker passes.
    """

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; ``dim`` is 1."""
        ...

    @property
    def max_tokens(self) -> int:
        """Window of a pair, special tokens included."""
        ...

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        """Score pairs.

        Args:
            queries: First text of each of n pairs.
            passages: Second text of each. What of a pair exceeds the window is left out at
                the end of the longer text; a query of at most half of the window is never cut.

        Returns:
            Scores, any real number, higher is better, in the order given; and which pairs
            were cut.

        Raises:
            UsageError: Not as many queries as passages.
        """
        ...

    def close(self) -> None:
        """Free the model's memory; the reranker is not used afterwards."""
        ...
