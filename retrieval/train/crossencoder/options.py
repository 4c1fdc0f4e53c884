"""What a cross-encoder learns from, measured on what."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from retrieval.errors import UsageError
from retrieval.records import JsonValue
from retrieval.train.options import TrainOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossencoderOptions:
    """How a cross-encoder is trained.

    Attributes:
        base: Model to start from; None for the bundled one.
        offline: Never ask a model hub for it.
        first_field: Field of the first text, such as the query; None to find it by name.
        second_field: Field of the second text; None to find it by name.
        label_field: Field of the label or score; None to find it by name.
        top_score: Score that counts as 1, for scores from 0 up on another scale.
        validation: Share of the first texts in [0, 1), or a file of pairs.
        train: How to train, whatever is learned.

    Raises:
        UsageError: The top score is not above 0.
    """

    base: str | None = None
    offline: bool = False
    first_field: str | None = None
    second_field: str | None = None
    label_field: str | None = None
    top_score: float = 1.0
    validation: float | str = 0.1
    train: TrainOptions = field(default_factory=TrainOptions)

    def __post_init__(self) -> None:
        if not (math.isfinite(self.top_score) and self.top_score > 0):
            raise UsageError(f"The top score is {self.top_score}; it has to be above 0.")

    def settings(self) -> dict[str, JsonValue]:
        """Return what decides the result beside rows, base and training, as JSON values."""
        return {"top_score": self.top_score}
