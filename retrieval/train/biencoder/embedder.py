"""A bi-encoder in training: texts to vectors, with and without gradients."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.reference import window
from retrieval.errors import UsageError
from retrieval.train.base import Base, load_base
from retrieval.train.biencoder.options import Pooling
from retrieval.vectors import FloatRows, unit_rows

_TEXTS = 64
"""Texts embedded at once without gradients."""


class Embedder:
    """Embeds texts by a model that learns.

    Args:
        base: The model to start from.
        pooling: How tokens become a vector; None as it is.
        max_length: Tokens of a text that are seen in training, if the model's window allows.

    Raises:
        UsageError: Another pooling was asked for, and the model has none to replace.
    """

    def __init__(self, base: Base, *, pooling: Pooling | None, max_length: int) -> None:
        self.model = load_base(base)
        if pooling is not None:
            _set_pooling(self.model, pooling, base.facts.name)
        self._window = self.model.max_seq_length
        self.model.max_seq_length = min(window(self.model), max_length)
        self.query_prompt = base.query_prompt
        self.passage_prompt = base.passage_prompt

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self.model.get_embedding_dimension())

    def embed(self, texts: Sequence[str], prompt: str) -> Any:
        """Return vectors to learn through: a float32 tensor (n, dim) on the model's device."""
        features = self.model.preprocess(list(texts), prompt=prompt or None)
        device = self.model.device
        moved = {
            name: one.to(device) if hasattr(one, "to") else one for name, one in features.items()
        }
        return self.model(moved)["sentence_embedding"].float()

    def vectors(
        self,
        texts: Sequence[str],
        prompt: str,
        *,
        encoded: Callable[[int], None] | None = None,
    ) -> FloatRows:
        """Return vectors to measure by: float32 (n, dim), unit rows, in the order given.

        Args:
            texts: What to encode.
            prompt: What is put before each.
            encoded: Told after every batch how many texts are done.
        """
        import torch

        rows = np.empty((len(texts), self.dim), dtype=np.float32)
        order = np.argsort([-len(text) for text in texts], kind="stable")
        for start in range(0, len(order), _TEXTS):
            part = order[start : start + _TEXTS]
            with torch.no_grad():
                found = self.embed([texts[at] for at in part.tolist()], prompt)
            rows[part] = found.cpu().numpy()
            if encoded is not None:
                encoded(start + len(part))
        return unit_rows(rows)

    @contextlib.contextmanager
    def whole_window(self) -> Iterator[None]:
        """Let the model see as many tokens as its base does, not only those of training."""
        seen = self.model.max_seq_length
        self.model.max_seq_length = self._window
        try:
            yield
        finally:
            self.model.max_seq_length = seen

    def save(self, folder: Path) -> None:
        """Write the model as an ordinary sentence-transformers folder.

        Its window is that of the base: texts longer than those seen in training can be
        encoded as well as before.
        """
        with self.whole_window():
            self.model.save(str(folder), create_model_card=False, safe_serialization=True)


def text_lengths(*columns: Sequence[str]) -> NDArray[np.int64]:
    """Return the characters of each row's texts, as a stand-in for their tokens."""
    return np.array([sum(map(len, row)) for row in zip(*columns, strict=True)], dtype=np.int64)


def _set_pooling(model: Any, pooling: Pooling, name: str) -> None:
    """Put another pooling in the place of a model's own."""
    from sentence_transformers.sentence_transformer.modules import Pooling as PoolingModule

    for at, module in model.named_children():
        if isinstance(module, PoolingModule):
            dim = model[0].get_embedding_dimension()
            made = PoolingModule(dim, pooling.value, include_prompt=module.include_prompt)
            if module.get_embedding_dimension() != made.get_embedding_dimension():
                raise UsageError(f"The pooling of {name} joins several; it cannot be replaced.")
            model._modules[at] = made
            return
    raise UsageError(
        f"The model {name} has no pooling that could be replaced.", fix="Leave --pooling out."
    )
