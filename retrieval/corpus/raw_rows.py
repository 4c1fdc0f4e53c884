"""Rows as they stand in a file, for work that is not about documents: classes, pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from retrieval.corpus.jsonl import SAMPLE_ROWS, json_rows
from retrieval.corpus.rejects import Reject
from retrieval.corpus.sources import STDIN, SourceKind, file_kind
from retrieval.corpus.streams import ByteSource, InputStream, PeekedStream
from retrieval.corpus.tables import raw_table
from retrieval.errors import InputError

LINE_FIELD = "text"
"""The field of a plain line."""

_KINDS = "JSON Lines (.jsonl), CSV (.csv), TSV (.tsv), each also with .gz"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row.

    Attributes:
        line: Line it starts on, from 1.
        fields: Its values by field; an empty cell of a table is no field.
    """

    line: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RowFile:
    """An open file of rows.

    Attributes:
        path: The file, for messages.
        fields: Its fields in order: the header, or those of the first 100 objects.
        rows: The rows, read as they are asked for, once.
        plain: Whether it has no fields of its own: one text a line.
    """

    path: str
    fields: tuple[str, ...]
    rows: Iterator[RawRow]
    plain: bool = False


def _ignore(_: object) -> None:
    """Take no notice."""


@contextmanager
def open_rows(
    path: Path,
    *,
    stdin: BinaryIO | None = None,
    plain: bool = False,
    note: Callable[[str], None] = _ignore,
    reject: Callable[[Reject], None] = _ignore,
) -> Iterator[RowFile]:
    """Open a file of rows for the length of a ``with`` block.

    Args:
        path: The file, by its name JSON Lines, CSV or TSV, also with ``.gz``; ``-`` is
            ``stdin``, read as JSON Lines where its first byte is ``{``.
        stdin: What ``-`` reads.
        plain: Whether plain lines are rows too: a file named ``.txt``, and any other standard
            input; blank lines are passed over.
        note: Told what a person should know of the file.
        reject: Told of every row that cannot be read.

    Raises:
        InputError: The file is missing, of another kind, empty, or damaged.
    """
    if str(path) == STDIN:
        if stdin is None:
            raise InputError("- stands for standard input, and none was given.")
        start = PeekedStream(stdin)
        kind = SourceKind.JSONL if start.first == b"{" else SourceKind.LINES
        raw: ByteSource | None = start
    else:
        raw, found = None, file_kind(path)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            raise InputError(f"{path} {what}; a file of rows is expected.", fix="Check the path.")
        kind = SourceKind.STDIN if found is None else found
    if kind is SourceKind.LINES and not plain:
        raise InputError(f"{path} holds plain lines.", fix=f"Give {_KINDS}.")
    with InputStream(path, raw) as stream:
        opened = _rows(stream, kind, note, reject)
        if opened is None:
            raise InputError(f"{path} holds no row.")
        yield opened


def label_of(value: object) -> str | None:
    """Return the class that a value names: a text, a whole number, true or false.

    White space around a text does not count.

    Args:
        value: As a JSON row or a cell of a table has it.

    Returns:
        The name; None where the value names no class.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value).strip() or None
    return None


def _rows(
    stream: InputStream,
    kind: SourceKind,
    note: Callable[[str], None],
    reject: Callable[[Reject], None],
) -> RowFile | None:
    path = str(stream.path)
    if kind is SourceKind.JSONL:
        rows = json_rows(stream, reject)
        sample = list(islice(rows, SAMPLE_ROWS))
        names = tuple(dict.fromkeys(name for _, row in sample for name in row))
        objects = (RawRow(line.number, row) for line, row in chain(sample, rows))
        return RowFile(path, names, objects) if sample else None
    if kind in {SourceKind.CSV, SourceKind.TSV}:
        delimiter = "," if kind is SourceKind.CSV else "\t"
        found = raw_table(stream, delimiter=delimiter, note=note, reject=reject)
        if found is None:
            return None
        header, cells = found
        return RowFile(path, tuple(header), (RawRow(line, row) for line, row in cells))
    if kind is SourceKind.LINES:
        return RowFile(path, (LINE_FIELD,), _plain_lines(stream, reject), plain=True)
    raise InputError(f"{path} is of no kind that can be read here.", fix=f"Give {_KINDS}.")


def _plain_lines(stream: InputStream, reject: Callable[[Reject], None]) -> Iterator[RawRow]:
    for line in stream.lines():
        if line.content is None:
            reject(Reject(str(stream.path), line.number, "the line is too long"))
            continue
        try:
            text = line.content.decode()
        except UnicodeDecodeError:
            reject(Reject(str(stream.path), line.number, "not UTF-8"))
            continue
        if text.strip():
            yield RawRow(line.number, {LINE_FIELD: text})
