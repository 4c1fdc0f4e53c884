"""The encoder of every day: an exported model on onnxruntime, without torch."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.batches import CORE_RUN_TOKENS
from retrieval.encode.exported import GRAPH_NAME, TOKENIZER_NAME, ExportedModel
from retrieval.encode.loading import ANEW, Loading
from retrieval.encode.onnx_session import OnnxSession, runtime_version
from retrieval.encode.sorted_runs import SORTED_TEXTS, run_sorted
from retrieval.encode.tokens import TextTokenizer
from retrieval.errors import UsageError
from retrieval.processor import usable_cores
from retrieval.records import ModelIdentity, Numerics
from retrieval.vectors import FloatRows

_QUICK_RUNS = 8
_QUICK_TOKENS = 256


class OnnxEncoder:
    """Encodes on the processor with an exported model.

    The first few short runs go through a session that is ready sooner but slower, so
    that a process asking one query is not kept waiting for what pays off later only.

    Args:
        exported: What ``model.json`` says.
        folder: Folder of the exported model.
        threads: Threads to encode with; None for every core this process may use.
        loading: Loads the parts; whether they were loaded before changes no vector.

    Raises:
        ModelAlteredError: A file of the folder cannot be loaded.
    """

    def __init__(
        self,
        exported: ExportedModel,
        folder: Path,
        *,
        threads: int | None = None,
        loading: Loading = ANEW,
    ) -> None:
        self._exported = exported
        self._folder = folder
        self._loading = loading
        self._threads = threads or usable_cores()
        self._swap = threading.Lock()
        self._turn = threading.Lock()
        self._quick_runs = 0
        self._quick = True
        self._session: OnnxSession | None = self._loaded(threads=self._threads, quick=True)
        self._tokenizer = loading.load(
            folder,
            "tokenizer",
            lambda: TextTokenizer(folder / TOKENIZER_NAME, exported.identity.max_tokens),
        )
        self._reserved: int | None = None

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._exported.identity

    @property
    def numerics(self) -> Numerics:
        """Single precision on onnxruntime."""
        return Numerics(precision="fp32", runtime=f"onnxruntime {runtime_version()}")

    @property
    def reserved_tokens(self) -> int:
        """Tokens of the window taken by special tokens and the passage prompt."""
        if self._reserved is None:
            prompt = self.identity.passage_prompt
            inside = self._tokenizer.count(prompt) if prompt else 0
            self._reserved = self._tokenizer.special_tokens + inside
        return self._reserved

    def token_offsets(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return where each token lies: int32 (tokens, 2) a text, in characters."""
        return self._tokenizer.offsets(texts)

    def encode_queries(self, texts: Sequence[str]) -> FloatRows:
        """Encode queries: float32 (n, dim), unit rows, in the order given."""
        return self._encode(texts, self.identity.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> FloatRows:
        """Encode passages: float32 (n, dim), unit rows, in the order given."""
        return self._encode(texts, self.identity.passage_prompt)

    def passage_ids(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        """Return the tokens of passages as the model takes them: int64 (tokens,) of each."""
        return self._tokenizer.window_ids(texts, self.identity.passage_prompt)

    def close(self) -> None:
        """Free the model's memory."""
        with self._swap:
            self._session = None

    def _encode(self, texts: Sequence[str], prompt: str) -> FloatRows:
        vectors = np.empty((len(texts), self.identity.dim), dtype=np.float32)
        for start in range(0, len(texts), SORTED_TEXTS):
            part = texts[start : start + SORTED_TEXTS]
            self._encode_sorted(part, prompt, vectors[start : start + len(part)])
        return vectors

    def _encode_sorted(self, texts: Sequence[str], prompt: str, vectors: FloatRows) -> None:
        """Fill ``vectors``, float32 (n, dim), running texts of like length together."""
        ids = self._tokenizer.window_ids(texts, prompt)
        lengths = [len(row) for row in ids]
        session = self._session_for(sum(lengths))
        # what fills every core takes turns: two calls at once would only share the cache
        many = sum(lengths) > CORE_RUN_TOKENS
        with self._turn if many else nullcontext():
            run_sorted(session, ids, self._exported.padding_id, vectors, threads=self._threads)

    def _session_for(self, tokens: int) -> OnnxSession:
        """Return the session to run this many tokens with, the fast one once it pays off."""
        with self._swap:
            if self._session is None:
                raise UsageError(
                    f"The encoder of {self.identity.name} was closed.",
                    fix="Open it again with open_encoder.",
                )
            if self._quick:
                self._quick_runs += 1
                if tokens > _QUICK_TOKENS or self._quick_runs > _QUICK_RUNS:
                    self._session = self._loaded(threads=1, quick=False)
                    self._quick = False
            return self._session

    def _loaded(self, *, threads: int, quick: bool) -> OnnxSession:
        model = self._folder / GRAPH_NAME
        return self._loading.load(
            self._folder,
            f"session of {threads} threads{', quick' if quick else ''}",
            lambda: OnnxSession(model, threads=threads, quick=quick),
        )
