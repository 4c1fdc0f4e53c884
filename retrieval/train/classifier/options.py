"""What a classifier is made of, from which fields, measured on what."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from retrieval.errors import UsageError
from retrieval.records import JsonValue
from retrieval.train.options import TrainOptions


class Head(StrEnum):
    """What the layer of classes sees of a text."""

    CLS = "cls"
    """The first token, through BERT's own pooler: ``BertForSequenceClassification``
    (Devlin et al. (2019)). The folder is one of transformers."""
    MEAN = "mean"
    """The mean of all tokens. The folder is one of sentence-transformers: transformer, pooling
    and a ``Dense`` layer, whose output are the classes' logits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierOptions:
    """How a classifier is trained.

    Attributes:
        head: What the layer of classes sees.
        base: Model to start from; None for the bundled one.
        offline: Never ask a model hub for it.
        text_field: Field of the text; None for ``text``, ``sentence``, ``review``, ...
        label_field: Field of the class; None for ``label``, ``class``, ``category``, ...
        validation: Share of the texts of each class in [0, 1), or a file.
        positive: Class whose AP is measured where there are two; None for ``positive``,
            ``pos``, ``true``, ``yes`` or ``1``, else the last in order.
        train: How to train, whatever is learned.

    Raises:
        UsageError: The head is not one of these.
    """

    head: Head = Head.CLS
    base: str | None = None
    offline: bool = False
    text_field: str | None = None
    label_field: str | None = None
    validation: float | str = 0.1
    positive: str | None = None
    train: TrainOptions = field(default_factory=TrainOptions)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "head", Head(self.head))
        except ValueError:
            raise UsageError(f"head is {self.head!r}; expected one of {', '.join(Head)}.") from None

    def settings(self) -> dict[str, JsonValue]:
        """Return what decides the result beside rows, base and training, as JSON values."""
        return {"head": self.head}
