"""What an encoder is: text in, unit vectors out, and an identity to compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows


@runtime_checkable
class TokenMeasure(Protocol):
    """The part of an encoder that cutting documents into passages needs."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; ``max_tokens`` is its window."""
        ...

    @property
    def reserved_tokens(self) -> int:
        """Tokens of the window taken by special tokens and the passage prompt."""
        ...

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Tokenize without special tokens, prompts or truncation.

        Args:
            texts: Any strings; an empty one has no tokens.

        Returns:
            For each text int32 (tokens, 2): start and end of each token as
            characters (code points) of the text, in order.
        """
        ...


@runtime_checkable
class Encoder(TokenMeasure, Protocol):
    """Turns texts into vectors; safe to call from several threads.

    The same text gives the same vector within 1e-5 in each component, whatever else
    is in the batch and in whatever order; a passage in less than single precision within
    what its ``numerics`` are exact to. Results keep the order of the input.
    ``retrieval.testing.encoder_contract`` is the suite every encoder passes.
    """

    @property
    def numerics(self) -> Numerics:
        """How vectors are computed here."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries, each with the model's query prompt before it.

        Args:
            texts: n strings.

        Returns:
            float32 (n, dim), unit rows, C-contiguous; what exceeds the window is cut.
        """
        ...

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages, each with the model's passage prompt before it.

        Args:
            texts: n strings.

        Returns:
            float32 (n, dim), unit rows, C-contiguous; what exceeds the window is cut.
        """
        ...

    def close(self) -> None:
        """Free the model's memory; the encoder is not used afterwards."""
        ...
