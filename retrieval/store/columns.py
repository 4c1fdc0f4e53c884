"""The columns part of a segment: the values of every metadata field, to filter and count by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.filters.column import FieldColumn, Terms
from retrieval.filters.field_types import FieldType, Kind
from retrieval.filters.instants import NO_INSTANT, instant_of
from retrieval.records import JsonValue
from retrieval.store.container import Column, open_container, whole

RULES = 1
"""Version of the rules by which values become columns; others are made anew."""

_ARRAYS = {
    "columns.starts": np.dtype("<i8"),
    "columns.rows": np.dtype("<i4"),
    "columns.kinds": np.dtype("u1"),
    "columns.cells": np.dtype("<i8"),
    "columns.terms": np.dtype("u1"),
    "columns.term_offsets": np.dtype("<i8"),
    "columns.instants": np.dtype("<i8"),
}
_RECORD = "columns.record"
_PLAIN = {str, int, float, bool, type(None)}


@dataclass(frozen=True)
class Columns:
    """The metadata of a segment's documents, field by field; null values are left out.

    Attributes:
        fields: Names of the fields, ascending as UTF-8.
        starts: int64 (fields + 1,), the first entry of each field.
        rows: int32 (entries,), the document of each entry, ascending within a field.
        kinds: uint8 (entries,), see ``Kind``.
        cells: int64 (entries,), see ``FieldColumn``.
        terms: Every string that is a value or in a list.
        rules: Version of the rules they were made by.
    """

    fields: tuple[str, ...]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    cells: NDArray[np.int64]
    terms: Terms
    rules: int = RULES

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each field."""
        return {name: number for number, name in enumerate(self.fields)}

    def entries_of(self, field: str) -> slice:
        """Return which entries are of a field; none where no document has it."""
        number = self.numbers.get(field)
        if number is None:
            return slice(0, 0)
        return slice(int(self.starts[number]), int(self.starts[number + 1]))

    def column(self, field: str, found: FieldType, documents: int) -> FieldColumn | None:
        """Return the values of a field, as of a type; None where no document has it."""
        own = self.entries_of(field)
        if own.start == own.stop:
            return None
        return FieldColumn(
            found, documents, self.rows[own], self.kinds[own], self.cells[own], self.terms
        )


def columns_of(metadata: Iterable[Mapping[str, JsonValue]]) -> Columns:
    """Return the columns of documents, row after row.

    Args:
        metadata: What each document has beside id, title and text.
    """
    entries: dict[str, list[tuple[int, int, str | int]]] = {}
    for row, given in enumerate(metadata):
        for name, value in as_stored(given).items():
            for kind, cell in _entries(value):
                entries.setdefault(name, []).append((row, kind, cell))
    fields = sorted(entries)  # by code points, which is the order of their UTF-8
    ordered = [entry for name in fields for entry in entries[name]]
    strings = sorted({cell for _, _, cell in ordered if isinstance(cell, str)})
    codes = {string: code for code, string in enumerate(strings)}
    blobs = [string.encode() for string in strings]
    cells = (codes[cell] if isinstance(cell, str) else cell for _, _, cell in ordered)
    count = len(ordered)
    return Columns(
        fields=tuple(fields),
        starts=_offsets([len(entries[name]) for name in fields]),
        rows=np.fromiter((row for row, _, _ in ordered), dtype="<i4", count=count),
        kinds=np.fromiter((kind for _, kind, _ in ordered), dtype=np.uint8, count=count),
        cells=np.fromiter(cells, dtype="<i8", count=count),
        terms=Terms(
            np.frombuffer(b"".join(blobs), dtype=np.uint8),
            _offsets([len(blob) for blob in blobs]),
            np.array([_instant(string) for string in strings], dtype="<i8"),
        ),
    )


def as_stored(metadata: Mapping[str, JsonValue]) -> Mapping[str, Any]:
    """Return metadata as it is read back: what JSON makes of values that it has not."""
    if all(
        type(value) in _PLAIN or (type(value) is list and all(type(one) is str for one in value))
        for value in metadata.values()
    ) and not any(type(value) is float and value - value != 0 for value in metadata.values()):
        return metadata
    stored: Mapping[str, Any] = orjson.loads(orjson.dumps(dict(metadata)))
    return stored


def _entries(value: Any) -> Iterable[tuple[int, str | int]]:
    """Return the kinds and cells of a value; strings stand for their numbers."""
    if value is None:
        return ()
    if isinstance(value, str):
        kind = Kind.STRING if instant_of(value) is None else Kind.DATE
        return ((kind, value),)
    if isinstance(value, bool):
        return ((Kind.BOOLEAN, int(value)),)
    if isinstance(value, int):
        if value >= 1 << 63:
            return ((Kind.LARGE, value - (1 << 64)),)
        return ((Kind.INTEGER, value),)
    if isinstance(value, float):
        return ((Kind.FLOAT, int(np.float64(value).view(np.int64))),)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [(Kind.MEMBER, one) for one in sorted(set(value))] or ((Kind.EMPTY, -1),)
    return ((Kind.NESTED, -1),)


def _instant(string: str) -> int:
    found = instant_of(string)
    return NO_INSTANT if found is None else found


def _offsets(sizes: Sequence[int]) -> NDArray[np.int64]:
    offsets = np.zeros(len(sizes) + 1, dtype="<i8")
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def columns_record(fields: Sequence[str]) -> Column:
    """Return the record of a columns part as one of its arrays."""
    return whole(np.frombuffer(orjson.dumps({"fields": fields, "rules": RULES}), dtype=np.uint8))


def columns_arrays(columns: Columns) -> Mapping[str, Column]:
    """Return columns as the arrays of a columns part."""
    return {
        "columns.starts": whole(columns.starts),
        "columns.rows": whole(columns.rows),
        "columns.kinds": whole(columns.kinds),
        "columns.cells": whole(columns.cells),
        "columns.terms": whole(columns.terms.blob),
        "columns.term_offsets": whole(columns.terms.offsets),
        "columns.instants": whole(columns.terms.instants),
        _RECORD: columns_record(columns.fields),
    }


def open_columns(view: memoryview, name: str) -> Columns:
    """Open a columns part; nothing but the names of fields is copied.

    Args:
        view: The file.
        name: Its name, for messages.

    Raises:
        DamagedIndexError: Its arrays do not fit together.
    """
    arrays = open_container(view, name)
    try:
        found = {key: arrays[key] for key in _ARRAYS}
        starts, rows, kinds, cells, blob, offsets, instants = found.values()
        record = orjson.loads(arrays[_RECORD].tobytes())
        fields = tuple(record["fields"])
        if (
            any(found[key].dtype != dtype or found[key].ndim != 1 for key, dtype in _ARRAYS.items())
            or len(starts) != len(fields) + 1
            or not len(rows) == len(kinds) == len(cells) == starts[-1]
            or len(offsets) != len(instants) + 1
            or offsets[-1] != len(blob)
            or not all(isinstance(field, str) for field in fields)
        ):
            raise ValueError("its arrays do not fit together")
        return Columns(
            fields, starts, rows, kinds, cells, Terms(blob, offsets, instants), record["rules"]
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DamagedIndexError(
            f"{name} is damaged: {error!r}.",
            fix="`retrieve verify` lists everything that is damaged; remove this file, which is"
            " made from the others, and the next `retrieve index` makes it anew.",
        ) from error
