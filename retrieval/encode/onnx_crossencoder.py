"""The reranker of every day: an exported cross-encoder on onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.encode.exported import GRAPH_NAME, TOKENIZER_NAME, ExportedModel
from retrieval.encode.loading import ANEW, Loading
from retrieval.encode.onnx_session import OnnxSession
from retrieval.encode.pair_scores import PairScores
from retrieval.encode.pair_tokens import PairTokenizer
from retrieval.encode.sorted_runs import SORTED_TEXTS, run_sorted
from retrieval.errors import UsageError
from retrieval.processor import usable_cores


class OnnxCrossencoder:
    """Scores pairs of texts on the processor with an exported model.

    Args:
        exported: What ``model.json`` says.
        folder: Folder of the exported model.
        threads: Threads to work with; None for every core this process may use.
        loading: Loads the parts; whether they were loaded before changes no score.

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
        self.identity = exported.identity
        self._padding_id = exported.padding_id
        self._threads = threads or usable_cores()
        self._session: OnnxSession | None = loading.load(
            folder, "session", lambda: OnnxSession(folder / GRAPH_NAME, threads=1)
        )
        self._tokenizer = loading.load(
            folder,
            "tokenizer",
            lambda: PairTokenizer(folder / TOKENIZER_NAME, exported.identity.max_tokens),
        )

    @property
    def max_tokens(self) -> int:
        """Window of a pair, special tokens included."""
        return self.identity.max_tokens

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        """Score pairs; of what exceeds the window the longer text's end is not seen.

        Args:
            queries: First text of each of n pairs.
            passages: Second text of each.

        Returns:
            The model's output as it is. The same pair gives the same score within 1e-4,
            whatever else is scored with it.

        Raises:
            UsageError: Not as many queries as passages, or the model was closed.
        """
        if len(queries) != len(passages):
            raise UsageError(
                f"{len(queries)} queries came with {len(passages)} passages; pairs are expected."
            )
        session = self._session
        if session is None:
            raise UsageError(f"The reranker {self.identity.name} was closed.")
        found = np.empty((len(queries), 1), dtype=np.float32)
        cut = np.zeros(len(queries), dtype=np.bool_)
        prompt = self.identity.query_prompt
        for start in range(0, len(queries), SORTED_TEXTS):
            stop = start + SORTED_TEXTS
            asked = [prompt + one for one in queries[start:stop]]
            pairs = self._tokenizer.pair_tokens(asked, passages[start:stop])
            cut[start:stop] = pairs.cut
            run_sorted(
                session,
                pairs.ids,
                self._padding_id,
                found[start:stop],
                threads=self._threads,
                types=pairs.types,
            )
        return PairScores(found[:, 0].astype(np.float64), cut)

    def close(self) -> None:
        """Free the model's memory."""
        self._session = None
