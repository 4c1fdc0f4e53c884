"""The loop that every training runs through, and goes on in after a kill.

It is not the trainer of transformers and sentence-transformers, for what that one cannot do:
its checkpoints are pickles, written in place, and lack what a loss learns by itself (the head
of a softmax), so that an interrupted training ends with other weights than an unbroken
one. Here a checkpoint is one safetensors file, every step draws its dropout from a seed of its
own, and the order of rows comes from the epoch alone; so nothing else has to be kept.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InterruptedWorkError, TrainingError
from retrieval.train.card import CurvePoint
from retrieval.train.device import autocast, choose_device, choose_precision
from retrieval.train.optimiser import (
    MAX_NORM,
    learning_rate,
    make_optimiser,
    module_arrays,
    optimiser_arrays,
    restore_module,
    restore_optimiser,
)
from retrieval.train.options import Precision, TrainOptions
from retrieval.train.progress import Progress, TrainObserver
from retrieval.train.task import Task, Validation
from retrieval.train.workplace import Workplace

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainState:
    """Where a training stands between two steps; kept in a checkpoint.

    Attributes:
        step: Steps done.
        epoch: The epoch being worked on, from 0.
        batch: Steps done in it.
        loss_sum: Of the losses since the last point of the curve.
        loss_count: How many those are.
        measure: Name of the validation's measure; empty before the first.
        curve: Each validation.
        best: Best value; None before the first validation.
        best_step: After which step it was reached; None before the first.
        stale: Validations since then.
        stopped: Whether the patience ran out.
        seconds: Of work.
        resumed: How often it was taken up again.
        precision: In which numbers; settled at the start.
        scaler: State of the loss scaler of fp16.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    measure: str = ""
    curve: tuple[CurvePoint, ...] = ()
    best: float | None = None
    best_step: int | None = None
    stale: int = 0
    stopped: bool = False
    seconds: float = 0.0
    resumed: int = 0
    precision: Precision = Precision.FP32
    scaler: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> TrainState:
        """Read what ``asdict`` gives."""
        points = tuple(CurvePoint.from_json(one) for one in told["curve"])
        return cls(**{**told, "curve": points, "precision": Precision(told["precision"])})


class TrainLoop:
    """Trains a task, step by step, with checkpoints.

    Args:
        task: What to train; its module is moved to the device.
        options: How.
        place: Where checkpoints are kept; its lock is held.
        observer: Follows the steps.
        clock: Seconds from any start.

    Raises:
        UsageError: The device or the precision asked for is not there.
    """

    def __init__(
        self,
        task: Task,
        options: TrainOptions,
        place: Workplace,
        observer: TrainObserver,
        *,
        clock: Clock = time.monotonic,
    ) -> None:
        self._task = task
        self._options = options
        self._place = place
        self._observer = observer
        self._clock = clock
        self.device = choose_device(options.device)
        self.state = TrainState()
        self._steps_of = [len(task.batches(epoch)) for epoch in range(options.epochs)]
        self._steps = sum(self._steps_of)
        task.module.to(self.device)
        self._optimiser = make_optimiser(task.module, weight_decay=options.weight_decay)
        self._scaler: Any = None
        self._begun = self._started = self._kept_at = clock()
        self._first_step = 0

    def run(self) -> TrainState:
        """Train to the end, from the newest checkpoint on, and leave the best weights in.

        Returns:
            How it went.

        Raises:
            TrainingError: The loss or a gradient is no finite number.
            InterruptedWorkError: Stopped by Ctrl-C; the newest checkpoint is kept.
            DiskFullError, FileSystemError: A checkpoint could not be written.
        """
        self._take_up()
        self._begun = self._kept_at = self._clock()
        self._started = self._begun - self.state.seconds  # as if never interrupted
        self._first_step = self.state.step
        try:
            while self.state.epoch < self._options.epochs and not self.state.stopped:
                self._epoch()
        except KeyboardInterrupt as error:
            kept = self._place.newest_checkpoint()
            step = kept[1]["step"] if kept else 0
            raise InterruptedWorkError(
                f"Stopped after step {self.state.step:,} of {self._steps:,}; "
                + (
                    f"what was learned up to step {step:,} is kept in {self._place.folder}."
                    if kept
                    else "there was no checkpoint yet."
                ),
                fix="The same training goes on from there." if kept else "",
            ) from error
        if self.state.best_step is not None:
            restore_module(self._task.module, self._place.best(self.state.best_step))
        self._task.module.eval()
        return self.state

    def _take_up(self) -> None:
        """Go to where the newest checkpoint was made; settle precision at the start."""
        import torch

        found = self._place.newest_checkpoint()
        if found is None:
            precision = choose_precision(self._options.precision, self.device)
            self.state = TrainState(precision=precision)
        else:
            arrays, told = found
            restore_module(self._task.module, arrays)
            restore_optimiser(self._task.module, self._optimiser, arrays)
            state = TrainState.from_json(told)
            self.state = replace(state, resumed=state.resumed + 1)
            self._observer.note(
                f"Going on after step {state.step:,} of {self._steps:,} ({self._place.folder})."
            )
        scaled = self.state.precision is Precision.FP16
        self._scaler = torch.amp.GradScaler(self.device, enabled=scaled)
        if self.state.scaler:
            self._scaler.load_state_dict(self.state.scaler)

    def _epoch(self) -> None:
        """Take the steps of the present epoch that are not done."""
        epoch = self.state.epoch
        batches = self._task.batches(epoch)
        checked = _validated_after(len(batches), self._options.validations)
        self._task.module.train()
        for number in range(self.state.batch, len(batches)):
            loss = self._step(batches[number], epoch)
            last = number + 1 == len(batches)
            self.state = replace(
                self.state,
                step=self.state.step + 1,
                epoch=epoch + 1 if last else epoch,
                batch=0 if last else number + 1,
                loss_sum=self.state.loss_sum + loss,
                loss_count=self.state.loss_count + 1,
                scaler=self._scaler.state_dict(),
            )
            self._tell(epoch)
            if number + 1 in checked:
                self._validate(epoch + (number + 1) / len(batches))
                self._tell(epoch, validated=True)
                self._keep()
                if self.state.stopped:
                    return
            elif self._clock() - self._kept_at >= self._options.checkpoint_s:
                self._keep()

    def _step(self, rows: NDArray[np.int64], epoch: int) -> float:
        """Learn from one batch; return its loss."""
        import torch

        step = self.state.step
        seed = np.random.SeedSequence([self._options.seed, step]).generate_state(1, np.uint64)[0]
        torch.manual_seed(int(seed) & ((1 << 63) - 1))
        rate = learning_rate(
            step, self._steps, peak=self._options.learning_rate, warmup=self._options.warmup
        )
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        with autocast(self.device, self.state.precision):
            loss = self._task.loss(rows, epoch)
        value = float(loss.detach())
        self._require_finite("loss", value, step, rows)
        self._scaler.scale(loss).backward()
        self._scaler.unscale_(self._optimiser)
        norm = torch.nn.utils.clip_grad_norm_(self._task.module.parameters(), MAX_NORM)
        if not self._scaler.is_enabled():  # which skips such steps by itself
            self._require_finite("gradient", float(norm), step, rows)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._optimiser.zero_grad(set_to_none=True)
        return value

    def _require_finite(self, what: str, value: float, step: int, rows: NDArray[np.int64]) -> None:
        if math.isfinite(value):
            return
        first = ", ".join(str(row + 1) for row in rows[:5])
        raise TrainingError(
            f"The {what} is {value} in step {step + 1:,} of {self._steps:,} (training rows"
            f" {first}{', ...' if len(rows) > 5 else ''}); nothing was published.",
            fix=f"Try a lower learning rate than {self._options.learning_rate:g}, or --precision"
            " fp32.",
        )

    def _validate(self, epoch: float) -> None:
        """Measure the model, add a point to the curve and keep the weights if they are best."""
        import torch

        self._task.module.eval()
        with torch.no_grad():
            found = self._task.validate()
        self._task.module.train()
        state = self.state
        point = CurvePoint(
            step=state.step,
            epoch=round(epoch, 6),
            loss=state.loss_sum / max(state.loss_count, 1),
            value=None if found is None else found.value,
            also={} if found is None else dict(found.also),
            seconds=self._clock() - self._started,
        )
        self.state = replace(state, curve=(*state.curve, point), loss_sum=0.0, loss_count=0)
        if found is not None:
            self._judge(found)

    def _judge(self, found: Validation) -> None:
        state = self.state
        if state.best is None or found.value > state.best:
            self._place.save_best(state.step, module_arrays(self._task.module))
            self.state = replace(
                state, measure=found.measure, best=found.value, best_step=state.step, stale=0
            )
            return
        stale = state.stale + 1
        patience = self._options.patience
        self.state = replace(state, stale=stale, stopped=patience is not None and stale >= patience)

    def _keep(self) -> None:
        """Make a checkpoint."""
        seconds = self._clock() - self._started
        module = self._task.module
        arrays = {**module_arrays(module), **optimiser_arrays(module, self._optimiser)}
        told = asdict(replace(self.state, seconds=seconds))
        self._place.save_checkpoint(self.state.step, arrays, told)
        self._kept_at = self._clock()
        self.state = replace(self.state, seconds=self._kept_at - self._started)

    def _tell(self, epoch: int, *, validated: bool = False) -> None:
        state = self.state
        done = state.step - self._first_step
        passed = self._clock() - self._begun
        latest = state.curve[-1] if state.curve else None
        loss = state.loss_sum / state.loss_count if state.loss_count else None
        self._observer.trained(
            Progress(
                step=state.step,
                steps=self._steps,
                epoch=epoch + 1,
                epochs=self._options.epochs,
                loss=loss if loss is not None else (latest.loss if latest else math.nan),
                measure=state.measure,
                value=latest.value if latest else None,
                best=state.best,
                validated=validated,
                seconds_left=passed / max(done, 1) * (self._steps - state.step),
            )
        )


def _validated_after(steps: int, validations: int) -> set[int]:
    """Return after which steps of an epoch the model is validated, the last among them."""
    return {math.ceil(steps * (one + 1) / validations) for one in range(validations)}


@contextlib.contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw torch's random numbers from a seed, and leave the caller's generators as they were."""
    import torch

    cards = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=cards):
        torch.manual_seed(seed)
        yield
