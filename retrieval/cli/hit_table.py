"""Hits drawn for a person: one document a row, its best sentence with the match in bold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from retrieval.cli.console import open_console
from retrieval.cli.escapes import one_line
from retrieval.cli.explanation_lines import explanation_lines
from retrieval.cli.projection import value_of
from retrieval.cli.streams import answering, terminal_width
from retrieval.query.matching_words import matching_words
from retrieval.records import Hit, Span

_READABLE = 40
"""Columns a text needs to be a column of a table; with less, hits stand one under the other."""
_LONGEST_LINES = 4
"""Lines of text after which it is cut around its match."""
_LONGEST_TITLE = 80
_GAP = 2
_INDENT = 4
_RANK = "rank"
_EXPLANATION = "explanation"
_HEADINGS = {"doc_id": "id"}
_NUMBERS = {"score", "probability"}


def write_hits(
    hits: Sequence[Hit],
    sentences: Sequence[Span],
    fields: Sequence[str] | None,
    *,
    heading: str = "",
) -> None:
    """Draw the hits of one query on standard output, explained if they are.

    Args:
        hits: Best first.
        sentences: For each hit the characters of its text to show.
        fields: Parts of a hit to show beside the rank; score, id, title (when a hit
            has one) and text by default.
        heading: A line above, to tell the queries of a batch apart.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    names = [name for name in fields or _usual(hits) if name not in {_RANK, _EXPLANATION}]
    explained = any(hit.explanation is not None for hit in hits)
    width = terminal_width()
    console = open_console(width)
    plain = [_plain_cells(hit, names) for hit in hits]
    widths = _widths(names, plain, most=width // 4)
    rest = width - sum(widths.values()) - _GAP * len(widths)
    as_table = rest >= (_READABLE if "text" in names else 0) and not explained
    text_width = rest if as_table else width - _INDENT
    if "text" in names:
        for cells, hit, sentence in zip(plain, hits, sentences, strict=True):
            shown = hit.text[sentence.start : sentence.end]
            cells["text"] = _excerpt(shown, hit.query, text_width * _LONGEST_LINES)
    with answering():
        if heading:
            console.print(Text(one_line(heading), style="bold"))
        if as_table:
            _draw_table(console, names, widths, plain)
        else:
            _draw_stacked(console, plain, hits)


def _usual(hits: Sequence[Hit]) -> list[str]:
    titled = any(hit.title for hit in hits)
    told = any(hit.probability is not None for hit in hits)
    first = ["score", *(["probability"] if told else []), "doc_id"]
    return [*first, *(["title"] if titled else []), "text"]


def _plain_cells(hit: Hit, names: Sequence[str]) -> dict[str, Text]:
    """Return every cell of a hit but its text, in the order of the columns."""
    parts = hit.to_json()
    cells = {_RANK: Text(str(hit.rank))}
    for name in names:
        shown = "" if name == "text" else one_line(value_of(parts, name))
        if name == "title" and len(shown) > _LONGEST_TITLE:
            shown = shown[:_LONGEST_TITLE].rstrip() + "..."
        cells[name] = Text(shown)
    return cells


def _widths(
    names: Sequence[str], rows: Sequence[Mapping[str, Text]], *, most: int
) -> dict[str, int]:
    """Return the columns of each cell but the text: what the longest takes, at most ``most``."""
    widths = {}
    for name in (_RANK, *names):
        if name != "text":
            longest = max((row[name].cell_len for row in rows), default=0)
            widths[name] = max(len(_HEADINGS.get(name, name)), min(longest, most))
    return widths


def _excerpt(sentence: str, query: str, longest: int) -> Text:
    """Return a sentence with the words of the query in bold, cut around the first."""
    plain = one_line(sentence)
    if len(plain) > longest:
        matches = matching_words(plain, query)
        first = matches[0].start if matches else 0
        plain = _cut(plain, max(0, first - longest // 4), longest)
    matches = matching_words(plain, query)
    text = Text(plain)
    for match in matches:
        text.stylize("bold", match.start, match.end)
    return text


def _cut(text: str, start: int, longest: int) -> str:
    """Return part of a text, on word boundaries where it has some, with dots at the cuts."""
    start = min(start, len(text) - longest)
    part = text[start : start + longest]
    before, after = start > 0, start + longest < len(text)
    if before and not text[start - 1].isspace():
        part = part.partition(" ")[2] or part
    if after and not text[start + longest].isspace():
        part = part.rpartition(" ")[0] or part
    return ("... " if before else "") + part.strip() + (" ..." if after else "")


def _draw_table(
    console: Console,
    names: Sequence[str],
    widths: Mapping[str, int],
    rows: Sequence[Mapping[str, Text]],
) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim")
    table.add_column(_RANK, justify="right", width=widths[_RANK])
    for name in names:
        if name == "text":
            table.add_column(name, ratio=1, overflow="fold")
        else:
            side: JustifyMethod = "right" if name in _NUMBERS else "left"
            label = _HEADINGS.get(name, name)
            table.add_column(label, justify=side, width=widths[name], overflow="fold")
    for row in rows:
        table.add_row(*row.values())
    console.print(table)


def _draw_stacked(
    console: Console, rows: Sequence[Mapping[str, Text]], hits: Sequence[Hit]
) -> None:
    for row, hit in zip(rows, hits, strict=True):
        cells = dict(row)
        first = [
            cells.pop(name) for name in (_RANK, "score", "probability", "doc_id") if name in cells
        ]
        first[0].pad_left(2 - first[0].cell_len)
        _print_folded(console, Text("  ").join(first), indent=0)
        for cell in cells.values():
            if cell.plain:
                _print_folded(console, cell, indent=_INDENT)
        if hit.explanation is not None:
            for line in explanation_lines(hit.explanation):
                _print_folded(console, line, indent=_INDENT)


def _print_folded(console: Console, text: Text, *, indent: int) -> None:
    for line in text.wrap(console, console.width - indent, overflow="fold"):
        line.rstrip()
        console.print(Text(" " * indent).append_text(line), soft_wrap=True)
