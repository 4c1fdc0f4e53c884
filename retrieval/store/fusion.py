"""The weight of meaning that was learned for an index, as its manifest keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionEntry:
    """A learned weight of the convex fusion, and what it was learned from.

    Attributes:
        weight: The share of meaning, 0 to 1.
        measure: The measure it is the best by.
        queries: Judged queries it was learned from.
        judgments_sha256: Hash of the judgments, hex (``Qrels.digest``).
        created: When, ISO 8601 in UTC.
    """

    weight: float
    measure: str
    queries: int
    judgments_sha256: str
    created: str

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Self | None:
        """Read what ``asdict`` made of an entry; None where there is none.

        Raises:
            TypeError, ValueError: It is not one.
        """
        if record is None:
            return None
        entry = cls(**record)
        if not 0 <= entry.weight <= 1:
            raise ValueError(f"the weight {entry.weight} is not from 0 to 1")
        return entry
