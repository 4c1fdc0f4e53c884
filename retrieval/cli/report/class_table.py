"""Classified texts drawn for a person, as they come."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.report.columns import Column, draw_rows
from retrieval.cli.report.wording import figure, shortened
from retrieval.cli.streams import answering, flush, terminal_width

if TYPE_CHECKING:
    from retrieval.engine.classifying import ClassifiedRow

_ROWS_TOGETHER = 200
_LONGEST_ID = 24
_LONGEST_TEXT = 300
_COLUMNS = (
    Column(heading="id", key=True),
    Column(heading="class", key=True, folds=True),
    Column(heading="probability", justify="right", named=True),
    Column(heading="text", folds=True),
)


def write_classes(rows: Iterator[ClassifiedRow], *, every_class: bool) -> None:
    """Draw rows with their class, its probability and their text, 200 at a time.

    Args:
        rows: Read as they come.
        every_class: Whether the probability of every class is shown, the likeliest first.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    while part := list(islice(rows, _ROWS_TOGETHER)):
        cells = [
            [
                Text(shortened(one_line(one.id), _LONGEST_ID)),
                Text(one_line(one.found.label)),
                Text(figure(one.found.probability)),
                Text(_told(one, every_class=every_class), style="dim"),
            ]
            for one in part
        ]
        with answering():
            draw_rows(console, _COLUMNS, cells)
        flush()


def _told(row: ClassifiedRow, *, every_class: bool) -> str:
    line = one_line(row.text)
    text = line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 3].rstrip() + "..."
    if not every_class:
        return text
    ranked = sorted(row.found.probabilities.items(), key=lambda one: -one[1])
    return f"{', '.join(f'{one_line(label)} {figure(p)}' for label, p in ranked)}: {text}"
