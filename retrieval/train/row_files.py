"""Rows of training files: JSON Lines, CSV and TSV, also ``.gz``, with their lines."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.corpus.jsonl import read_object
from retrieval.corpus.rejects import RowError
from retrieval.corpus.sources import listed
from retrieval.corpus.streams import MAX_LINE_BYTES, InputStream
from retrieval.errors import InputError, UsageError

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        place: File and line, such as ``pairs.csv:17``.
        fields: Values by name; cells of a table are strings, empty ones are left out.
    """

    place: str
    fields: Mapping[str, Any]


class Problems:
    """What is wrong with rows, collected and raised once."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def add(self, place: str, reason: str) -> None:
        """Take one problem in."""
        self._told.append(f"{place}: {reason}")

    def raise_any(self, fix: str = "") -> None:
        """Refuse the rows if anything is wrong with them.

        Raises:
            InputError: Something is; the first few problems are told.
        """
        if not self._told:
            return
        more = f"; and {len(self._told) - _TOLD:,} more" if len(self._told) > _TOLD else ""
        raise InputError("; ".join(self._told[:_TOLD]) + more + ".", fix=fix)


def named_files(
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
) -> list[str | os.PathLike[str]]:
    """Return the files that are to be trained on.

    Raises:
        UsageError: None was named.
    """
    paths = listed(data)
    if not paths:
        raise UsageError("No file to train on was named.")
    return paths


def read_rows(paths: Sequence[str | os.PathLike[str]]) -> list[Row]:
    """Read every row of files, one file after the other.

    Raises:
        InputError: A file is missing, damaged or empty, or rows cannot be read.
    """
    rows: list[Row] = []
    problems = Problems()
    for one in paths:
        path = Path(one)
        before = len(rows)
        suffix = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
        with InputStream(path) as stream:
            if suffix in _DELIMITERS:
                rows.extend(_table_rows(stream, _DELIMITERS[suffix], problems))
            else:
                rows.extend(_object_rows(stream, problems))
        problems.raise_any()
        if len(rows) == before:
            raise InputError(f"{path} holds no rows.")
    return rows


def field_of(
    rows: Sequence[Row], wanted: str | None, candidates: Sequence[str], meaning: str
) -> str:
    """Return the name of a field: the one asked for, or the first candidate that is there.

    Args:
        rows: At least one; a field counts as there if any row has it.
        wanted: As asked for; None to look for a candidate.
        candidates: Names to look for.
        meaning: What the field holds, such as ``label``, for the message.

    Raises:
        InputError: There is no such field.
    """
    known = list(dict.fromkeys(name for row in rows for name in row.fields))
    if wanted is not None:
        if wanted in known:
            return wanted
        looked = f"the field {wanted!r}"
    else:
        found = next((name for name in candidates if name in known), None)
        if found is not None:
            return found
        looked = f"a field for the {meaning}, such as {' or '.join(map(repr, candidates[:3]))},"
    raise InputError(
        f"{looked[0].upper()}{looked[1:]} was looked for in {rows[0].place.rpartition(':')[0]};"
        f" its fields are {', '.join(map(repr, known)) or 'none'}.",
        fix=f"Name the field of the {meaning}.",
    )


def text_in(row: Row, name: str, problems: Problems) -> str:
    """Return a text of a row; empty, with a problem told, if it has none."""
    value = row.fields.get(name)
    if not isinstance(value, str) or not value.strip():
        problems.add(row.place, f"there is no text in {name!r}")
        return ""
    return value


def label_in(row: Row, name: str, problems: Problems) -> str:
    """Return a label of a row as a string; empty, with a problem told, if it has none."""
    value = row.fields.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, str) and value.strip()):
        return str(value).strip()
    problems.add(row.place, f"there is no label in {name!r}")
    return ""


def number_in(row: Row, name: str, problems: Problems) -> float:
    """Return a finite number of a row; 0, with a problem told, if it has none."""
    value: Any = row.fields.get(name)
    try:
        told = isinstance(value, str | int | float) and not isinstance(value, bool)
        number = float(value) if told else float("nan")
    except (ValueError, OverflowError):
        number = float("nan")
    if not -1e300 < number < 1e300:
        problems.add(row.place, f"there is no number in {name!r} but {value!r}")
        return 0.0
    return number


def _object_rows(stream: InputStream, problems: Problems) -> Iterator[Row]:
    for line in stream.lines():
        place = f"{stream.path}:{line.number}"
        if line.content is not None and not line.content.strip():
            continue
        if line.number == 1 and (line.content or b"").lstrip().startswith(b"["):
            raise InputError(
                f"{stream.path} begins with '[': it is a JSON array, not JSON Lines.",
                fix="Write one object a line, for instance with: jq -c '.[]' FILE",
            )
        try:
            yield Row(place, read_object(line))
        except RowError as error:
            problems.add(place, error.reason)


def _table_rows(stream: InputStream, delimiter: str, problems: Problems) -> Iterator[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    header: list[str] | None = None
    try:
        lines = ((line.content or b"").decode() + "\n" for line in stream.lines())
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = cells
                twice = sorted({name for name in header if header.count(name) > 1})
                if twice:
                    raise InputError(f"{stream.path} names the field {twice[0]!r} more than once.")
                continue
            place = f"{stream.path}:{reader.line_num}"
            if len(cells) != len(header):
                problems.add(place, f"{len(cells)} cells where the header has {len(header)}")
                continue
            named = zip(header, cells, strict=True)
            yield Row(place, {name: cell for name, cell in named if cell})
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{stream.path} cannot be read as a table: {error}.") from error
