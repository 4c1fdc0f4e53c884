"""What a precision costs in found neighbours, as an index's manifest keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionCost:
    """How many of the nearest passages are still found, measured on the index's own.

    Attributes:
        precision: What the vectors were computed in.
        depth: How many nearest passages of each are looked at.
        overlap: Share of them that single precision finds too, 0 to 1, a mean over passages.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
        passages: Passages drawn, each asked for its nearest among the others.
    """

    precision: str
    depth: int
    overlap: float
    low: float
    high: float
    passages: int

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Self | None:
        """Read what ``asdict`` made of it; None where there is none.

        Raises:
            TypeError, ValueError: It is not one.
        """
        if record is None:
            return None
        cost = cls(**record)
        if not 0 <= cost.low <= cost.overlap <= cost.high <= 1:
            raise ValueError(f"an overlap of {cost.overlap} from {cost.low} to {cost.high}")
        return cost
