"""What a direction is made of: texts, examples and concepts, each with a weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.explanation import PartShare
from retrieval.vectors import FloatRows, exact_scores


class PartKind(StrEnum):
    """What a part is."""

    TEXT = "text"
    EXAMPLE = "example"
    """A document, by the mean of its passages."""
    CONCEPT = "concept"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """One part of a direction.

    Attributes:
        kind: What it is.
        name: The text, the document's id, or the concept's name.
        weight: What its vector is multiplied by; negative for what is not wanted.
        row: float32 (dim,), a unit vector.
    """

    kind: PartKind
    name: str
    weight: float
    row: NDArray[np.float32]


def total_of(parts: Sequence[Part]) -> NDArray[np.float64]:
    """Return the weighted sum of parts, at least one: float64 (dim,)."""
    rows = np.stack([one.row for one in parts]).astype(np.float64)
    weights = np.array([one.weight for one in parts])
    total: NDArray[np.float64] = (rows * weights[:, np.newaxis]).sum(axis=0)
    return total


def divided(parts: Sequence[Part], length: float) -> tuple[Part, ...]:
    """Return parts whose sum is that of these, divided by a length."""
    return tuple(replace(one, weight=one.weight / length) for one in parts)


def shares_of(parts: Sequence[Part], passage: NDArray[np.float32]) -> tuple[PartShare, ...]:
    """Return what each part adds to the cosine of a direction and a passage.

    Args:
        parts: Those of the direction, whose weighted sum has length 1.
        passage: float32 (dim,), a unit vector.
    """
    rows: FloatRows = np.stack([one.row for one in parts])
    cosines = exact_scores(rows, passage).tolist()
    return tuple(
        PartShare(
            kind=one.kind,
            name=one.name,
            weight=one.weight,
            cosine=cosine,
            contribution=one.weight * cosine,
        )
        for one, cosine in zip(parts, cosines, strict=True)
    )
