"""A reranker for tests: deterministic, instant, better where words are shared."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Sequence

import numpy as np

from retrieval.encode.pair_scores import PairScores
from retrieval.encode.pair_tokens import seen_tokens
from retrieval.errors import UsageError
from retrieval.records import ModelIdentity

WORDS_NAME = "testing-words"

_WORD = re.compile(r"\w+|[^\w\s]")
_SPECIAL_TOKENS = 3


def _nothing() -> None:
    """Do nothing."""


class WordReranker:
    """Scores a pair by the share of the query's words that the passage has.

    ``10 * shared / query words - passage words / 1000``: the shorter passage wins a tie. Words
    are compared case folded.

    Args:
        max_tokens: Window of a pair, of which three tokens are taken as special ones are.
        name: What the identity is called.
        before: Called before each batch of pairs, such as to let a clock go on.

    Attributes:
        pairs_scored: Pairs scored so far.
        batches: Pairs of each call so far.
    """

    def __init__(
        self,
        max_tokens: int = 64,
        name: str = WORDS_NAME,
        *,
        before: Callable[[], None] = _nothing,
    ) -> None:
        self.pairs_scored = 0
        self.batches: list[int] = []
        self._before = before
        self._counting = threading.Lock()
        self._identity = ModelIdentity(
            name=name,
            weights_sha256=hashlib.sha256(b"shared words").hexdigest(),
            tokenizer_sha256=hashlib.sha256(_WORD.pattern.encode()).hexdigest(),
            pooling="pair+score",
            normalized=False,
            query_prompt="",
            passage_prompt="",
            dim=1,
            max_tokens=max_tokens,
        )

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._identity

    @property
    def max_tokens(self) -> int:
        """Window of a pair."""
        return self._identity.max_tokens

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        """Score pairs, and count them."""
        if len(queries) != len(passages):
            raise UsageError(f"{len(queries)} queries came with {len(passages)} passages.")
        self._before()
        with self._counting:
            self.pairs_scored += len(queries)
            self.batches.append(len(queries))
        room = self.max_tokens - _SPECIAL_TOKENS
        scores = np.zeros(len(queries))
        cut = np.zeros(len(queries), dtype=np.bool_)
        for at, (query, passage) in enumerate(zip(queries, passages, strict=True)):
            first, second = (_WORD.findall(one.casefold()) for one in (query, passage))
            seen_first, seen_second = seen_tokens(len(first), len(second), room)
            cut[at] = seen_first < len(first) or seen_second < len(second)
            first, second = first[:seen_first], second[:seen_second]
            shared = len(set(first) & set(second)) / max(len(set(first)), 1)
            scores[at] = 10.0 * shared - len(second) / 1000.0
        return PairScores(scores, cut)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""
