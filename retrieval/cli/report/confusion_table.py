"""What a classifier is worth, drawn for a person: classes, confusion matrix, confusions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.figures import count
from retrieval.cli.report.columns import Column, draw_folded, draw_rows
from retrieval.cli.report.wording import MISSING, figure, share, shortened
from retrieval.cli.streams import answering, terminal_width

if TYPE_CHECKING:
    from retrieval.evaluate.classes import AverageScores
    from retrieval.evaluate.classifier_report import ClassifierReport

_LONGEST_NAME = 24
_MOST_CONFUSIONS = 15
_GAP = 2
_COLUMNS = (
    Column(heading="", justify="right", key=True),
    Column(heading="class", key=True, folds=True),
    Column(heading="precision", justify="right", named=True),
    Column(heading="recall", justify="right", named=True),
    Column(heading="F1", justify="right", named=True),
    Column(heading="AP", justify="right", named=True),
    Column(heading="texts", justify="right", named=True),
)


def write_classifier_report(report: ClassifierReport) -> None:
    """Draw a report on standard output: figures, a row a class, the confusion matrix.

    Counts are drawn where they fit the width. Where they do not, each cell is one character,
    the share of its row in tenths; and where that does not fit, the confusions alone are
    listed.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    console = open_console(terminal_width())
    names = [shortened(one_line(one), _LONGEST_NAME) for one in report.classes]
    with answering():
        _heading(console, report)
        console.print()
        _classes(console, report, names)
        console.print()
        _matrix(console, report.report.confusion, names)
        _confusions(console, report.report.confusion, names)


def matrix_lines(
    confusion: Sequence[Sequence[int]], names: Sequence[str], width: int
) -> list[str] | None:
    """Return a confusion matrix as lines, rows true and columns given; None if too wide.

    Args:
        confusion: Texts of class i given class j.
        names: The classes.
        width: Columns there are.

    Returns:
        A line that explains the cells, the columns' numbers, and a line a class.
    """
    number = len(str(len(names)))
    before = number + _GAP + max(map(cell_len, names)) + _GAP
    cell = max(len(f"{one:,}") for row in confusion for one in row)
    cell = max(cell, number) + 1
    if before + cell * len(names) <= width:
        told = "Rows are true classes, columns given ones, by number; cells are texts."
        heads = ["".join(f"{one + 1:>{cell}}" for one in range(len(names)))]
        rows = [
            "".join(f"{one:>{cell},}" if one else ".".rjust(cell) for one in row)
            for row in confusion
        ]
    elif before + len(names) <= width:
        told = (
            "Rows are true classes, columns given ones, by number; a cell is the share of its"
            " row: . none, 0 below 5 %, 1 to 9 tenths, X from 95 % up."
        )
        digits = [str(one + 1).rjust(number) for one in range(len(names))]
        heads = ["".join(one[place] for one in digits) for place in range(number)]
        rows = ["".join(_tenth(one, sum(row)) for one in row) for row in confusion]
    else:
        return None
    widest = before - number - 2 * _GAP
    lines = [told, *(" " * before + one for one in heads)]
    for at, (name, row) in enumerate(zip(names, rows, strict=True), 1):
        padded = name + " " * (widest - cell_len(name))
        lines.append(f"{at:>{number}}{' ' * _GAP}{padded}{' ' * _GAP}{row}")
    return lines


def _tenth(part: int, whole: int) -> str:
    if not part:
        return "."
    tenths = int(10 * part / whole + 0.5)
    return "X" if tenths >= 10 else str(tenths)


def _heading(console: Console, report: ClassifierReport) -> None:
    found = report.report
    told = (
        f"{one_line(report.model)} on {one_line(report.source)}: accuracy {figure(found.accuracy)},"
        f" macro F1 {figure(found.macro.f1)}, {count(found.documents, 'text')},"
        f" {count(len(report.classes), 'class', 'classes')}"
    )
    draw_folded(console, Text(told, style="bold"), hang=2)
    if report.unknown:
        told = f"{count(report.unknown, 'text')} of a class that the model does not know."
        draw_folded(console, Text(told), hang=2)


def _classes(console: Console, report: ClassifierReport, names: Sequence[str]) -> None:
    rows = []
    columns = zip(names, report.report.classes, report.average_precision, strict=True)
    for number, (name, one, precision) in enumerate(columns, 1):
        told = [figure(one.precision), figure(one.recall), figure(one.f1)]
        told += [MISSING if precision is None else figure(precision), f"{one.support:,}"]
        rows.append([Text(str(number)), Text(name), *map(Text, told)])
    known = [one for one in report.average_precision if one is not None]
    mean = figure(sum(known) / len(known)) if known else MISSING
    rows.append(_average("mean of classes", report.report.macro, mean, report.report.documents))
    weighted = _average("mean of texts", report.report.weighted, MISSING, report.report.documents)
    rows.append(weighted)
    draw_rows(console, _COLUMNS, rows)


def _average(name: str, scores: AverageScores, precision: str, texts: int) -> list[Text]:
    told = [figure(scores.precision), figure(scores.recall), figure(scores.f1)]
    return [Text(""), Text(name, "dim"), *map(Text, [*told, precision, f"{texts:,}"])]


def _matrix(console: Console, confusion: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    lines = matrix_lines(confusion, names, console.width)
    if lines is None:
        told = (
            f"The confusion matrix of {len(names)} classes is too wide for {console.width} columns;"
            " --png draws it, --json has it."
        )
        draw_folded(console, Text(told))
    else:
        draw_folded(console, Text(lines[0], style="dim"))
        for line in lines[1:]:
            console.print(Text(line), soft_wrap=True)
    console.print()


def _confusions(console: Console, confusion: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    """List the most frequent confusions; nothing where two classes show all of them already."""
    pairs = [
        (texts, true, given)
        for true, row in enumerate(confusion)
        for given, texts in enumerate(row)
        if texts and true != given
    ]
    if not pairs or len(names) == 2:
        return
    pairs.sort(key=lambda one: (-one[0], one[1], one[2]))
    columns = [
        Column(heading="true class", key=True, folds=True),
        Column(heading="given", folds=True, named=True),
        Column(heading="texts", justify="right", named=True),
        Column(heading="of the class", justify="right", named=True),
    ]
    rows = [
        [
            Text(f"{names[true]}"),
            Text(names[given]),
            Text(f"{texts:,}"),
            Text(share(texts / sum(confusion[true]))),
        ]
        for texts, true, given in pairs[:_MOST_CONFUSIONS]
    ]
    draw_rows(console, columns, rows)
    if len(pairs) > _MOST_CONFUSIONS:
        rest = sum(texts for texts, _, _ in pairs[_MOST_CONFUSIONS:])
        told = f"{len(pairs) - _MOST_CONFUSIONS:,} other confusions with {count(rest, 'text')}."
        draw_folded(console, Text(told, style="dim"))
