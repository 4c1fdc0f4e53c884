"""Token ids through a model, however it is run: what makes the vectors of many passages."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.onnx_session import OnnxSession, runtime_version
from retrieval.encode.precision import Precision
from retrieval.encode.sorted_runs import run_sorted
from retrieval.errors import UsageError
from retrieval.records import Numerics
from retrieval.vectors import FloatRows


class Forward(Protocol):
    """Runs a model over the tokens of passages; safe to call from several threads."""

    @property
    def numerics(self) -> Numerics:
        """How vectors are computed here."""
        ...

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        """Compute the vectors of passages.

        Args:
            ids: int64 (tokens,) of each of n passages, special tokens included.
            rows: float32 (n, dim); written to: unit rows, in the order of the passages.
        """
        ...

    def close(self) -> None:
        """Free the model's memory."""
        ...


class OnnxForward:
    """A graph on onnxruntime, one run a core at a time.

    Args:
        graph: The ``.onnx`` file.
        precision: What the graph computes in, for the record.
        padding_id: Id of the token that fills a batch.
        threads: Runs at the same time.

    Raises:
        ModelAlteredError: The file cannot be loaded.
    """

    def __init__(self, graph: Path, *, precision: Precision, padding_id: int, threads: int) -> None:
        self._session: OnnxSession | None = OnnxSession(graph, threads=1)
        self._precision = precision
        self._padding_id = padding_id
        self._threads = threads
        self._swap = threading.Lock()

    @property
    def numerics(self) -> Numerics:
        """The precision of the graph, on onnxruntime."""
        return Numerics(precision=self._precision.value, runtime=f"onnxruntime {runtime_version()}")

    def fill(self, ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
        """Compute the vectors of passages; see ``Forward``."""
        with self._swap:
            session = self._session
        if session is None:
            raise UsageError("The model was closed.", fix="Open it again with open_encoder.")
        if ids:
            run_sorted(session, ids, self._padding_id, rows, threads=self._threads)

    def close(self) -> None:
        """Free the model's memory."""
        with self._swap:
            self._session = None
