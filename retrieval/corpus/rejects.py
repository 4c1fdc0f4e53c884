"""Rows that cannot be used: what is told of them, and how reading says so."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from retrieval.records import JsonValue


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was left out.

    Attributes:
        path: The file.
        line: Line the row starts on, from 1; None where a file is one row.
        reason: Why, without a full stop.
        doc_id: The row's id, where it was readable.
    """

    path: str
    line: int | None
    reason: str
    doc_id: str | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the record as JSON values."""
        return asdict(self)


class RowError(Exception):
    """A row that cannot be used; its message is the reason."""

    def __init__(self, reason: str, doc_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.doc_id = doc_id
