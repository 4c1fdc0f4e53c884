"""Rows drawn as a table where there is room, else one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

_GAP = 2
_INDENT = 2
_LEAST = 10
"""Columns a name needs when it is folded; with fewer, rows stand one under the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column and how it behaves.

    Attributes:
        heading: Above it.
        justify: Where its cells stand.
        folds: Whether its cells may be folded; those of other columns never are.
        named: Whether a row that stands alone says the heading before the cell.
        key: Whether the cell says what the row is about, and goes into its first line.
    """

    heading: str
    justify: JustifyMethod = "left"
    folds: bool = False
    named: bool = False
    key: bool = False


def draw_rows(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    """Draw rows, no line wider than the console.

    Args:
        console: Where to.
        columns: One for each cell of a row; the first is shown once for equal neighbours.
        rows: Cells without newlines.
    """
    widths = _widths(console.width, columns, rows)
    if widths is None:
        _draw_stacked(console, columns, rows)
    else:
        _draw_table(console, columns, widths, rows)


def draw_folded(console: Console, text: Text, *, indent: int = 0, hang: int = 0) -> None:
    """Print a text folded at the console's width.

    Args:
        console: Where to.
        text: Without newlines.
        indent: Columns before each line.
        hang: Further columns before each line but the first.

    An empty text prints nothing.
    """
    if not text:
        return
    if indent + text.cell_len <= console.width:
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)
        return
    first = True
    for line in text.wrap(console, console.width - indent - hang, overflow="fold"):
        line.rstrip()
        before = indent if first else indent + hang
        console.print(Text(" " * before).append_text(line), soft_wrap=True)
        first = False


def _widths(
    width: int, columns: Sequence[Column], rows: Sequence[Sequence[Text]]
) -> list[int] | None:
    """Return the width of each column; None where they do not fit."""
    widths = [
        max([len(column.heading), *(row[place].cell_len for row in rows)])
        for place, column in enumerate(columns)
    ]
    rest = width - _GAP * (len(columns) - 1) - sum(widths)
    # the widest name gives first
    while rest < 0:
        folding = [place for place, column in enumerate(columns) if column.folds]
        widest = max(folding, key=widths.__getitem__, default=None)
        if widest is None or widths[widest] <= max(_LEAST, len(columns[widest].heading)):
            return None
        widths[widest] -= 1
        rest += 1
    return widths


def _draw_table(
    console: Console,
    columns: Sequence[Column],
    widths: Sequence[int],
    rows: Sequence[Sequence[Text]],
) -> None:
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, _GAP, 0, 0),
        header_style="dim",
        show_header=any(column.heading for column in columns),
    )
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column.heading, justify=column.justify, width=width, overflow="fold")
    before = ""
    for first, *rest in rows:
        table.add_row(Text() if first.plain == before else first, *rest)
        before = first.plain
    console.print(table)


def _draw_stacked(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]
) -> None:
    for row in rows:
        cells = list(zip(columns, row, strict=True))
        keys = [cell for column, cell in cells if column.key and cell.plain]
        draw_folded(console, Text("  ").join(keys), hang=_INDENT)
        line = Text()
        for column, cell in cells:
            if column.key or not cell.plain:
                continue
            told = Text(f"{column.heading} ", style="dim") if column.named else Text()
            told.append_text(cell)
            if line and _INDENT + line.cell_len + _GAP + told.cell_len > console.width:
                draw_folded(console, line, indent=_INDENT, hang=_INDENT)
                line = Text()
            line = Text(" " * _GAP).join([line, told]) if line else told
        draw_folded(console, line, indent=_INDENT, hang=_INDENT)
