"""A classifier with its rows, as the loop sees it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.onnx_classifier import probabilities_of
from retrieval.evaluate.classes import class_report
from retrieval.evaluate.classifier_report import class_average_precision
from retrieval.train.batches import bucketed
from retrieval.train.classifier.network import Network
from retrieval.train.classifier.rows import ClassifierRows
from retrieval.train.task import Validation
from retrieval.train.token_rows import every_output, tokenize

MEASURE = "accuracy"
LEAST_SPREAD = 0.005
"""Standard deviation of probabilities below which a model tells no texts apart."""


class ClassifierTask:
    """Learns classes by cross-entropy.

    Args:
        network: The model.
        rows: To train and to validate on.
        batch_size: Rows a step.
        seed: Of their order.
    """

    def __init__(
        self, network: Network, rows: ClassifierRows, *, batch_size: int, seed: int
    ) -> None:
        self._network = network
        self._rows = rows
        self._batch_size = batch_size
        self._seed = seed
        number = {name: at for at, name in enumerate(rows.classes)}
        self._targets = np.array([number[one] for one in rows.train.labels], dtype=np.int64)
        length = network.max_length
        self._train = tokenize(network.tokenizer, rows.train.texts, max_length=length)
        self._held_out = tokenize(network.tokenizer, rows.held_out.texts, max_length=length)
        self._spread: float | None = None

    @property
    def module(self) -> Any:
        """The transformer with its layer of classes."""
        return self._network.module

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return every row once, those of like length together."""
        generator = np.random.default_rng([self._seed, epoch])
        return bucketed(self._train.lengths, self._batch_size, generator)

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean cross-entropy of a step: ``-log softmax(z)_c``; c: the true class."""
        import torch

        device = self._device()
        logits = self.module(self._train.tensors(rows.tolist(), device))
        targets = torch.from_numpy(self._targets[rows]).to(device)
        return torch.nn.functional.cross_entropy(logits.float(), targets)

    def validate(self) -> Validation | None:
        """Measure accuracy, macro F1, AP and the loss on the rows held out.

        AP is that of the positive class where there are two, else the mean over the classes
        that occur, each against the others.
        """
        truth, classes = self._rows.held_out.labels, self._rows.classes
        if not truth:
            return None
        found = probabilities_of(every_output(self._held_out, self.module, self._device()))
        self._spread = float(found.std(axis=0).max())
        report = class_report(truth, [classes[at] for at in found.argmax(axis=1)], labels=classes)
        number = {name: at for at, name in enumerate(classes)}
        right = found[np.arange(len(truth)), [number[one] for one in truth]]
        every = dict(zip(classes, class_average_precision(truth, found, classes), strict=True))
        wanted = [every[self._rows.positive]] if self._rows.positive else list(every.values())
        known = [one for one in wanted if one is not None]
        also = {
            "macro F1": report.macro.f1,
            "validation loss": float(-np.log(np.maximum(right, 1e-300)).mean()),
        }
        if known:
            also = {"AP": sum(known) / len(known), **also}
        return Validation(measure=MEASURE, value=report.accuracy, also=also)

    def fault(self) -> str:
        """Say that the model gives every text the same probabilities, if it does."""
        if len(set(self._rows.held_out.labels)) < 2:
            return ""
        self.validate()
        if self._spread is not None and self._spread < LEAST_SPREAD:
            return "it gives every text nearly the same probabilities"
        return ""

    def save(self, folder: Path) -> None:
        """Write the model into an empty folder."""
        self._network.save(folder)

    def _device(self) -> Any:
        return next(self.module.parameters()).device
