"""One row into one document: ids, text, title, and what may be metadata."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import cast

import orjson

from retrieval.corpus.fields import FieldMap, FieldNames, resolve_fields
from retrieval.corpus.rejects import RowError
from retrieval.errors import InputError
from retrieval.records import MAX_ID_BYTES, Document, JsonValue


def row_document(
    row: Mapping[str, object], fields: FieldMap, *, may_be_empty: bool = False
) -> Document:
    """Make a document of a row.

    An integer id becomes its decimal digits; a missing or null one a hash of the content.
    Null metadata is kept as null. A null title or text counts as missing.

    Args:
        row: JSON values by field.
        fields: Which field is what.
        may_be_empty: Whether a row without text is a document all the same.

    Raises:
        RowError: The row cannot be used.
    """
    doc_id = None if fields.id is None else _read_id(row.get(fields.id))
    title = "" if fields.title is None else _read_text(row, fields.title, doc_id)
    text = _read_text(row, fields.text, doc_id)
    if not may_be_empty and not text.strip() and not title.strip():
        raise RowError(f"no text in field {fields.text!r}", doc_id)
    used = {fields.id, fields.text, fields.title}
    metadata = {name: value for name, value in row.items() if name not in used}
    try:
        packed = orjson.dumps([title, text, metadata], option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise RowError(f"a value that JSON cannot hold: {error}", doc_id) from None
    if doc_id is None:
        doc_id = hashlib.blake2b(packed, digest_size=16).hexdigest()
    try:
        return Document(doc_id, text, title, cast("dict[str, JsonValue]", metadata))
    except InputError as error:
        raise RowError(error.what.rstrip(".")) from None


def _read_id(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise RowError(f"an id has to be a string or an integer, not {_type_name(value)}")
    size = len(value.encode("utf-8", "surrogatepass"))
    if not 0 < size <= MAX_ID_BYTES:
        raise RowError(f"an id has 1 to {MAX_ID_BYTES} bytes; this one has {size}")
    return value


def _read_text(row: Mapping[str, object], field: str, doc_id: str | None) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(f"field {field!r} has to be a string, not {_type_name(value)}", doc_id)
    return value


def _type_name(value: object) -> str:
    names = {bool: "a boolean", int: "an integer", float: "a number", list: "a list"}
    return names.get(type(value), "an object" if isinstance(value, Mapping) else "that")


def document_from_row(row: Mapping[str, object], names: FieldNames | None = None) -> Document:
    """Make a document of a Python mapping, as a JSON row of the same content would be.

    Args:
        row: JSON values by field; ``id``, ``text`` and ``title`` are found by name.
        names: Fields to take instead.

    Raises:
        InputError: The mapping has no text, an id of a wrong type, or values that JSON
            cannot hold.
    """
    fields = resolve_fields(row, names or FieldNames(), "a document")
    try:
        if any(isinstance(value, float) and not math.isfinite(value) for value in row.values()):
            raise RowError("a number that is not finite")
        return row_document(row, fields)
    except RowError as error:
        named = f" {error.doc_id!r}" if error.doc_id else ""
        raise InputError(f"Document{named} cannot be used: {error.reason}.") from None
