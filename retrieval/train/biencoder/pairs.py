"""Pairs of texts: to a score, to a class, together or apart, or found among others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.classes import class_report
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.pairs import spearman
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.train.batches import without_equals
from retrieval.train.biencoder.embedder import Embedder, text_lengths
from retrieval.train.biencoder.examples import Pairs
from retrieval.train.biencoder.head import head_logits, trained_head
from retrieval.train.biencoder.task import BiencoderTask, in_float32, whole_precision
from retrieval.train.task import Validation
from retrieval.vectors import FloatRows

MARGIN = 0.5
"""Cosine distance from which on pairs that do not belong together are left alone."""
SCALE = 20.0
"""Factor on cosines before the softmax over the partners of a step."""
_DEPTH = 100
_BLOCK = 512


class PairTask(BiencoderTask):
    """The part that all objectives on pairs share.

    Args:
        embedder: The model.
        rows: To train on.
        held_out: To validate on; may be empty.
        batch_size: Rows a step.
        seed: Of the order of rows.
        asymmetric: Whether first texts are queries and second ones passages, with the
            model's prompts for them; else both are passages.
        classes: Labels that a head is to tell apart; none for no head.
    """

    def __init__(
        self,
        embedder: Embedder,
        rows: Pairs,
        held_out: Pairs,
        *,
        batch_size: int,
        seed: int,
        asymmetric: bool = False,
        classes: Sequence[str] = (),
    ) -> None:
        super().__init__(
            embedder,
            lengths=text_lengths(rows.first, rows.second),
            batch_size=batch_size,
            seed=seed,
            classes=classes,
        )
        self._rows = rows
        self._held_out = held_out
        self._against: list[set[str]] | None = None
        self._prompts = (
            embedder.query_prompt if asymmetric else embedder.passage_prompt,
            embedder.passage_prompt,
        )

    def embedded(self, rows: NDArray[np.int64]) -> list[Any]:
        """Return the vectors of the first and of the second texts of a step."""
        chosen = rows.tolist()
        return [
            self.embedder.embed([texts[at] for at in chosen], prompt)
            for texts, prompt in zip(
                (self._rows.first, self._rows.second), self._prompts, strict=True
            )
        ]

    def cosines(self, pairs: Pairs) -> NDArray[np.float64]:
        """Return the cosine of each pair: float64 (pairs,)."""
        first, second = (
            self.embedder.vectors(texts, prompt)
            for texts, prompt in zip((pairs.first, pairs.second), self._prompts, strict=True)
        )
        found: NDArray[np.float64] = np.einsum("ij,ij->i", first, second).astype(np.float64)
        return found

    def steps_apart(self, epoch: int) -> list[NDArray[np.int64]]:
        """Return steps of pairs whose texts do not belong together with those of another."""
        if self._against is None:
            self._against = partners_of(self._rows)
        keys = list(zip(self._rows.first, self._rows.second, strict=True))
        return without_equals(keys, self._against, self._batch_size, self.generator(epoch, 0))

    def targets(self, rows: NDArray[np.int64]) -> Any:
        """Return the targets of a step as a tensor."""
        return self.tensor(self._rows.targets[rows].astype(np.float32))


class CosineTask(PairTask):
    """The cosine of a pair is to be its score (Reimers and Gurevych (2019))."""

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean squared error of the cosines."""
        from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss

        loss = CosineSimilarityLoss(self.embedder.model)
        return in_float32(loss, self.embedded(rows), self.targets(rows))

    def validate(self) -> Validation | None:
        """Return Spearman's correlation of cosines and scores."""
        gold = self._held_out.targets
        if len(gold) < 2 or (gold == gold[0]).all():
            return None
        found = self.cosines(self._held_out)
        if (found == found[0]).all():
            return Validation(measure="Spearman", value=0.0)
        return Validation(measure="Spearman", value=spearman(found, gold))


class SoftmaxTask(PairTask):
    """A pair is classified from (u, v, |u - v|) of unit vectors (Reimers and Gurevych (2019))."""

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean cross-entropy."""
        import torch

        first, second = self.embedded(rows)
        labels = self.number_of([self._rows.labels[at] for at in rows.tolist()])
        with whole_precision(first.device.type):
            logits = head_logits(self.head, first, second)
            return torch.nn.functional.cross_entropy(logits, self.tensor(labels))

    def validate(self) -> Validation | None:
        """Return accuracy and the mean F1 of the classes."""
        held_out = self._held_out
        if not len(held_out):
            return None
        first, second = (
            self.embedder.vectors(texts, prompt)
            for texts, prompt in zip((held_out.first, held_out.second), self._prompts, strict=True)
        )
        logits = trained_head(self.head, self.classes).logits(first, second)
        given = [self.classes[at] for at in logits.argmax(axis=1).tolist()]
        report = class_report(held_out.labels, given, labels=self.classes)
        return Validation(
            measure="accuracy", value=report.accuracy, also={"macro F1": report.macro.f1}
        )


class ContrastiveTask(PairTask):
    """Pairs that belong together are drawn together, others apart up to a margin.

    ``(y d^2 + (1 - y) max(0, m - d)^2) / 2``; d: cosine distance of a pair; y: 1 if it belongs
    together, else 0; m: the margin (Hadsell et al. (2006)). Without any pair that does not, each
    text is also paired with the partner of another one, drawn anew in each epoch.
    """

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean contrastive loss."""
        import torch
        from sentence_transformers.sentence_transformer.losses import ContrastiveLoss

        first, second = self.embedded(rows)
        targets = self.targets(rows)
        if (self._rows.targets == 1.0).all():
            shift = self._shift(rows, epoch)
            if shift is not None:
                first = torch.cat([first, first])
                second = torch.cat([second, second[self.tensor(shift)]])
                targets = torch.cat([targets, torch.zeros_like(targets)])
        loss = ContrastiveLoss(self.embedder.model, margin=MARGIN)
        return in_float32(loss, [first, second], targets)

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return steps; of pairs that have nothing in common where partners are exchanged."""
        if not (self._rows.targets == 1.0).all():
            return super().batches(epoch)
        return self.steps_apart(epoch)

    def validate(self) -> Validation | None:
        """Return AP of the pairs that belong together; others are exchanged partners."""
        held_out = self._held_out
        if len(held_out) and (held_out.targets == 1.0).all():
            held_out = _with_exchanged(held_out)
        together = held_out.targets == 1.0
        if not together.any() or together.all():
            return None
        scored = ScoredLabels.from_columns(together, self.cosines(held_out))
        best = scored.best_accuracy()
        return Validation(
            measure="AP",
            value=scored.average_precision(),
            also={"best accuracy": best.value},
        )

    def _shift(self, rows: NDArray[np.int64], epoch: int) -> NDArray[np.int64] | None:
        """Return for each row of a step another one, whose partner is not its own."""
        if len(rows) < 2:
            return None
        away = int(self.generator(epoch, 1).integers(1, 1 << 30)) % (len(rows) - 1) + 1
        return np.roll(np.arange(len(rows)), away)


class RankingTask(PairTask):
    """Each first text is to find its partner among all partners of the step.

    Cross-entropy of a softmax over cosines times 20 (Henderson et al. (2017)). A step holds no
    right answer to another row's text, which would count as a wrong one.
    """

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return steps whose rows are wrong answers to each other."""
        return self.steps_apart(epoch)

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean cross-entropy over the partners of the step."""
        from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

        loss = MultipleNegativesRankingLoss(self.embedder.model, scale=SCALE)
        return in_float32(loss, self.embedded(rows), None)

    def validate(self) -> Validation | None:
        """Return nDCG@10 of finding each text's partners among all partners held out."""
        held_out = self._held_out
        passages = list(dict.fromkeys(held_out.second))
        if len(passages) < 2:
            return None
        queries = list(dict.fromkeys(held_out.first))
        judged: dict[str, dict[str, int]] = {f"q{at}": {} for at in range(len(queries))}
        query_of = {text: f"q{at}" for at, text in enumerate(queries)}
        passage_of = {text: f"d{at}" for at, text in enumerate(passages)}
        for first, second in zip(held_out.first, held_out.second, strict=True):
            judged[query_of[first]][passage_of[second]] = 1
        rows = self.embedder.vectors(passages, self._prompts[1])
        asked = self.embedder.vectors(queries, self._prompts[0])
        run = ranked_run(list(judged), asked, list(passage_of.values()), rows)
        found = evaluate(Qrels.from_mapping(judged), run, [Measure.parse("nDCG@10")])
        return Validation(
            measure="nDCG@10",
            value=float(found.means()[0]),
            also={"candidates": float(len(passages))},
        )


def partners_of(pairs: Pairs) -> list[set[str]]:
    """Return for each pair its texts and every text that either of them belongs together with."""
    known: dict[str, set[str]] = {}
    for first, second in zip(pairs.first, pairs.second, strict=True):
        known.setdefault(first, {first}).add(second)
        known.setdefault(second, {second}).add(first)
    return [
        known[first] | known[second]
        for first, second in zip(pairs.first, pairs.second, strict=True)
    ]


def _with_exchanged(pairs: Pairs) -> Pairs:
    """Return pairs, and each first text with the partner of the next one that has another."""
    known = set(zip(pairs.first, pairs.second, strict=True))
    count = len(pairs)
    exchanged = [
        (pairs.first[at], pairs.second[(at + 1) % count])
        for at in range(count)
        if (pairs.first[at], pairs.second[(at + 1) % count]) not in known
    ]
    return Pairs(
        first=(*pairs.first, *(one for one, _ in exchanged)),
        second=(*pairs.second, *(other for _, other in exchanged)),
        labels=("",) * (count + len(exchanged)),
        targets=np.concatenate([pairs.targets, np.zeros(len(exchanged))]),
    )


def ranked_run(
    query_ids: Sequence[str], queries: FloatRows, doc_ids: Sequence[str], passages: FloatRows
) -> Run:
    """Return the best hundred passages of each query by cosine.

    Args:
        query_ids: Of the queries.
        queries: float32 (queries, dim), unit rows.
        doc_ids: Of the passages.
        passages: float32 (passages, dim), unit rows.
    """
    scores: dict[str, dict[str, float]] = {}
    depth = min(_DEPTH, len(passages))
    for start in range(0, len(queries), _BLOCK):
        block = queries[start : start + _BLOCK] @ passages.T
        best = np.argpartition(-block, depth - 1, axis=1)[:, :depth]
        for at, columns in enumerate(best.tolist()):
            scores[query_ids[start + at]] = {doc_ids[one]: float(block[at, one]) for one in columns}
    return Run.from_mapping("validation", scores)
