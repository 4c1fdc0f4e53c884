"""The way out for a model that cannot be exported: sentence-transformers itself."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.exported import TOKENIZER_NAME, ExportedModel
from retrieval.encode.reference import load_reference, reference_rows
from retrieval.encode.source import WAYS
from retrieval.encode.tokens import TextTokenizer
from retrieval.errors import ModelNotFoundError, UsageError
from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows

_TEXTS = 2048
"""Texts handed over at once: the library keeps every vector of a call."""


class TorchEncoder:
    """Encodes through sentence-transformers on the processor; slow to start, slower to run.

    Args:
        exported: The record of the model, without a graph.
        folder: The folder it lies in, with the tokenizer.

    Raises:
        ModelNotFoundError: The model's own folder is gone.
        ModelAlteredError: The tokenizer cannot be read.
    """

    def __init__(self, exported: ExportedModel, folder: Path) -> None:
        source = Path(exported.source.folder)
        if not source.is_dir():
            raise ModelNotFoundError(
                f"The model {exported.identity.name} runs from {source}, which is gone.", fix=WAYS
            )
        self._identity = exported.identity
        self._tokenizer = TextTokenizer(folder / TOKENIZER_NAME, exported.identity.max_tokens)
        self._model: Any = load_reference(source)
        self._one_at_a_time = threading.Lock()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._identity

    @property
    def numerics(self) -> Numerics:
        """Single precision on torch."""
        return Numerics(precision="fp32", runtime=f"torch {importlib.metadata.version('torch')}")

    @property
    def reserved_tokens(self) -> int:
        """Tokens of the window taken by special tokens and the passage prompt."""
        prompt = self._identity.passage_prompt
        return self._tokenizer.special_tokens + (self._tokenizer.count(prompt) if prompt else 0)

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return where each token lies: int32 (tokens, 2) a text, in characters."""
        return self._tokenizer.offsets(texts)

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries: float32 (n, dim), unit rows, in the order given."""
        return self._encode(texts, self._identity.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages: float32 (n, dim), unit rows, in the order given."""
        return self._encode(texts, self._identity.passage_prompt)

    def close(self) -> None:
        """Free the model's memory."""
        with self._one_at_a_time:
            self._model = None

    def _encode(self, texts: Sequence[str], prompt: str) -> FloatRows:
        vectors = np.empty((len(texts), self._identity.dim), dtype=np.float32)
        with self._one_at_a_time:
            if self._model is None:
                raise UsageError(
                    f"The encoder of {self._identity.name} was closed.",
                    fix="Open it again with open_encoder.",
                )
            for start in range(0, len(texts), _TEXTS):
                part = texts[start : start + _TEXTS]
                vectors[start : start + len(part)] = reference_rows(self._model, part, prompt)
        return vectors
