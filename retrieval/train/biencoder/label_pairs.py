"""Pairs drawn among labelled texts, anew in each epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.train.biencoder.embedder import Embedder, text_lengths
from retrieval.train.biencoder.examples import LabelledTexts
from retrieval.train.biencoder.task import LEAST_SPREAD, BiencoderTask, in_float32
from retrieval.train.task import Validation
from retrieval.vectors import FloatRows

_ENOUGH = 10_000
"""Texts that a model is measured on at most."""


class LabelPairsTask(BiencoderTask):
    """Texts of a label are to be near each other, and away from the others.

    In each epoch every text is drawn a partner, half of them of the same label (cosine 1) and
    half of another. The squared error of the cosine (Reimers and Gurevych (2019)).

    Args:
        embedder: The model.
        rows: To train on; of at least two labels.
        held_out: To validate on.
        other_target: Cosine of two texts of different labels: 0, or -1 for opposite ones.
        batch_size: Rows a step.
        seed: Of the order of rows and of the partners.
    """

    def __init__(
        self,
        embedder: Embedder,
        rows: LabelledTexts,
        held_out: LabelledTexts,
        *,
        other_target: float,
        batch_size: int,
        seed: int,
    ) -> None:
        from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

        super().__init__(
            embedder, lengths=text_lengths(rows.texts), batch_size=batch_size, seed=seed
        )
        self._rows = rows
        self._held_out = held_out
        self._other_target = other_target
        self._loss = CosineSimilarityLoss(embedder.model)
        self._drawn: tuple[int, NDArray[np.int64], NDArray[np.bool_]] | None = None

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean squared error of the cosines of texts and their partners."""
        if self._drawn is None or self._drawn[0] != epoch:
            self._drawn = (epoch, *draw_partners(self._rows.labels, self.generator(epoch, 1)))
        _, partners, same = self._drawn
        texts, prompt = self._rows.texts, self.embedder.passage_prompt
        vectors = [
            self.embedder.embed([texts[at] for at in chosen.tolist()], prompt)
            for chosen in (rows, partners[rows])
        ]
        targets = np.where(same[rows], 1.0, self._other_target).astype(np.float32)
        return in_float32(self._loss, vectors, self.tensor(targets))

    def validate(self) -> Validation | None:
        """Return AP of pairs of one label among drawn pairs, and accuracy of the nearest mean."""
        if len(set(self._held_out.labels)) < 2:
            return None
        texts, rows = self._measured(self._held_out)
        partners, same = draw_partners(texts.labels, self.generator(0, 2))
        scores = np.einsum("ij,ij->i", rows, rows[partners]).astype(np.float64)
        return Validation(
            measure="AP",
            value=ScoredLabels.from_columns(same, scores).average_precision(),
            also={"accuracy of the nearest mean": nearest_mean_accuracy(rows, texts.labels)},
        )

    def fault(self) -> str:
        """Tell of a collapse: every text as near to every other."""
        _, rows = self._measured(self._held_out if len(self._held_out) > 2 else self._rows)
        scores = np.einsum("ij,ij->i", rows, np.roll(rows, 1, axis=0))
        if float(scores.std()) >= LEAST_SPREAD:
            return ""
        return (
            f"it collapsed: the cosines of {len(rows):,} texts to each other lie between"
            f" {scores.min():.4f} and {scores.max():.4f}"
        )

    def _measured(self, texts: LabelledTexts) -> tuple[LabelledTexts, FloatRows]:
        """Return the unit vectors of texts, or of some of them if they are very many."""
        if len(texts) > _ENOUGH:
            chosen = self.generator(0, 3).choice(len(texts), _ENOUGH, replace=False)
            texts = texts.select(np.sort(chosen))
        return texts, self.embedder.vectors(texts.texts, self.embedder.passage_prompt)


def draw_partners(
    labels: tuple[str, ...], generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Draw a partner for each row, half of them of the same label.

    Args:
        labels: Of each row; at least two different ones.
        generator: Of the draw.

    Returns:
        int64 (rows,), each another row; and bool (rows,), whether it has the same label. A
        label of one row has partners of other labels only.
    """
    count = len(labels)
    _, codes, sizes = np.unique(np.array(labels), return_inverse=True, return_counts=True)
    order = np.argsort(codes, kind="stable")
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    size = sizes[codes]
    start = (np.cumsum(sizes) - sizes)[codes]
    same = np.zeros(count, dtype=bool)
    same[generator.permutation(count)[: (count + 1) // 2]] = True
    same &= size > 1
    uniform = generator.random(count)
    # within the label, one place is the row's own; beyond it, the label's places are passed over
    inside = start + (place - start + 1 + (uniform * (size - 1)).astype(np.int64)) % size
    outside = (uniform * (count - size)).astype(np.int64)
    outside += np.where(outside >= start, size, 0)
    return order[np.where(same, inside, outside)].astype(np.int64), same


def nearest_mean_accuracy(rows: FloatRows, labels: tuple[str, ...]) -> float:
    """Return the share of rows nearest to the mean of their own label, themselves left out.

    Args:
        rows: float32 (n, dim), unit rows.
        labels: Of each row.

    Returns:
        In [0, 1]; a label of a single row counts as wrong.
    """
    _, codes, sizes = np.unique(np.array(labels), return_inverse=True, return_counts=True)
    sums = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(sums, codes, rows.astype(np.float64))
    lengths = np.linalg.norm(sums, axis=1)
    scores = rows @ (sums / np.maximum(lengths, 1e-12)[:, np.newaxis]).T
    own = sums[codes] - rows
    length = np.maximum(np.linalg.norm(own, axis=1), 1e-12)
    found = np.einsum("ij,ij->i", own, rows) / length
    scores[np.arange(len(rows)), codes] = np.where(sizes[codes] > 1, found, -np.inf)
    return float((scores.argmax(axis=1) == codes).mean())
