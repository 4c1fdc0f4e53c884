"""How a person follows work: notes, warnings and progress on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.cli.escapes import printable
from retrieval.cli.figures import amount, duration, percent
from retrieval.cli.streams import stderr_is_terminal

if TYPE_CHECKING:
    from retrieval.cli.progress import ProgressBar
    from retrieval.train.progress import Progress

_FIRST_LINE_S = 10.0


class CommandObserver:
    """Follows the engine for one command.

    On a terminal progress is a bar. Elsewhere it is a line after ten seconds and then
    after twice the time of the one before, so that a log stays short however long the work.

    Args:
        quiet: Leave out notes and progress; warnings stay.
        clock: Seconds from any start.
    """

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet = quiet
        self._clock = clock
        self._turn = threading.Lock()
        self._bar: ProgressBar | None = None
        self._draws = stderr_is_terminal() and not _is_dumb()
        self._next_line_s = _FIRST_LINE_S
        self._started = clock()
        self._stages: dict[str, str] = {}

    def note(self, text: str) -> None:
        """Show one sentence worth reading."""
        if not self._quiet:
            self._write(f"note: {text}")

    def warn(self, text: str) -> None:
        """Show one sentence that should be read."""
        self._write(f"warning: {text}")

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Show how far a stage is."""
        self._show(stage, done, total, unit)

    def trained(self, progress: Progress) -> None:
        """Show how far a training is: a line a validation, and the loss as it goes."""
        loss = f"loss {progress.loss:.4f}"
        if progress.validated:
            found = f", {progress.measure} {progress.value:.4f}" if progress.measure else ""
            best = " (the best so far)" if found and progress.value == progress.best else ""
            self.note(
                f"epoch {progress.epoch} of {progress.epochs}, step {progress.step:,} of"
                f" {progress.steps:,}: {loss}{found}{best}"
            )
        unfinished = progress.step < progress.steps
        left = f", about {duration(progress.seconds_left)} left" if unfinished else ""
        self._show(
            "training",
            progress.step,
            progress.steps,
            "steps",
            detail=loss,
            left=f", {loss}{left}",
        )

    def _show(
        self,
        stage: str,
        done: int,
        total: int | None,
        unit: str,
        *,
        detail: str = "",
        left: str = "",
    ) -> None:
        """Move the bar, or write a line if it is time for one."""
        if self._quiet:
            return
        with self._turn:  # encoding tells of itself from threads of its own
            self._move(stage, done, total, unit, detail=detail, left=left)

    def _move(
        self, stage: str, done: int, total: int | None, unit: str, *, detail: str, left: str
    ) -> None:
        if self._draws:
            if self._bar is None:
                from retrieval.cli.progress import ProgressBar

                self._bar = ProgressBar()
            self._bar.update(stage, done, total, unit, detail=detail)
            return
        share = f" ({percent(done, total)} of {amount(total, unit)})" if total else ""
        self._stages[stage] = f"{stage} {amount(done, unit)}{share}{left}"
        passed = self._clock() - self._started
        if passed >= self._next_line_s:
            self._next_line_s = passed * 2
            self._write(f"after {duration(passed)}: {', '.join(self._stages.values())}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _write(self, line: str) -> None:
        if sys.stderr is None:
            return
        if self._bar is not None:
            self._bar.write(printable(line))
        else:
            sys.stderr.write(printable(line) + "\n")
            sys.stderr.flush()


def _is_dumb() -> bool:
    import os

    return os.environ.get("TERM", "dumb") == "dumb"
