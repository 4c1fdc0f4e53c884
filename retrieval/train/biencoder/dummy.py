"""Texts against one dummy text, whose vector becomes a query.

The dummy text is embedded once a step, not once a row: it is the same in every row, and its
gradient is the sum over them either way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.classes import class_report
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.train.biencoder.embedder import Embedder, text_lengths
from retrieval.train.biencoder.examples import LabelledTexts
from retrieval.train.biencoder.head import head_logits, trained_head
from retrieval.train.biencoder.task import (
    LEAST_SPREAD,
    BiencoderTask,
    in_float32,
    whole_precision,
)
from retrieval.train.task import Validation
from retrieval.vectors import FloatRows

_LOOKED_AT = 500
"""Training texts that are looked at for a collapse where there are none to validate on."""


class DummyTask(BiencoderTask):
    """The part that both dummy objectives share.

    Args:
        embedder: The model.
        rows: To train on.
        held_out: To validate on; may be empty.
        token: The dummy text.
        positive: Label that counts as relevant.
        batch_size: Rows a step.
        seed: Of the order of rows.
        classes: Labels that a head is to tell apart; none for no head.
    """

    def __init__(
        self,
        embedder: Embedder,
        rows: LabelledTexts,
        held_out: LabelledTexts,
        *,
        token: str,
        positive: str,
        batch_size: int,
        seed: int,
        classes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            embedder,
            lengths=text_lengths(rows.texts),
            batch_size=batch_size,
            seed=seed,
            classes=classes,
        )
        self._rows = rows
        self._held_out = held_out
        self._token = token
        self._positive = positive

    def embedded(self, rows: NDArray[np.int64]) -> tuple[Any, Any]:
        """Return the vectors of a step's texts and, once for all, that of the dummy text."""
        texts = [self._rows.texts[at] for at in rows.tolist()]
        found = self.embedder.embed(texts, self.embedder.passage_prompt)
        dummy = self.embedder.embed([self._token], self.embedder.query_prompt)
        return found, dummy.expand_as(found)

    def measured(self) -> tuple[LabelledTexts, FloatRows, FloatRows]:
        """Return texts to measure on, their unit vectors and that of the dummy text (1, dim)."""
        few = np.arange(min(len(self._rows), _LOOKED_AT))
        texts = self._held_out if len(self._held_out) else self._rows.select(few)
        embedder = self.embedder
        rows = embedder.vectors(texts.texts, embedder.passage_prompt)
        return texts, rows, embedder.vectors([self._token], embedder.query_prompt)

    def relevant(self, texts: LabelledTexts) -> NDArray[np.bool_]:
        """Return which texts have the positive label."""
        return np.array([label == self._positive for label in texts.labels], dtype=bool)


class DummyCosineTask(DummyTask):
    """The cosine to the dummy text is to be 1 for positive texts, 0 or -1 for all others.

    The squared error of the cosine (Reimers and Gurevych (2019), their regression objective).

    Args:
        embedder: The model.
        rows: To train on.
        held_out: To validate on.
        token: The dummy text.
        positive: Label of the texts that are to come close to it.
        negative_target: Cosine of all others.
        batch_size: Rows a step.
        seed: Of the order of rows.
    """

    def __init__(
        self,
        embedder: Embedder,
        rows: LabelledTexts,
        held_out: LabelledTexts,
        *,
        token: str,
        positive: str,
        negative_target: float,
        batch_size: int,
        seed: int,
    ) -> None:
        from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

        super().__init__(
            embedder,
            rows,
            held_out,
            token=token,
            positive=positive,
            batch_size=batch_size,
            seed=seed,
        )
        self._negative_target = negative_target
        self._targets = np.where(self.relevant(rows), 1.0, negative_target).astype(np.float32)
        self._loss = CosineSimilarityLoss(embedder.model)

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean squared error of the cosines."""
        return in_float32(self._loss, list(self.embedded(rows)), self.tensor(self._targets[rows]))

    def validate(self) -> Validation | None:
        """Return AP of the ranking by the cosine, and accuracy half-way between the targets."""
        if not len(self._held_out):
            return None
        texts, rows, dummy = self.measured()
        scores, relevant = (rows @ dummy[0]).astype(np.float64), self.relevant(texts)
        right = (scores >= (1.0 + self._negative_target) / 2) == relevant
        return Validation(
            measure="AP",
            value=ScoredLabels.from_columns(relevant, scores).average_precision(),
            also={"accuracy": float(right.mean())},
        )

    def fault(self) -> str:
        """Tell of a collapse: every text as near to the dummy text as every other."""
        _, rows, dummy = self.measured()
        scores = (rows @ dummy[0]).astype(np.float64)
        if float(scores.std()) >= LEAST_SPREAD:
            return ""
        return (
            f"it collapsed: the cosines of {len(scores):,} texts to {self._token!r} lie between"
            f" {scores.min():.4f} and {scores.max():.4f}, so they rank nothing"
        )


class DummySoftmaxTask(DummyTask):
    """Texts are classified from (u, d, |u - d|), d the vector of the dummy text.

    Cross-entropy of a softmax (Reimers and Gurevych (2019), their classification objective), on
    unit vectors: those are what an index keeps, so the head can rank one.
    """

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean cross-entropy."""
        import torch

        found, dummy = self.embedded(rows)
        labels = self.number_of([self._rows.labels[at] for at in rows.tolist()])
        with whole_precision(found.device.type):
            logits = head_logits(self.head, found, dummy)
            return torch.nn.functional.cross_entropy(logits, self.tensor(labels))

    def validate(self) -> Validation | None:
        """Return AP of the log-odds of the positive of two classes, or accuracy of many."""
        if not len(self._held_out):
            return None
        texts, logits = self._logits()
        given = [self.classes[at] for at in logits.argmax(axis=1).tolist()]
        report = class_report(texts.labels, given, labels=self.classes)
        also = {"macro F1": report.macro.f1}
        if len(self.classes) > 2:
            return Validation(measure="accuracy", value=report.accuracy, also=also)
        at = self.classes.index(self._positive)
        scored = ScoredLabels.from_columns(self.relevant(texts), logits[:, at] - logits[:, 1 - at])
        return Validation(
            measure="AP",
            value=scored.average_precision(),
            also={"accuracy": report.accuracy, **also},
        )

    def fault(self) -> str:
        """Tell of a collapse: the same probabilities for every text."""
        _, logits = self._logits()
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances = powers / powers.sum(axis=1, keepdims=True)
        if float(chances.std(axis=0).max()) >= LEAST_SPREAD:
            return ""
        return (
            f"it collapsed: {len(chances):,} texts have the same probabilities but for"
            f" {np.ptp(chances, axis=0).max():.4f}, so they rank nothing"
        )

    def _logits(self) -> tuple[LabelledTexts, NDArray[np.float64]]:
        texts, rows, dummy = self.measured()
        return texts, trained_head(self.head, self.classes).logits(rows, dummy[0])
