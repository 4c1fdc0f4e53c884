"""An encoder for tests: deterministic, instant, and similar where words are shared."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows, unit_rows

HASHING_NAME = "testing-hashing"

_WORD = re.compile(r"\w+|[^\w\s]")
_SPECIAL_TOKENS = 2


class HashingEncoder:
    """Adds up a fixed random direction per word; texts sharing words are similar.

    Args:
        dim: Length of a vector.
        max_tokens: Window, of which two tokens are taken as a real model's special ones are.
        name: What the identity is called.
        delay_s_per_passage: Time to wait for each passage, so that a test can kill the
            process in the middle.

    Attributes:
        passages_encoded: Passages encoded so far.
        queries_encoded: Queries encoded so far.
    """

    def __init__(
        self,
        dim: int = 64,
        max_tokens: int = 64,
        name: str = HASHING_NAME,
        *,
        delay_s_per_passage: float = 0.0,
    ) -> None:
        self.passages_encoded = 0
        self.queries_encoded = 0
        self._delay_s = delay_s_per_passage
        self._counting = threading.Lock()
        described = f"words hashed with signs, dim {dim}".encode()
        self._identity = ModelIdentity(
            name=name,
            weights_sha256=hashlib.sha256(described).hexdigest(),
            tokenizer_sha256=hashlib.sha256(_WORD.pattern.encode()).hexdigest(),
            pooling="sum",
            normalized=True,
            query_prompt="",
            passage_prompt="",
            dim=dim,
            max_tokens=max_tokens,
        )

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; equal for equal ``dim`` and ``max_tokens``."""
        return self._identity

    @property
    def numerics(self) -> Numerics:
        """Single precision, no runtime but numpy."""
        return Numerics(precision="fp32", runtime="hashing 1")

    @property
    def reserved_tokens(self) -> int:
        """Two, as for most models."""
        return _SPECIAL_TOKENS

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return words and single marks as int32 (tokens, 2), in characters."""
        return [
            np.array([word.span() for word in _WORD.finditer(text)], dtype=np.int32).reshape(-1, 2)
            for text in texts
        ]

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries: float32 (n, dim), unit rows."""
        with self._counting:
            self.queries_encoded += len(texts)
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages: float32 (n, dim), unit rows; counts them and may wait."""
        if self._delay_s > 0.0:
            time.sleep(self._delay_s * len(texts))
        with self._counting:
            self.passages_encoded += len(texts)
        return self._encode(texts)

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def _encode(self, texts: Sequence[str]) -> FloatRows:
        rows = np.zeros((len(texts), self._identity.dim), dtype=np.float64)
        seen = self._identity.max_tokens - _SPECIAL_TOKENS
        for number, text in enumerate(texts):
            words = _WORD.findall(text)[:seen] or [""]  # an empty text has a direction too
            for word in words:
                rows[number] += _direction(word.casefold(), self._identity.dim)
        return np.ascontiguousarray(unit_rows(rows))


def _direction(word: str, dim: int) -> NDArray[np.float64]:
    """Return the word's direction: float64 (dim,) of +1 and -1, the same on every machine.

    Words come from texts that may hold lone surrogates, hence ``surrogatepass``.
    """
    digest = hashlib.shake_128(word.encode("utf-8", "surrogatepass")).digest((dim + 7) // 8)
    bits = np.unpackbits(np.frombuffer(digest, dtype=np.uint8), count=dim)
    return np.where(bits == 1, 1.0, -1.0)
