"""Labels from a file: one row a document, named by id or by text."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.corpus.jsonl import read_object
from retrieval.corpus.rejects import RowError
from retrieval.corpus.streams import InputStream
from retrieval.engine.benchmark.labels import label_values
from retrieval.errors import InputError
from retrieval.records import JsonValue

ID_FIELDS = ("id", "_id", "doc_id")
TEXT_FIELD = "text"
LABEL_FIELD = "label"
_TOLD = 5
_DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One row of a file of labels.

    Attributes:
        line: Where it stands.
        doc_id: Id of the document; None where it is named by its text.
        text: Text of the document; empty where it is named by its id.
        values: Its labels, at least one.
    """

    line: int
    doc_id: str | None
    text: str
    values: tuple[str, ...]


def read_labels(path: str | os.PathLike[str], field: str | None = None) -> list[LabelRow]:
    """Read a file of labels: JSON Lines, CSV or TSV, also ``.gz``.

    Args:
        path: The file; each row has ``id`` (or ``_id``, ``doc_id``) or ``text``, and the label.
        field: Field of the label; None for ``label``.

    Returns:
        At least one row.

    Raises:
        InputError: The file is missing or damaged, or rows cannot be used; all are told.
    """
    where = Path(path)
    label = field or LABEL_FIELD
    rows: list[LabelRow] = []
    problems: list[str] = []
    for line, fields in read_rows(where, problems):
        doc_id = next((fields[name] for name in ID_FIELDS if fields.get(name) is not None), None)
        text = fields.get(TEXT_FIELD)
        values = tuple(label_values(fields.get(label)))
        if isinstance(doc_id, int) and not isinstance(doc_id, bool):
            doc_id = str(doc_id)
        if doc_id is not None and not isinstance(doc_id, str):
            problems.append(f"line {line}: an id is a text or a whole number")
        elif doc_id is None and not (isinstance(text, str) and text.strip()):
            problems.append(f"line {line}: neither {ID_FIELDS[0]!r} nor {TEXT_FIELD!r} is there")
        elif not values:
            problems.append(f"line {line}: there is no label in {label!r}")
        else:
            by_text = text if doc_id is None and isinstance(text, str) else ""
            rows.append(LabelRow(line, doc_id, by_text, values))
    if problems:
        more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise InputError(
            f"{where}: {'; '.join(problems[:_TOLD])}{more}.",
            fix='A row has "id" or "text", and "label"; --label-field names another field.',
        )
    if not rows:
        raise InputError(f"{where} holds no label.")
    return rows


def read_rows(path: Path, problems: list[str]) -> Iterator[tuple[int, Mapping[str, JsonValue]]]:
    """Yield the rows of JSON Lines, CSV or TSV with their lines; empty cells are left out.

    Args:
        path: The file, maybe compressed.
        problems: Takes a sentence for each line that is no row.

    Raises:
        InputError: The file is missing or damaged.
    """
    suffix = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
    with InputStream(path) as stream:
        if suffix in _DELIMITERS:
            yield from _table_rows(stream, path, _DELIMITERS[suffix])
            return
        for line in stream.lines():
            if line.content is not None and not line.content.strip():
                continue
            try:
                yield line.number, read_object(line)  # type: ignore[misc]
            except RowError as error:
                problems.append(f"line {line.number}: {error.reason}")


def _table_rows(
    stream: InputStream, path: Path, delimiter: str
) -> Iterator[tuple[int, Mapping[str, JsonValue]]]:
    try:
        lines = ((line.content or b"").decode() + "\n" for line in stream.lines())
        reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
        for row in reader:
            yield reader.line_num, {name: value for name, value in row.items() if value}
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a table: {error}.") from error
