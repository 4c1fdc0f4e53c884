"""A task so small that the frame's tests take no time: a line through points."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.fsops import LocalFiles, write_file
from retrieval.train.options import Device, Precision, TrainOptions
from retrieval.train.plan import BaseFacts, Plan, RowsFacts
from retrieval.train.progress import Progress
from retrieval.train.task import Validation

ROWS = 40


def options(**given: Any) -> TrainOptions:
    chosen: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 4,
        "learning_rate": 0.05,
        "device": Device.CPU,
        "precision": Precision.FP32,
        "checkpoint_s": 0.0,
    }
    return TrainOptions(**{**chosen, **given})


def plan(**given: Any) -> Plan:
    rows = RowsFacts(
        source="made",
        rows=ROWS,
        sha256="a",
        validation_rows=ROWS,
        validation_sha256="b",
        split="the same rows",
    )
    base = BaseFacts(name="a line", weights_sha256="c", tokenizer_sha256="d")
    return Plan(
        kind="biencoder",
        objective="line",
        base=base,
        rows=rows,
        settings={},
        options=options(**given),
    )


class Line:
    """A linear layer with dropout that learns y = x; the loss can be broken at a row."""

    def __init__(
        self,
        seed: int = 0,
        *,
        batch: int = 4,
        values: Sequence[float] | None = None,
        broken_row: int | None = None,
        fault: str = "",
    ) -> None:
        import torch

        self._module = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Dropout(0.2))
        self._rows = torch.from_numpy(np.random.default_rng(7).normal(size=(ROWS, 3))).float()
        self._seed = seed
        self._batch = batch
        self._values = list(values) if values is not None else None
        self._broken_row = broken_row
        self._fault = fault
        self.seen: list[tuple[int, ...]] = []

    @property
    def module(self) -> Any:
        return self._module

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        order = np.random.default_rng([self._seed, epoch]).permutation(ROWS)
        return [order[at : at + self._batch] for at in range(0, ROWS, self._batch)]

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        self.seen.append(tuple(rows.tolist()))
        chosen = self._rows[rows]
        scale = float("nan") if self._broken_row in rows.tolist() else 1.0
        return ((self._module(chosen) - chosen) ** 2).mean() * scale

    def validate(self) -> Validation | None:
        if self._values is not None:
            return Validation(measure="made", value=self._values.pop(0))
        error = float(((self._module(self._rows) - self._rows) ** 2).mean())
        return Validation(measure="made", value=-error, also={"error": error})

    def fault(self) -> str:
        return self._fault

    def save(self, folder: Path) -> None:
        first: Any = self._module[0]
        weights = first.weight.detach().numpy().tobytes()
        (folder / "inside").mkdir()
        write_file(LocalFiles(), folder / "inside" / "weights", weights)


class Followed:
    """An observer that keeps what it is told, and can interrupt at a step."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.steps: list[Progress] = []
        self.around: list[tuple[str, int, int | None, str]] = []
        self._stop_at = stop_at

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        self.around.append((stage, done, total, unit))

    def trained(self, progress: Progress) -> None:
        self.steps.append(progress)
        if progress.step == self._stop_at:
            raise KeyboardInterrupt
