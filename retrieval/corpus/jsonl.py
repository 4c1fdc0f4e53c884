"""JSON Lines: one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice

import orjson

from retrieval.corpus.exported import exported_document, is_export_row
from retrieval.corpus.fields import FieldMap, FieldNames, resolve_fields
from retrieval.corpus.rejects import Reject, RowError
from retrieval.corpus.rows import row_document
from retrieval.corpus.streams import MAX_LINE_BYTES, InputStream, Line
from retrieval.errors import InputError
from retrieval.records import Document

SAMPLE_ROWS = 100
"""Rows whose fields are looked at before the first is used."""

_LONG_DIGITS = re.compile(rb"\d{19}")
_BEIR_FIELDS = FieldMap("_id", "text", "title")


def read_jsonl(
    stream: InputStream,
    names: FieldNames,
    *,
    beir: bool,
    note: Callable[[str], None],
    reject: Callable[[Reject], None],
) -> Iterator[tuple[int, Document]]:
    """Yield the documents of a JSON Lines file with their line numbers.

    Args:
        stream: The file.
        names: Fields as asked for.
        beir: Whether it is the corpus of a BEIR folder: documents may be empty, and an
            object ``metadata`` is unpacked.
        note: Told which fields were chosen.
        reject: Told of every row that cannot be used.

    Raises:
        InputError: No field looks like a text, or the file is damaged.
    """
    path = str(stream.path)
    rows = json_rows(stream, reject, unpack=beir)
    sample = list(islice(rows, SAMPLE_ROWS))
    if not sample:
        return
    make = _maker(path, [row for _, row in sample], names, beir=beir, note=note)
    for line, row in chain(sample, rows):
        try:
            yield line.number, make(row)
        except RowError as error:
            reject(Reject(path, line.number, error.reason, error.doc_id))


def _maker(
    path: str,
    sample: Sequence[Mapping[str, object]],
    names: FieldNames,
    *,
    beir: bool,
    note: Callable[[str], None],
) -> Callable[[Mapping[str, object]], Document]:
    """Return what makes a document of a row, as the first rows of the file are."""
    if names == FieldNames() and is_export_row(sample[0]):
        note(f"{path}: documents as an index exported them.")
        return exported_document
    keys = list(dict.fromkeys(name for row in sample for name in row))
    fields = _BEIR_FIELDS if beir and names == FieldNames() else resolve_fields(keys, names, path)
    note(fields.note(path, keys))
    return lambda row: row_document(row, fields, may_be_empty=beir)


def json_rows(
    stream: InputStream, reject: Callable[[Reject], None], *, unpack: bool = False
) -> Iterator[tuple[Line, dict[str, object]]]:
    """Yield the objects of a JSON Lines file with their lines; blank lines are passed over.

    Args:
        stream: The file.
        reject: Told of every line that is no object.
        unpack: Whether the fields of an object ``metadata`` count as the row's own.

    Raises:
        InputError: The file is a JSON array, or damaged.
    """
    for line in stream.lines():
        if line.content is not None and not line.content.strip():
            continue
        if line.number == 1 and (line.content or b"").lstrip().startswith(b"["):
            raise InputError(
                f"{stream.path} begins with '[': it is a JSON array, not JSON Lines.",
                fix="Write one object a line, for instance with: jq -c '.[]' FILE",
            )
        try:
            row = read_object(line)
        except RowError as error:
            reject(Reject(str(stream.path), line.number, error.reason))
            continue
        extra = row.get("metadata")
        if unpack and isinstance(extra, dict):
            del row["metadata"]
            row = {**extra, **row}
        yield line, row


def read_object(line: Line) -> dict[str, object]:
    """Parse a line as a JSON object, strictly.

    Raises:
        RowError: It is too long, not UTF-8, not JSON, not an object, or holds a number
            that 64 bits cannot.
    """
    if line.content is None:
        raise RowError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        line.content.decode()
    except UnicodeDecodeError as error:
        at = line.offset + error.start
        raise RowError(
            f"not UTF-8: byte 0x{line.content[error.start]:02x} at offset {at} of the file"
        ) from None
    try:
        row = orjson.loads(line.content)
        if _LONG_DIGITS.search(line.content):
            json.loads(line.content, parse_int=_checked_integer)
    except (ValueError, RecursionError) as error:
        raise RowError(f"not JSON: {_first_words(error)}") from None
    if not isinstance(row, dict):
        raise RowError(f"not an object but {_kind(row)}")
    return row


def _checked_integer(digits: str) -> int:
    number = int(digits) if len(digits) < 25 else 1 << 64
    if not -(1 << 63) <= number < 1 << 64:
        raise ValueError(f"the integer {digits[:24]}... does not fit into 64 bits")
    return number


def _first_words(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).partition(": line ")[0]


def _kind(value: object) -> str:
    kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
