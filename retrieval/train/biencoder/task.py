"""What the tasks of all objectives of a bi-encoder have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.fsops import LocalFiles
from retrieval.train.batches import bucketed
from retrieval.train.biencoder.embedder import Embedder
from retrieval.train.biencoder.head import make_head, trained_head, write_head
from retrieval.train.task import Validation

LEAST_SPREAD = 0.01
"""Standard deviation of scores below which a model tells no texts apart."""


class BiencoderTask(ABC):
    """A bi-encoder, perhaps with the head of a softmax, and the order of its rows.

    Args:
        embedder: The model.
        lengths: int64 (rows,), of the texts of each row.
        batch_size: Rows a step.
        seed: Of the order.
        classes: Labels that a head is to tell apart; none for no head.
    """

    def __init__(
        self,
        embedder: Embedder,
        *,
        lengths: NDArray[np.int64],
        batch_size: int,
        seed: int,
        classes: Sequence[str] = (),
    ) -> None:
        import torch

        self.embedder = embedder
        self.classes = tuple(classes)
        self.head = make_head(embedder.dim, len(classes)) if classes else None
        parts: dict[str, Any] = {"model": embedder.model}
        if self.head is not None:
            parts["head"] = self.head
        self._module = torch.nn.ModuleDict(parts)
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed

    @property
    def module(self) -> Any:
        """The model and the head."""
        return self._module

    def generator(self, epoch: int, purpose: int) -> np.random.Generator:
        """Return the source of what is drawn for an epoch; each purpose has its own."""
        return np.random.default_rng([self._seed, purpose, epoch])

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return every row once, those of like length together."""
        return bucketed(self._lengths, self._batch_size, self.generator(epoch, 0))

    @abstractmethod
    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the loss of one step."""

    @abstractmethod
    def validate(self) -> Validation | None:
        """Measure the model as it is."""

    def fault(self) -> str:
        """Find nothing wrong; objectives that can collapse look closer."""
        return ""

    def save(self, folder: Path) -> None:
        """Write the model, and the head into a folder of its own."""
        self.embedder.save(folder)
        if self.head is not None:
            write_head(LocalFiles(), folder, trained_head(self.head, self.classes))

    def number_of(self, labels: Sequence[str]) -> NDArray[np.int64]:
        """Return the column of each label in the head."""
        known = {label: at for at, label in enumerate(self.classes)}
        return np.array([known[label] for label in labels], dtype=np.int64)

    def tensor(self, values: NDArray[Any]) -> Any:
        """Return values as a tensor where the model is."""
        import torch

        return torch.from_numpy(np.ascontiguousarray(values)).to(self.embedder.model.device)


def whole_precision(device: str) -> Any:
    """Return the context in which a loss is computed from vectors: without autocast."""
    import torch

    return torch.autocast(device, enabled=False)


def in_float32(loss: Any, vectors: list[Any], targets: Any) -> Any:
    """Return a sentence-transformers loss of vectors (n, dim) and targets (n,)."""
    with whole_precision(vectors[0].device.type):
        return loss.compute_loss_from_embeddings(vectors, targets)
