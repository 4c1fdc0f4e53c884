"""What a measure can be told: cutoff, relevance threshold, reading of ties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ties(StrEnum):
    """How a measure reads hits of equal score."""

    GROUP = "group"
    """As one group, whose members could stand in any order: no order is invented."""
    ID = "id"
    """As trec_eval: scores as float32, equal ones by document id descending."""


class Gain(StrEnum):
    """What a grade is worth in nDCG."""

    LINEAR = "linear"
    """The grade itself."""
    EXP = "exp"
    """2 to the power of the grade, minus 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of all measures; a measure reads those it takes.

    Attributes:
        cutoff: Only so many hits count; None for all.
        level: Recall level of ``IPrec``, in [0, 1].
        rel: Grade from which a document is relevant, at least 1.
        ties: How hits of equal score are read.
        gain: What a grade is worth.
        p: Persistence of ``RBP``: the chance of going on to the next hit, in (0, 1).
    """

    cutoff: int | None = None
    level: float = 0.0
    rel: int = 1
    ties: Ties = Ties.GROUP
    gain: Gain = Gain.LINEAR
    p: float = 0.8
