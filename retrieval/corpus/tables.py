"""CSV and TSV, after RFC 4180: a header, quoted fields, quoted line breaks."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterator, Mapping

from retrieval.corpus.fields import FieldMap, FieldNames, resolve_fields
from retrieval.corpus.rejects import Reject, RowError
from retrieval.corpus.rows import row_document
from retrieval.corpus.streams import MAX_LINE_BYTES, InputStream
from retrieval.errors import InputError
from retrieval.records import Document, JsonValue

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,18})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class _Decoded:
    """Lines as text for the csv module, remembering where a row starts and what is bad."""

    def __init__(self, stream: InputStream) -> None:
        self._lines = stream.lines()
        self.number = 0
        self.faults: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number = line.number
        if line.content is None:
            self.faults.append(f"line {line.number} is longer than {MAX_LINE_BYTES} bytes")
            return "\n"
        try:
            text = line.content.decode()
        except UnicodeDecodeError as error:
            self.faults.append(
                f"not UTF-8: byte 0x{line.content[error.start]:02x}"
                f" at offset {line.offset + error.start} of the file"
            )
            text = line.content.decode(errors="replace")
        if "\0" in text:
            self.faults.append(f"line {line.number} holds a NUL byte")
        return text + "\n"


def read_table(
    stream: InputStream,
    names: FieldNames,
    *,
    delimiter: str,
    note: Callable[[str], None],
    reject: Callable[[Reject], None],
) -> Iterator[tuple[int, Document]]:
    """Yield the documents of a CSV or TSV file with the lines their rows start on.

    Metadata cells become integers (canonical, within 64 bits), finite decimal numbers,
    ``true`` and ``false``, else they stay strings; an empty cell is no field. Id, text
    and title stay as they are written. A header of one cell with semicolons, tabs or
    vertical bars in it is taken to be separated by these, and that is said.

    Args:
        stream: The file; its first row names the fields.
        names: Fields as asked for.
        delimiter: One character.
        note: Told which fields were chosen.
        reject: Told of every row that cannot be used.

    Raises:
        InputError: No header, a field named twice, no text field, or a damaged file.
    """
    found = raw_table(stream, delimiter=delimiter, note=note, reject=reject)
    if found is None:
        return
    header, rows = found
    path = str(stream.path)
    fields = resolve_fields(header, names, path)
    note(fields.note(path, header))
    for start, cells in rows:
        try:
            yield start, _document(cells, fields)
        except RowError as error:
            reject(Reject(path, start, error.reason, error.doc_id))


def raw_table(
    stream: InputStream,
    *,
    delimiter: str,
    note: Callable[[str], None],
    reject: Callable[[Reject], None],
) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]] | None:
    """Read a CSV or TSV file without saying what its fields are.

    Args:
        stream: The file; its first row names the fields.
        delimiter: One character.
        note: Told where the header is separated by something else.
        reject: Told of every row that cannot be used, while the rows are read.

    Returns:
        The fields in order, and the rows: the line each starts on and its cells by field,
        empty ones left out. None for an empty file.

    Raises:
        InputError: No header, a field named twice, or a damaged file.
    """
    path = str(stream.path)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    decoded = _Decoded(stream)
    rows = csv.reader(decoded, delimiter=delimiter, strict=True)
    header = _header(rows, decoded, path)
    if header is None:
        return None
    found = _delimiter_within(header)
    if found is not None:
        note(f"{path}: columns are separated by {_OTHER_DELIMITERS[found]}.")
        (header,) = csv.reader(header, delimiter=found)
        rows = csv.reader(decoded, delimiter=found, strict=True)
    _check_names(header, path)
    return header, _named_cells(rows, decoded, header, path, reject)


def _named_cells(
    rows: Iterator[list[str]],
    decoded: _Decoded,
    header: list[str],
    path: str,
    reject: Callable[[Reject], None],
) -> Iterator[tuple[int, dict[str, str]]]:
    while True:
        decoded.faults.clear()
        start = decoded.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reject(Reject(path, start, f"not a row: {error}"))
            continue
        if decoded.faults:
            reject(Reject(path, start, decoded.faults[0]))
        elif cells and len(cells) != len(header):
            reason = f"{len(cells)} cells where the header has {len(header)}"
            reject(Reject(path, start, reason))
        elif cells:
            named = zip(header, cells, strict=True)
            yield start, {name: cell for name, cell in named if cell}


def _header(rows: Iterator[list[str]], decoded: _Decoded, path: str) -> list[str] | None:
    """Return the names in the first row that is not blank; None for an empty file."""
    try:
        header = next((cells for cells in rows if cells), None)
    except csv.Error as error:
        raise InputError(f"{path}:1: the header is not a row: {error}.") from error
    if header is None:
        return None
    if decoded.faults:
        raise InputError(f"{path}: the header cannot be read: {decoded.faults[0]}.")
    return header


def _delimiter_within(header: list[str]) -> str | None:
    """Return what separates columns in a header that came out as one cell, if anything."""
    if len(header) != 1:
        return None
    return next((one for one in _OTHER_DELIMITERS if one in header[0]), None)


def _check_names(header: list[str], path: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(
            f"{path} names the field {twice[0]!r} more than once.", fix="Rename one of them."
        )


def _document(cells: Mapping[str, str], fields: FieldMap) -> Document:
    named = {fields.id, fields.text, fields.title}
    row: dict[str, object] = {
        name: cell if name in named else typed_cell(cell) for name, cell in cells.items()
    }
    return row_document(row, fields)


def typed_cell(cell: str) -> JsonValue:
    """Return what a cell of metadata stands for; see ``read_table``."""
    if cell in {"true", "false"}:
        return cell == "true"
    if _INTEGER.fullmatch(cell) and cell != "-0":
        number = int(cell)
        return number if -(1 << 63) <= number < 1 << 63 else cell
    if _FLOAT.fullmatch(cell) and math.isfinite(float(cell)):
        return float(cell)
    return cell
