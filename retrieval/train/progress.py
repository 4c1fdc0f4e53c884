"""How a training is followed by whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from retrieval.observer import Observer, Silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a training has come.

    Attributes:
        step: Steps done, those before an interruption included.
        steps: Steps in all; an early stop makes them fewer.
        epoch: The epoch being worked on, from 1.
        epochs: Epochs in all.
        loss: Mean of the loss since the last validation.
        measure: Name of the validation's measure; empty before the first.
        value: Its latest value; None before the first.
        best: Its best value; None before the first.
        validated: Whether a validation was just made.
        seconds_left: At the pace so far, validations included.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    measure: str
    value: float | None
    best: float | None
    validated: bool
    seconds_left: float


class TrainObserver(Observer, Protocol):
    """Is told what goes on in a training, too."""

    def trained(self, progress: Progress) -> None:
        """Take how far the training has come; called after every step and validation."""
        ...


class SilentTraining(Silent):
    """An observer that lets everything pass."""

    def trained(self, progress: Progress) -> None:
        """Let steps pass."""


SILENT_TRAINING: TrainObserver = SilentTraining()
