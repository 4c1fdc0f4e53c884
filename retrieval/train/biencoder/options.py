"""What a bi-encoder learns, from which fields, measured on what."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from retrieval.errors import UsageError
from retrieval.records import JsonValue
from retrieval.train.options import TrainOptions

TOKEN = "<s>"  # noqa: S105 -- a text, not a secret
"""The dummy text whose vector becomes a query."""


class Objective(StrEnum):
    """What is learned, and from which rows."""

    SOFTMAX = "softmax"
    """Pairs with a class: classified from (u, v, |u - v|) (Reimers and Gurevych (2019))."""
    COSINE = "cosine"
    """Pairs with a score: the cosine is to be the score (Reimers and Gurevych (2019))."""
    DUMMY_COSINE = "dummy-cosine"
    """Texts with a label: those of one label are to point where a dummy text points."""
    DUMMY_SOFTMAX = "dummy-softmax"
    """Texts with a label: classified from (u, d, |u - d|), d the dummy text's vector."""
    SAME_LABEL_PAIRS = "same-label-pairs"
    """Texts with a label: cosine 1 to a text of the same label, 0 to one of another."""
    OPPOSITE_PAIRS = "opposite-pairs"
    """Texts with one of two labels: cosine 1 to one of the same, -1 to one of the other."""
    CONTRASTIVE = "contrastive"
    """Pairs that belong together or not: the others only until they are apart by a margin
    (Hadsell et al. (2006))."""
    RANKING = "ranking"
    """Pairs that belong together: each is to be found among the partners of a step
    (Henderson et al. (2017))."""

    @property
    def learns_from_pairs(self) -> bool:
        """Whether rows are pairs of texts; else they are texts with a label."""
        return self in {
            Objective.SOFTMAX,
            Objective.COSINE,
            Objective.CONTRASTIVE,
            Objective.RANKING,
        }

    @property
    def has_head(self) -> bool:
        """Whether a softmax is learned beside the model."""
        return self in {Objective.SOFTMAX, Objective.DUMMY_SOFTMAX}


class Pooling(StrEnum):
    """What makes one vector of the tokens' vectors."""

    CLS = "cls"
    MEAN = "mean"
    MAX = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFields:
    """Fields of the rows; None for the first of the usual names that is there.

    Attributes:
        first: First text of a pair: ``sentence1``, ``text1``, ``anchor``, ``query``, ...
        second: Second text of a pair: ``sentence2``, ``text2``, ``positive``, ...
        text: Text: ``text``, ``sentence``, ``review``, ...
        label: Label of a text, class or score of a pair: ``label``, ``score``, ...
    """

    first: str | None = None
    second: str | None = None
    text: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BiencoderOptions:
    """How a bi-encoder is trained.

    Attributes:
        objective: What is learned.
        base: Model to start from; None for the bundled one.
        offline: Never ask a model hub for it.
        pooling: How tokens become a vector; None as the base has it.
        validation: Share of rows in [0, 1), or a file of them, or (of a BEIR folder) a split.
        split: Split of a BEIR folder to train on.
        fields: Where texts and labels are.
        positive: Label that the dummy text stands for, or that AP counts as relevant; None
            for ``positive``, ``pos``, ``true``, ``yes`` or ``1``, if it is there.
        negative_target: Cosine to the dummy text of all other texts: 0 or -1.
        token: The dummy text.
        top_score: Score that counts as 1, for scores on another scale than [-1, 1].
        train: How to train, whatever is learned.

    Raises:
        UsageError: A value lies outside its range.
    """

    objective: Objective
    base: str | None = None
    offline: bool = False
    pooling: Pooling | None = None
    validation: float | str = 0.1
    split: str = "train"
    fields: RowFields = field(default_factory=RowFields)
    positive: str | None = None
    negative_target: float = 0.0
    token: str = TOKEN
    top_score: float = 1.0
    train: TrainOptions = field(default_factory=TrainOptions)

    def __post_init__(self) -> None:
        for name, kind in (("objective", Objective), ("pooling", Pooling)):
            found = getattr(self, name)
            try:
                object.__setattr__(self, name, None if found is None else kind(found))
            except ValueError:
                ways = ", ".join(kind)
                raise UsageError(f"{name} is {found!r}; expected one of {ways}.") from None
        if self.negative_target not in {0.0, -1.0}:
            raise UsageError(f"The negative target is {self.negative_target:g}; it is 0 or -1.")
        if not (math.isfinite(self.top_score) and self.top_score > 0):
            raise UsageError(f"The top score is {self.top_score}; it has to be above 0.")
        if not self.token.strip():
            raise UsageError("The dummy text is empty.", fix=f"The usual one is {TOKEN!r}.")

    def settings(self) -> dict[str, JsonValue]:
        """Return what decides the result beside rows, base and training, as JSON values."""
        told: dict[str, JsonValue] = {"pooling": self.pooling}
        if self.objective in {Objective.DUMMY_COSINE, Objective.DUMMY_SOFTMAX}:
            told["token"] = self.token
        if self.objective is Objective.DUMMY_COSINE:
            told["negative_target"] = self.negative_target
        if self.objective is Objective.COSINE:
            told["top_score"] = self.top_score
        return told
