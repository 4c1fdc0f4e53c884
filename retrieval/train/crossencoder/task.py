"""A cross-encoder with its pairs, as the loop sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.graph import taken_inputs
from retrieval.errors import UsageError
from retrieval.evaluate.pairs import correlate
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.train.base import Base
from retrieval.train.batches import bucketed
from retrieval.train.classifier.network import transformer_folder
from retrieval.train.crossencoder.rows import CrossencoderRows
from retrieval.train.task import Validation
from retrieval.train.token_rows import every_output, tokenize

_ATTENTION_DROPOUT = ("attention_probs_dropout_prob", "attention_dropout")
LEAST_SPREAD = 0.005
"""Standard deviation of scores below which a model tells no pairs apart."""


class CrossencoderTask:
    """Learns one score of two texts read together, by binary cross-entropy.

    Args:
        base: The model to start from; its layer of scores is drawn from torch's generator.
        rows: To train and to validate on.
        max_length: Tokens of a pair that are seen, in training and later.
        batch_size: Rows a step.
        seed: Of their order.
    """

    def __init__(
        self, base: Base, rows: CrossencoderRows, *, max_length: int, batch_size: int, seed: int
    ) -> None:
        import torch
        from sentence_transformers import CrossEncoder

        folder = transformer_folder(base.folder)
        self._dropped = _attention_dropout(folder)
        self._model = CrossEncoder(
            str(folder),
            num_labels=1,
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            model_kwargs={
                "use_safetensors": True,
                "dtype": torch.float32,
                "ignore_mismatched_sizes": True,  # the base may be a classifier
            },
            config_kwargs=dict.fromkeys(self._dropped, 0.0),
        )
        transformer, tokenizer = self._model[0].auto_model, self._model.tokenizer
        inner = getattr(tokenizer, "backend_tokenizer", None)
        if inner is not None:  # a file may carry limits that are not the model's
            inner.no_truncation()
            inner.no_padding()
        self._names = taken_inputs(tokenizer, transformer)
        self._module = transformer
        self._rows = rows
        self._batch_size = batch_size
        self._seed = seed
        positions = getattr(transformer.config, "max_position_embeddings", max_length)
        seen = min(max_length, int(tokenizer.model_max_length), int(positions))
        self._model.max_seq_length = seen
        self._train, self._held_out = (
            tokenize(tokenizer, one.first, one.second, max_length=seen)
            for one in (rows.train, rows.held_out)
        )

    @property
    def module(self) -> Any:
        """The transformer with its layer of scores."""
        return self._module

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return every pair once, those of like length together."""
        generator = np.random.default_rng([self._seed, epoch])
        return bucketed(self._train.lengths, self._batch_size, generator)

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return ``-(y log s(z) + (1 - y) log(1 - s(z)))``; y: the target; s: the sigmoid."""
        import torch

        device = self._device()
        logits = self._forward(self._train.tensors(rows.tolist(), device))
        targets = torch.from_numpy(self._rows.train.targets[rows]).float().to(device)
        return torch.nn.functional.binary_cross_entropy_with_logits(
            logits.float().squeeze(1), targets
        )

    def validate(self) -> Validation | None:
        """Measure AP and accuracy of pairs that are 0 or 1, Spearman and Pearson of graded ones."""
        rows = self._rows.held_out
        if not len(rows):
            return None
        scores = self.held_out_scores()
        if self._rows.graded:
            try:
                found = correlate(scores, rows.targets)
            except UsageError:  # all scores alike, or all targets
                return Validation(measure="Spearman", value=0.0)
            return Validation(
                measure="Spearman", value=found.spearman, also={"Pearson": found.pearson}
            )
        relevant = rows.targets == 1.0
        ranked = ScoredLabels.from_columns(relevant, scores)
        right = float(np.mean((scores > 0.0) == relevant))
        return Validation(measure="AP", value=ranked.average_precision(), also={"accuracy": right})

    def fault(self) -> str:
        """Say that the model gives every pair the same score, if it does."""
        targets = self._rows.held_out.targets
        if len(targets) < 2 or np.all(targets == targets[0]):
            return ""
        scores = self.held_out_scores()
        spread = (1.0 / (1.0 + np.exp(-scores))).std()
        return "it gives every pair nearly the same score" if spread < LEAST_SPREAD else ""

    def save(self, folder: Path) -> None:
        """Write the model into an empty folder, as sentence-transformers does."""
        for name, share in self._dropped.items():
            setattr(self._module.config, name, share)
        self._model.save(str(folder), safe_serialization=True, create_model_card=False)

    def held_out_scores(self) -> NDArray[np.float64]:
        """Return the logits of the pairs held out, float64 (pairs,)."""
        found = every_output(self._held_out, self._forward, self._device())
        return found[:, 0].astype(np.float64)

    def _forward(self, tensors: dict[str, Any]) -> Any:
        return self._module(**{name: tensors[name] for name in self._names}).logits

    def _device(self) -> Any:
        return next(self._module.parameters()).device


def _attention_dropout(folder: Path) -> dict[str, float]:
    """Return what a model's settings say of dropout in its attention, by name.

    Drawing it for every pair of tokens costs about a third of a training step on a processor
    and keeps attention off its fast kernel; so it is left out, and that of layers kept.
    """
    settings = json.loads((folder / "config.json").read_bytes())
    return {name: settings[name] for name in _ATTENTION_DROPOUT if settings.get(name)}
