"""What a manifest says of a metadata field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """A metadata field of a generation.

    Attributes:
        name: Its name.
        type: What its values are; see ``FieldType``.
        documents: Live documents that have it, with another value than null.
        sorts: Documents by the type of their value, where the field is mixed; else empty.
    """

    name: str
    type: str
    documents: int
    sorts: Mapping[str, int]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` made of an entry.

        Raises:
            TypeError: It is not one.
        """
        return cls(**record)
