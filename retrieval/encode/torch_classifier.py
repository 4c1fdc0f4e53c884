"""The way out for a classifier that cannot be exported: its own library, on the processor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.classifier_folder import ClassifierFolder
from retrieval.encode.classifier_module import load_classifier_module, module_probabilities
from retrieval.encode.exported import ExportedModel


class TorchClassifier:
    """Tells classes through torch; slow to start, slower to run.

    Args:
        exported: The record of the model, without a graph.
        found: Its folder.
    """

    runtime = "torch"
    """What it runs on."""

    def __init__(self, exported: ExportedModel, found: ClassifierFolder) -> None:
        self.identity = exported.identity
        self.labels = found.labels
        self._loaded = load_classifier_module(found)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Classify texts: float64 (texts, classes), rows that sum to 1, in the order given."""
        found = np.empty((len(texts), len(self.labels)))
        order = np.argsort([-len(text) for text in texts], kind="stable")
        if len(order):
            found[order] = module_probabilities(self._loaded, [texts[row] for row in order])
        return found
