"""A concept as it is kept: what it ranks by, what it learned from, and what it was worth."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.audit import Audit
from retrieval.concept.calibration import CalibrationErrors, Curve, CurveKind, with_prevalence
from retrieval.concept.crossfit import Ranker
from retrieval.concept.figure import Figure
from retrieval.concept.promise import Cut
from retrieval.concept.rows import Unit
from retrieval.errors import InputError


class LabelsAre(StrEnum):
    """How the labelled documents came to be labelled."""

    RANDOM = "random"
    """A random sample of the corpus, so that shares among them are shares of the corpus."""
    CHOSEN = "chosen"
    """Chosen by somebody: how frequent positives are among them says nothing."""


class Method(StrEnum):
    """How a concept was learned."""

    LOGISTIC = "logistic"
    """A direction among the vectors of the index as they are."""
    DUMMY_COSINE = "dummy-cosine"
    """A direction in a fine-tuned model: the embedding of the token texts were drawn to."""
    DUMMY_SOFTMAX = "dummy-softmax"
    """A head over pairs with a token in a fine-tuned model."""

    @property
    def is_direction(self) -> bool:
        """Whether the inner product with one vector ranks, so that it combines with others."""
        return self is not Method.DUMMY_SOFTMAX


@dataclass(frozen=True, slots=True, kw_only=True)
class FitReport:
    """What a concept was worth when it was fitted, on its labelled documents.

    Attributes:
        labels: Documents it was fitted on.
        positives: Positive ones among them.
        base_rate: Their share: the AP of knowing nothing.
        repetitions: How often the labels were split into five folds.
        average_precision: Out of fold, the mean over repetitions.
        text: AP of the text query, or of the first text, on the same documents.
        contrast: AP of the contrast of all texts; None without texts against it.
        calibration: How far probabilities are off across folds; of documents such as those
            labelled.
        strength: C, how much labels counted.
        warnings: What a reader must know, one sentence each.
    """

    labels: int
    positives: int
    base_rate: float
    repetitions: int
    average_precision: Figure
    text: Figure
    contrast: Figure | None
    calibration: CalibrationErrors
    strength: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Concept:
    """A query learned from labels.

    Attributes:
        name: What it is called; compared after NFKC and case folding.
        version: 1 for the first fit under this name, then one more each time.
        created: When, ISO 8601 in UTC.
        model: Fingerprint of the model whose vectors it ranks.
        index: Name of the index it was fitted on.
        generation: Generation of that index.
        unit: Whether means of documents or passages are ranked.
        texts: Texts of what is looked for.
        against: Texts of what is not.
        source: Where labels came from, in words.
        positive: Value that counts as positive.
        negative: Values that count as negative; none for all others.
        labels_are: Whether labels are a random sample.
        prevalence: Share of positives in the corpus, if it was given.
        method: How it was learned.
        audit: What a judged random sample said of it; None where there was none.
        imported: Whether it came from another index, whose scores and shares are not this one's.
        seed: Of folds and intervals.
        ranker: What ranks.
        folds: One model a fold, which did not see it.
        doc_ids: Documents it was fitted on.
        labels: bool (documents,), what each was labelled.
        fold_of: int32 (documents,), the fold each was in.
        curve: From standardised scores to probabilities among documents such as those labelled.
        cuts: What labels say above each share of the corpus, smallest first.
        report: What it was worth.
    """

    name: str
    version: int
    created: str
    model: str
    index: str
    generation: int
    unit: Unit
    texts: tuple[str, ...]
    against: tuple[str, ...]
    source: str
    positive: str
    negative: tuple[str, ...]
    labels_are: LabelsAre
    prevalence: float | None
    imported: bool
    seed: int
    ranker: Ranker
    folds: tuple[Ranker, ...]
    doc_ids: tuple[str, ...]
    labels: NDArray[np.bool_]
    fold_of: NDArray[np.int32]
    curve: Curve
    cuts: tuple[Cut, ...]
    report: FitReport
    method: Method = Method.LOGISTIC
    audit: Audit | None = None

    @property
    def why_no_probability(self) -> str:
        """Say why hits have no probability; empty if they have one."""
        if self.imported:
            return f"it was fitted on another index, {self.index}"
        if self.labels_are is LabelsAre.RANDOM or self.prevalence is not None or self.audit:
            return ""
        return (
            "labels were chosen, not drawn at random; fit with --labels-are random if they were,"
            f" or judge a random sample: retrieve concept audit {shlex.quote(self.name)}"
        )

    @property
    def evidence(self) -> tuple[tuple[Cut, ...], float | None]:
        """What a promise of precision rests on: cuts, and the prevalence they need, if any.

        A random sample needs none: the labels if they were one, else the judgments of the
        audit alone.
        """
        if self.labels_are is LabelsAre.CHOSEN and self.audit is not None:
            return self.audit.cuts, None
        return self.cuts, self.prevalence

    def probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance that documents of these standardised scores are positive.

        Meaningful only where ``why_no_probability`` is empty.
        """
        chances = self.curve.probabilities(scores)
        if self.labels_are is LabelsAre.RANDOM:
            return chances
        if self.audit is not None:
            return self.audit.recalibration.probabilities(chances)
        if self.prevalence is None:
            return chances
        return with_prevalence(chances, self.report.base_rate, self.prevalence)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is kept as arrays, by name."""
        return {
            "direction": self.ranker.direction,
            "folds": np.stack([one.direction for one in self.folds]),
            "fold_of": self.fold_of,
            "labels": self.labels.astype(np.uint8),
            "curve.scores": self.curve.scores,
            "curve.values": self.curve.values,
        }

    def record(self) -> dict[str, Any]:
        """Return what is kept as JSON values."""
        told = {name: getattr(self, name) for name in _TOLD}
        return {
            **told,
            "scales": [[one.center, one.scale] for one in (self.ranker, *self.folds)],
            "curve": {
                "kind": self.curve.kind,
                "slope": self.curve.slope,
                "intercept": self.curve.intercept,
            },
            "cuts": [asdict(one) for one in self.cuts],
            "report": asdict(self.report),
            "audit": None if self.audit is None else self.audit.record(),
            "doc_ids": list(self.doc_ids),
        }

    def to_json(self) -> dict[str, Any]:
        """Return what a person or program is told of it: everything but vectors and ids."""
        fields_of = self.record()
        for name in ("scales", "doc_ids"):
            del fields_of[name]
        fields_of["audit"] = None if self.audit is None else self.audit.to_json()
        return fields_of

    @classmethod
    def from_parts(cls, record: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read what ``record`` and ``arrays`` wrote.

        Raises:
            InputError: They are not those of a concept.
        """
        try:
            # what concepts kept before there were methods and audits lack
            given = {"method": Method.LOGISTIC, "audit": None, **record}
            told: dict[str, Any] = {name: given[name] for name in _TOLD}
            told["method"] = Method(told["method"])
            for name in ("texts", "against", "negative"):
                told[name] = tuple(told[name])
            told["unit"], told["labels_are"] = Unit(told["unit"]), LabelsAre(told["labels_are"])
            directions = np.concatenate([arrays["direction"][np.newaxis], arrays["folds"]])
            rankers = [
                Ranker(direction=one, center=float(center), scale=float(scale))
                for one, (center, scale) in zip(directions, record["scales"], strict=True)
            ]
            curve = dict(record["curve"])
            report = dict(record["report"])
            for name in ("average_precision", "text", "contrast"):
                report[name] = None if report[name] is None else Figure(**report[name])
            report["calibration"] = CalibrationErrors(**report["calibration"])
            report["warnings"] = tuple(report["warnings"])
            audit = given["audit"]
            return cls(
                **told,
                ranker=rankers[0],
                folds=tuple(rankers[1:]),
                doc_ids=tuple(record["doc_ids"]),
                labels=arrays["labels"].astype(bool),
                fold_of=arrays["fold_of"],
                curve=Curve(
                    kind=CurveKind(curve["kind"]),
                    slope=curve["slope"],
                    intercept=curve["intercept"],
                    scores=arrays["curve.scores"],
                    values=arrays["curve.values"],
                ),
                cuts=tuple(Cut(**one) for one in record["cuts"]),
                report=FitReport(**report),
                audit=None if audit is None else Audit.from_record(audit),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"Not the record of a concept: {error!r}.") from error


_KEPT_OTHERWISE = {
    "ranker", "folds", "doc_ids", "labels", "fold_of", "curve", "cuts", "report", "audit",
}  # fmt: skip
_TOLD = tuple(one.name for one in fields(Concept) if one.name not in _KEPT_OTHERWISE)
