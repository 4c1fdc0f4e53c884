"""The classifier of every day: exported, on onnxruntime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.exported import GRAPH_NAME, TOKENIZER_NAME, ExportedModel
from retrieval.encode.onnx_session import OnnxSession
from retrieval.encode.sorted_runs import SORTED_TEXTS, run_sorted
from retrieval.encode.tokens import TextTokenizer
from retrieval.processor import usable_cores


class OnnxClassifier:
    """Tells classes on the processor with an exported model.

    Args:
        exported: What ``model.json`` says.
        folder: Folder of the exported model.
        labels: Its classes, in the order of its outputs.
        threads: Threads to work with; None for every core this process may use.

    Raises:
        ModelAlteredError: A file of the folder cannot be loaded.
    """

    runtime = "onnxruntime"
    """What it runs on."""

    def __init__(
        self,
        exported: ExportedModel,
        folder: Path,
        labels: tuple[str, ...],
        *,
        threads: int | None = None,
    ) -> None:
        self.identity = exported.identity
        self.labels = labels
        self._padding_id = exported.padding_id
        self._threads = threads or usable_cores()
        self._session = OnnxSession(folder / GRAPH_NAME, threads=1)
        self._tokenizer = TextTokenizer(folder / TOKENIZER_NAME, exported.identity.max_tokens)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Classify texts; what exceeds the model's window is not seen.

        Args:
            texts: n strings.

        Returns:
            float64 (n, classes) in the order of ``labels``; each row sums to 1. The same
            text gives the same row within 1e-5, whatever else is in the batch.
        """
        logits = np.empty((len(texts), len(self.labels)), dtype=np.float32)
        for start in range(0, len(texts), SORTED_TEXTS):
            part = texts[start : start + SORTED_TEXTS]
            ids = self._tokenizer.window_ids(part)
            rows = logits[start : start + len(part)]
            run_sorted(self._session, ids, self._padding_id, rows, threads=self._threads)
        return probabilities_of(logits)


def probabilities_of(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the softmax of rows: ``exp(z_c - max z) / sum_d exp(z_d - max z)``; z: logits.

    Args:
        logits: Floating (texts, classes).

    Returns:
        float64 (texts, classes), each row sums to 1.
    """
    wide = logits.astype(np.float64)
    shifted = np.exp(wide - wide.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
