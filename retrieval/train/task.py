"""What is trained, as the loop sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What a model is worth on the validation rows.

    Attributes:
        measure: Name of the measure that decides which weights are kept.
        value: Its value; higher is better.
        also: Other values, by name.
    """

    measure: str
    value: float
    also: Mapping[str, float] = field(default_factory=dict)


class Task(Protocol):
    """A model with its rows, losses and measures.

    Randomness of a task comes from the epoch and its own seed, never from a generator that
    is drawn from as it goes: so an interrupted training can go on at any step.
    """

    @property
    def module(self) -> Any:
        """The ``torch.nn.Module`` with everything that is learned, heads of losses included."""
        ...

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return the rows of each step of an epoch (from 0): int64 (rows of the step,)."""
        ...

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the loss of one step: a tensor without axes, to be differentiated."""
        ...

    def validate(self) -> Validation | None:
        """Measure the model as it is, in evaluation mode; None without validation rows."""
        ...

    def fault(self) -> str:
        """Say why the trained model is of no use, such as a collapse; empty if it is of use."""
        ...

    def save(self, folder: Path) -> None:
        """Write the model into an empty folder, in its library's own format."""
        ...
