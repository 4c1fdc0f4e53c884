"""The curves of trainings drawn for a person: a row a validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import duration
from retrieval.cli.report.columns import Column, draw_rows
from retrieval.cli.report.wording import MISSING, figure, shortened
from retrieval.cli.streams import answering, terminal_width

if TYPE_CHECKING:
    from retrieval.train.card import CurvePoint
    from retrieval.train.curves import Curves, TrainedSystem

_LONGEST_NAME = 30
_MOST_MEASURES = 4
_KEPT = "kept"


def write_curves(curves: Curves) -> None:
    """Draw a row for each validation: epoch, loss, measures, time, and which weights were kept.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    measures = curves.measures[:_MOST_MEASURES]
    columns = [
        Column(heading="system", key=True, folds=True),
        Column(heading="epoch", justify="right", named=True),
        Column(heading="loss", justify="right", named=True),
        *(Column(heading=name, justify="right", named=True) for name in measures),
        Column(heading="after", justify="right", named=True),
        Column(heading=""),
    ]
    rows = [_row(one, point, measures) for one in curves.systems for point in one.card.curve]
    with answering():
        draw_rows(console, columns, rows)


def _row(one: TrainedSystem, point: CurvePoint, measures: tuple[str, ...]) -> list[Text]:
    values = [one.value(point, name) for name in measures]
    told = [
        shortened(one_line(one.name), _LONGEST_NAME),
        f"{point.epoch:g}",
        figure(point.loss),
        *(MISSING if value is None else figure(value) for value in values),
        duration(point.seconds),
        _KEPT if point is one.kept else "",
    ]
    return [Text(text) for text in told]
