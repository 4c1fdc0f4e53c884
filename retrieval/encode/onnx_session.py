"""A model in the ONNX format, ready to run; the one door to ``onnxruntime``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelAlteredError


def runtime_version() -> str:
    """Return the version of the runtime that is loaded."""
    return str(_onnxruntime().__version__)


class OnnxSession:
    """A loaded model; ``run`` may be called from several threads.

    Args:
        path: The ``.onnx`` file, its external weights beside it.
        threads: Threads one run uses.
        quick: Be ready about three times sooner and run half as fast: weights are not
            laid out anew for the processor, and the graph is simplified only.

    Raises:
        ModelAlteredError: The runtime refuses the file.
    """

    def __init__(self, path: Path, *, threads: int, quick: bool = False) -> None:
        runtime = _onnxruntime()
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        if quick:
            options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
            options.add_session_config_entry("session.disable_prepacking", "1")
        try:
            self._session = runtime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's own errors share no base below this
            raise ModelAlteredError(
                f"{path} cannot be loaded ({str(error).strip()[:300]}).",
                fix=f"Remove {path.parent}; the model is then exported anew.",
            ) from error
        self.inputs: tuple[str, ...] = tuple(node.name for node in self._session.get_inputs())

    def run(self, feeds: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """Return the model's first output for these inputs."""
        outputs: list[NDArray[np.float32]] = self._session.run(None, dict(feeds))
        return outputs[0]


def _onnxruntime() -> Any:
    # Builds since 1.32 keep a device id and a database of events under the user's cache folder
    # and send them to their maker, unless this is set before the first import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime
