"""Any Python function from texts to vectors, as an encoder."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.encode.protocol import Encoder
from retrieval.errors import ModelError, UsageError
from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows, unit_rows

CALLABLE_POOLING = "callable"
"""What the identity of such an encoder says for its pooling."""

EncodeTexts: TypeAlias = Callable[[list[str]], ArrayLike]
"""Gives n texts n vectors: floating (n, dim)."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_PROBES = (
    "a",
    "positive review",
    "The soup was cold and the waiter slow.",
    "CVE-2026-1234 affects version 4.2 of the parser",
    "Ünïcödé, Ελληνικά и кириллица",
    "日本語のテキスト",
    "the theory of heat transfer in thin plates",
    "def main(): return 0",
)


class CallableEncoder:
    """Wraps a function; it is called by one thread at a time, with whole batches.

    Tokens are words and single marks, as the function has no tokenizer to ask; texts are cut
    to ``max_tokens`` of them before it sees them. The identity has the name, the dimension
    and a hash of where the vectors of eight probe texts are longest: it tells functions apart
    and does not depend on their last bits.

    Args:
        passages: Gives passages their vectors, of any length but 0; scaled to unit length here.
        queries: Gives queries theirs; None for the same function.
        name: What the model is called; part of the identity.
        max_tokens: Words and marks that the function is to see of a text, at most.
        batch: Texts it is given at once, at most.

    Raises:
        UsageError: No name, or a window or batch that cannot be.
    """

    def __init__(
        self,
        passages: EncodeTexts,
        *,
        name: str,
        queries: EncodeTexts | None = None,
        max_tokens: int = 256,
        batch: int = 256,
    ) -> None:
        if not name.strip():
            raise UsageError(
                "An encoder of one's own needs a name.", fix='Give encoder_name="...".'
            )
        if max_tokens < 16 or batch < 1:
            raise UsageError(f"A window of {max_tokens} (batch {batch}) is too small; 16 is least.")
        self._name = name
        self._passages = passages
        self._queries = queries or passages
        self._batch = batch
        self._lock = threading.Lock()
        self._dim: int | None = None
        self._max_tokens = max_tokens
        self._identity: ModelIdentity | None = None

    @property
    def identity(self) -> ModelIdentity:
        """Which function this is, by name, dimension and probes; asked when first needed.

        Raises:
            ModelError: The function does not give a vector a text.
        """
        if self._identity is None:
            self._identity = self._probed()
        return self._identity

    def _probed(self) -> ModelIdentity:
        digest = hashlib.sha256()
        for function in (self._passages, self._queries):
            rows = self._encode(function, _PROBES)
            longest = np.abs(rows).argmax(axis=1)
            signs = rows[np.arange(len(rows)), longest] < 0.0
            digest.update(repr([longest.tolist(), signs.tolist()]).encode())
        return ModelIdentity(
            name=self._name,
            weights_sha256=hashlib.sha256(self._name.encode() + digest.digest()).hexdigest(),
            tokenizer_sha256=hashlib.sha256(_TOKEN.pattern.encode()).hexdigest(),
            pooling=CALLABLE_POOLING,
            normalized=True,
            query_prompt="",
            passage_prompt="",
            dim=rows.shape[1],
            max_tokens=self._max_tokens,
        )

    @property
    def numerics(self) -> Numerics:
        """Single precision; how the function computes is not known."""
        return Numerics(precision="fp32", runtime="callable")

    @property
    def reserved_tokens(self) -> int:
        """None: there are no special tokens."""
        return 0

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return words and single marks as int32 (tokens, 2), in characters."""
        return [
            np.array([one.span() for one in _TOKEN.finditer(text)], dtype=np.int32).reshape(-1, 2)
            for text in texts
        ]

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries: float32 (n, dim), unit rows.

        Raises:
            ModelError: The function did not give each a vector of the right length.
        """
        return self._encode(self._queries, texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages: float32 (n, dim), unit rows.

        Raises:
            ModelError: The function did not give each a vector of the right length.
        """
        return self._encode(self._passages, texts)

    def close(self) -> None:
        """Do nothing: the function is the caller's."""

    def _encode(self, function: EncodeTexts, texts: Sequence[str]) -> FloatRows:
        shown = [self._shown(text) for text in texts]
        if not shown:
            return np.empty((0, self.identity.dim), dtype=np.float32)
        blocks = []
        for start in range(0, len(shown), self._batch):
            batch = shown[start : start + self._batch]
            with self._lock:
                given = function(batch)
            blocks.append(self._checked(given, batch))
        return np.ascontiguousarray(np.concatenate(blocks))

    def _shown(self, text: str) -> str:
        """Return what the function sees of a text: its window, without lone surrogates."""
        ends = (one.end() for one in _TOKEN.finditer(text))
        for number, end in enumerate(ends, 1):
            if number == self._max_tokens:
                text = text[:end]
                break
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _checked(self, given: ArrayLike, texts: Sequence[str]) -> FloatRows:
        try:
            rows = np.asarray(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise self._refusal(f"what is no matrix of numbers ({error})", texts) from error
        if rows.ndim != 2 or len(rows) != len(texts) or rows.shape[1] == 0:
            raise self._refusal(f"an array of shape {rows.shape}", texts)
        if self._dim is None:
            self._dim = rows.shape[1]
        if rows.shape[1] != self._dim:
            raise self._refusal(f"{rows.shape[1]} numbers a vector, {self._dim} before", texts)
        wrong = ~(np.isfinite(rows).all(axis=1) & (rows != 0.0).any(axis=1))
        if wrong.any():
            text = texts[int(wrong.argmax())]
            raise ModelError(
                f"The encoder {self._name} gave a vector that is zero or not finite for"
                f" {text[:60]!r}.",
                fix="Give every text, the empty one too, a vector of some length.",
            )
        return unit_rows(rows)

    def _refusal(self, found: str, texts: Sequence[str]) -> ModelError:
        return ModelError(
            f"The encoder {self._name} returned {found} for {len(texts)} texts.",
            fix="It has to give every text of a list one vector, all of the same length.",
        )


def as_encoder(given: Encoder | EncodeTexts, name: str | None = None) -> Encoder:
    """Return an encoder as it is, and a function as one.

    Args:
        given: An encoder, or a function from a list of texts to vectors.
        name: What a function is called; its own name by default.

    Raises:
        UsageError: It is neither, or has no name.
    """
    if isinstance(given, CallableEncoder):  # whose properties ask the function
        return given
    if isinstance(given, Encoder):
        return given
    if not callable(given):
        raise UsageError(f"An encoder is an Encoder or a function of texts, not {given!r}.")
    found = name or getattr(given, "__qualname__", "")
    if not found or "<lambda>" in found:
        raise UsageError("The encoder has no name of its own.", fix='Give encoder_name="...".')
    return CallableEncoder(given, name=found)
