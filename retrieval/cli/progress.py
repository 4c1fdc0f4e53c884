"""A progress bar on a terminal; the only module of the command line that animates."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID
from rich.table import Column
from rich.text import Text

from retrieval.cli.figures import amount, duration, size
from retrieval.cli.streams import terminal_width

_WIDE = 72
"""Columns from which there is room for a bar beside the figures."""


class _Stage(ProgressColumn):
    """What is being worked on."""

    def render(self, task: Task) -> Text:
        return Text(task.description)


class _Done(ProgressColumn):
    """How much is done, of how much."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        if not task.total:
            return Text(amount(int(task.completed), unit))
        done = int(task.completed)
        shown = size(done) if unit == "bytes" else f"{done:,}"
        return Text(f"{shown} of {amount(int(task.total), unit)}")


class _Pace(ProgressColumn):
    """How fast it goes and how long it will take."""

    def render(self, task: Task) -> Text:
        speed = int(task.speed or 0)
        if not speed:
            return Text("")
        pace = f"{size(speed) if task.fields['unit'] == 'bytes' else f'{speed:,}'}/s"
        left = task.time_remaining
        if left is None or task.finished:
            return Text(pace)
        return Text(f"{pace}, {duration(left)} left")


class ProgressBar:
    """One line a stage on standard error, gone when closed."""

    def __init__(self) -> None:
        width = terminal_width()
        unfolded = [Column(no_wrap=True) for _ in range(3)]
        columns: list[ProgressColumn] = [
            _Stage(unfolded[0]),
            _Done(unfolded[1]),
            _Pace(unfolded[2]),
        ]
        if width >= _WIDE:
            plain = BarColumn(width // 6, style="dim", complete_style="", finished_style="")
            columns.insert(1, plain)
        self._progress = Progress(
            *columns, console=Console(stderr=True, width=width), transient=True
        )
        self._stages: dict[str, TaskID] = {}
        self._progress.start()

    def update(
        self, stage: str, done: int, total: int | None, unit: str, *, detail: str = ""
    ) -> None:
        """Move a stage forward; a new one begins its own line."""
        if stage not in self._stages:
            self._stages[stage] = self._progress.add_task(stage, total=total, unit=unit)
        shown = f"{stage} {detail}" if detail else stage
        self._progress.update(self._stages[stage], completed=done, total=total, description=shown)

    def write(self, line: str) -> None:
        """Write a line above the bar."""
        self._progress.console.print(Text(line))

    def close(self) -> None:
        """Take the bar away and leave the terminal as it was."""
        self._progress.stop()
