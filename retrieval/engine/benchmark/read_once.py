"""A reranker that several systems of a comparison share: each pair is read once for all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from retrieval.encode.pair_scores import PairScores
from retrieval.records import ModelIdentity
from retrieval.rerank.opening import OpenReranker
from retrieval.rerank.protocol import Reranker

_DIGEST_BYTES = 16


class ReadOnce:
    """Remembers what a reranker said of pairs.

    Args:
        reranker: Reads those that are new; who opened it closes it.
    """

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._known: dict[bytes, tuple[float, bool]] = {}

    @property
    def identity(self) -> ModelIdentity:
        """That of the reranker."""
        return self._reranker.identity

    @property
    def max_tokens(self) -> int:
        """That of the reranker."""
        return self._reranker.max_tokens

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        """Score pairs; see ``Reranker``."""
        if len(queries) != len(passages):  # which the reranker refuses
            return self._reranker.score_pairs(queries, passages)
        keys = [_key(*pair) for pair in zip(queries, passages, strict=True)]
        fresh = list({key: at for at, key in enumerate(keys) if key not in self._known}.items())
        if fresh:
            read = self._reranker.score_pairs(
                [queries[at] for _, at in fresh], [passages[at] for _, at in fresh]
            )
            told = zip(fresh, read.scores.tolist(), read.cut.tolist(), strict=True)
            self._known |= {key: (score, cut) for (key, _), score, cut in told}
        found = [self._known[key] for key in keys]
        return PairScores(
            np.array([score for score, _ in found], dtype=np.float64),
            np.array([cut for _, cut in found], dtype=np.bool_),
        )

    def close(self) -> None:
        """Forget the pairs."""
        self._known.clear()


def shared_rerankers(open_one: Callable[[str], OpenReranker]) -> Callable[[str], OpenReranker]:
    """Return what opens rerankers so that a model opened twice reads each pair once.

    Args:
        open_one: Opens a reranker by its name.
    """
    opened: dict[str, OpenReranker] = {}

    def shared(name: str) -> OpenReranker:
        if name not in opened:
            found = open_one(name)
            opened[name] = replace(found, model=ReadOnce(found.model))
        return opened[name]

    return shared


def _key(query: str, passage: str) -> bytes:
    # without the length, the end of a query could be the beginning of a passage
    text = f"{len(query)} {query}{passage}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=_DIGEST_BYTES).digest()
