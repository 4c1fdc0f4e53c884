"""An encoder that computes passages by one way and queries by another."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.forward import Forward
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.sorted_runs import SORTED_TEXTS
from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows


class PassageEncoder:
    """The model of an ``OnnxEncoder``, its passages run through a ``Forward``.

    Queries stay single precision on onnxruntime: one text gains nothing by less, and a
    query that is exact loses less against rows that are not.

    Args:
        exact: Tokenizes, and encodes queries; closed with this.
        forward: Runs the passages; closed with this.
    """

    def __init__(self, exact: OnnxEncoder, forward: Forward) -> None:
        self.exact = exact
        self._forward = forward
        self._turn = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self.exact.identity

    @property
    def numerics(self) -> Numerics:
        """How passages are computed."""
        return self._forward.numerics

    @property
    def reserved_tokens(self) -> int:
        """Tokens of the window taken by special tokens and the passage prompt."""
        return self.exact.reserved_tokens

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return where each token lies: int32 (tokens, 2) a text, in characters."""
        return self.exact.token_offsets(texts)

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries: float32 (n, dim), unit rows, in single precision."""
        return self.exact.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages: float32 (n, dim), unit rows, in the order given."""
        vectors = np.empty((len(texts), self.identity.dim), dtype=np.float32)
        for start in range(0, len(texts), SORTED_TEXTS):
            part = texts[start : start + SORTED_TEXTS]
            ids = self.exact.passage_ids(part)
            with self._turn:  # while one call is computed, another is cut into tokens
                self._forward.fill(ids, vectors[start : start + len(part)])
        return vectors

    def close(self) -> None:
        """Free the memory of both."""
        self._forward.close()
        self.exact.close()
