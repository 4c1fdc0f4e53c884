"""How a model is trained: the choices that every training has."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from retrieval.errors import UsageError


class Device(StrEnum):
    """Where a training runs."""

    AUTO = "auto"
    """CUDA where there is a card, else MPS on a Mac that has it, else the processor."""
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Precision(StrEnum):
    """In which numbers products are computed; weights are float32 in any case."""

    AUTO = "auto"
    """bf16 (fp16 on older cards) on CUDA; bf16 on a processor that has it and is faster so."""
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """How a model is trained.

    Attributes:
        epochs: How often every row is seen, at least 1.
        batch_size: Rows a step, at least 1.
        learning_rate: The highest one, after the warm-up; above 0.
        warmup: Share of all steps in which it rises from 0, in [0, 1); it falls to 0 after.
        weight_decay: Of AdamW, on matrices only; at least 0.
        max_length: Tokens of a text that are seen in training, special ones included.
        validations: How often an epoch is validated, at least 1.
        patience: Validations without a better value after which the training stops early;
            None for never.
        seed: Of the order of rows, dropout, new layers and splits; at least 0.
        device: Where to train.
        precision: In which numbers.
        checkpoint_s: Seconds of work between two checkpoints; one is made at each
            validation, too. Changes no result.

    Raises:
        UsageError: A value lies outside its range.
    """

    epochs: int = 2
    batch_size: int = 32
    learning_rate: float = 5e-5
    warmup: float = 0.1
    weight_decay: float = 0.01
    max_length: int = 128
    validations: int = 1
    patience: int | None = 2
    seed: int = 0
    device: Device = Device.AUTO
    precision: Precision = Precision.AUTO
    checkpoint_s: float = 60.0

    def __post_init__(self) -> None:
        least = {"epochs": 1, "batch_size": 1, "max_length": 3, "validations": 1, "seed": 0}
        for name, bound in least.items():
            found = getattr(self, name)
            if not isinstance(found, int) or isinstance(found, bool) or found < bound:
                raise UsageError(
                    f"{name} is {found!r}; a whole number from {bound} up is expected."
                )
        if self.patience is not None and self.patience < 1:
            raise UsageError(f"patience is {self.patience}; at least 1 is expected, or none.")
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise UsageError(f"The learning rate is {self.learning_rate}; it has to be above 0.")
        if not 0.0 <= self.warmup < 1.0:
            raise UsageError(f"The warm-up is {self.warmup}; a share in [0, 1) is expected.")
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise UsageError(f"The weight decay is {self.weight_decay}; at least 0 is expected.")
        if not self.checkpoint_s >= 0:
            raise UsageError(f"checkpoint_s is {self.checkpoint_s}; at least 0 is expected.")
        for name, kind in (("device", Device), ("precision", Precision)):
            try:
                object.__setattr__(self, name, kind(getattr(self, name)))
            except ValueError:
                ways = ", ".join(kind)
                raise UsageError(
                    f"{name} is {getattr(self, name)!r}; expected one of {ways}."
                ) from None

    def to_json(self) -> dict[str, Any]:
        """Return what decides the result, as JSON values."""
        fields = asdict(self)
        del fields["checkpoint_s"]
        return fields
