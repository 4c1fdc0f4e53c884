"""Documents as rows of an export, which reading takes back exactly as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.corpus.fields import FieldMap
from retrieval.corpus.rejects import RowError
from retrieval.corpus.rows import row_document
from retrieval.records import Document

EXPORT_VERSION = 1
"""What ``schema_version`` of a row says."""

_FIELDS = frozenset({"schema_version", "id", "title", "text", "metadata"})
_OWN = FieldMap("id", "text", "title")


def export_row(document: Document) -> dict[str, Any]:
    """Return a document as the row of an export: metadata apart, so that no name can collide."""
    return {
        "schema_version": EXPORT_VERSION,
        "id": document.doc_id,
        "title": document.title,
        "text": document.text,
        "metadata": dict(document.metadata),
    }


def is_export_row(row: Mapping[str, object]) -> bool:
    """Tell whether a row of JSON Lines is one that ``export_row`` makes."""
    return (
        row.keys() == _FIELDS
        and row["schema_version"] == EXPORT_VERSION
        and isinstance(row["metadata"], Mapping)
    )


def exported_document(row: Mapping[str, object]) -> Document:
    """Make a document of the row of an export; it may be without text, as it was.

    Raises:
        RowError: The row is not one of an export, or cannot be used.
    """
    if not is_export_row(row):
        raise RowError("not a row of an export, as the first row of the file is")
    metadata = row["metadata"]
    if not isinstance(row["id"], str):
        raise RowError("the id of an exported document has to be a string")
    found = row_document(
        {name: row[name] for name in ("id", "title", "text")}, _OWN, may_be_empty=True
    )
    return Document(found.doc_id, found.text, found.title, dict(metadata))  # type: ignore[call-overload]
