"""Files of drawn documents, to be judged elsewhere and read back."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable
from pathlib import Path

from retrieval.concept.artefact import Concept
from retrieval.engine.benchmark.labels import label_values
from retrieval.engine.concepts.label_file import ID_FIELDS, LABEL_FIELD, TEXT_FIELD, read_rows
from retrieval.errors import InputError, UsageError
from retrieval.fsops import LocalFiles, write_file
from retrieval.records import Document, JsonValue

YES = frozenset({"y", "yes", "true", "1", "1.0"})
NO = frozenset({"n", "no", "false", "0", "0.0"})
SKIPPED = frozenset({"", "s", "skip", "?"})
"""Answers that say nothing."""
_TOLD = 5
_TABLES = {".csv": ",", ".tsv": "\t"}
_LINES = {".jsonl", ".ndjson"}


def write_sample(path: str | os.PathLike[str], documents: Iterable[Document]) -> None:
    """Write documents with an empty label, one a row, to a new file, synced.

    Args:
        path: Where to; its ending says CSV, TSV or JSON Lines.
        documents: In the order of the rows; title and text are joined.

    Raises:
        UsageError: The file is there already, its folder is not, or its ending is another.
        FileSystemError: It cannot be written.
    """
    where = Path(path)
    suffix = where.suffix.lower()
    if suffix not in _TABLES.keys() | _LINES:
        raise UsageError(
            f"{where} does not say what kind of file it is to be.",
            fix="End its name in .jsonl, .csv or .tsv.",
        )
    rows = [(one.doc_id, "\n".join(filter(None, (one.title, one.text)))) for one in documents]
    output = io.StringIO(newline="")
    if suffix in _TABLES:
        table = csv.writer(output, delimiter=_TABLES[suffix], lineterminator="\n")
        table.writerow((ID_FIELDS[0], TEXT_FIELD, LABEL_FIELD))
        table.writerows((*row, "") for row in rows)
    else:
        for doc_id, text in rows:
            row = {ID_FIELDS[0]: doc_id, TEXT_FIELD: text, LABEL_FIELD: None}
            output.write(json.dumps(row, ensure_ascii=False) + "\n")
    files = LocalFiles()
    try:
        write_file(files, where, output.getvalue().encode("utf-8", "surrogatepass"))
    except FileExistsError:
        raise UsageError(
            f"{where} is there already, perhaps with judgments.",
            fix="Name another file, or remove this one.",
        ) from None
    except FileNotFoundError:
        raise UsageError(f"There is no folder {where.parent} to write {where.name} to.") from None
    files.sync_folder(where.parent)


def read_judgments(path: str | os.PathLike[str], concept: Concept) -> dict[str, bool | None]:
    """Read a file of judgments: JSON Lines, CSV or TSV, also ``.gz``.

    Args:
        path: Each row has an id and, in ``label``, y or n (also yes, no, true, false, 1, 0),
            or the labels that the concept was fitted on; nothing where it was skipped.
        concept: What was judged.

    Returns:
        What each document was judged, by id; None where it was skipped.

    Raises:
        InputError: The file is missing or damaged, or rows cannot be used; all are told.
    """
    where = Path(path)
    found: dict[str, bool | None] = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    for line, fields in read_rows(where, problems):
        doc_id = next((fields[name] for name in ID_FIELDS if fields.get(name) is not None), None)
        if not isinstance(doc_id, str | int) or isinstance(doc_id, bool):
            problems.append(f"line {line}: there is no id")
            continue
        doc_id = str(doc_id)
        values = label_values(_plain(fields.get(LABEL_FIELD))) or [""]
        meanings = {_meaning(value, concept) for value in values}
        if _UNKNOWN in meanings or len(meanings) > 1:
            problems.append(f"line {line}: {', '.join(map(repr, values))} is neither y nor n")
            continue
        judged = {"yes": True, "no": False}.get(meanings.pop())
        before = found.get(doc_id)
        if before is not None and judged is not None and before is not judged:
            problems.append(f"lines {lines[doc_id]} and {line} judge {doc_id!r} differently")
            continue
        if before is None:
            found[doc_id], lines[doc_id] = judged, line
    if problems:
        more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
        raise InputError(
            f"{where}: {'; '.join(problems[:_TOLD])}{more}.",
            fix='A row has "id", and in "label" y, n, or nothing for skipped.',
        )
    if not found:
        raise InputError(f"{where} holds no judgment.")
    return found


_UNKNOWN = "unknown"


def _meaning(value: str, concept: Concept) -> str:
    """Return what an answer means; the concept's own labels come first."""
    if value == concept.positive or value in concept.negative:
        return "yes" if value == concept.positive else "no"
    told = value.strip().casefold()
    for meaning, words in (("yes", YES), ("no", NO), ("skipped", SKIPPED)):
        if told in words:
            return meaning
    return _UNKNOWN


def _plain(value: JsonValue) -> JsonValue:
    """Return whole numbers as such: tables of some programs say 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
