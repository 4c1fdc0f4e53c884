"""The weight of a blend that was learned with a model, as its training card keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from retrieval.errors import ModelAlteredError

CARD_NAME = "training.json"
"""The file of a model's folder that holds its training card."""
CHECK_NAME = "reranking"
"""Where in the card's ``checks`` it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendEntry:
    """A learned share of the reranker, and what it is worth on validation queries.

    Attributes:
        weight: The share that is best on all of them, 0 to 1.
        measure: By this measure, such as ``nDCG@10``.
        queries: Validation queries.
        groups: Groups of queries that share no relevant document; folds are made of these.
        first: Mean of the measure by the first stage alone.
        rerank: Mean by the reranker alone.
        value: Mean by the blend, each query by the weight that the other folds chose.
        difference: ``value`` less ``first``, mean of the differences of each query.
        low: Lower end of its 95 % bootstrap interval.
        high: Upper end.
        candidates: Documents of a query that were ranked.
        first_stage: How these were found, in words.
        judgments: Hashes of the judgments that were trained and validated on.
    """

    weight: float
    measure: str
    queries: int
    groups: int
    first: float
    rerank: float
    value: float
    difference: float
    low: float
    high: float
    candidates: int
    first_stage: str
    judgments: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {**asdict(self), "judgments": list(self.judgments)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote; raises KeyError, TypeError or ValueError on others."""
        told = {name: record[name] for name in cls.__dataclass_fields__}
        entry = cls(**{**told, "judgments": tuple(map(str, told["judgments"]))})
        if not 0 <= entry.weight <= 1:
            raise ValueError(entry.weight)
        return entry


def read_blend(folder: Path) -> BlendEntry | None:
    """Read the learned weight of a model's folder; None where it has none.

    Raises:
        ModelAlteredError: There is a training card that cannot be read.
    """
    path = folder / CARD_NAME
    try:
        told = orjson.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except orjson.JSONDecodeError as error:
        raise ModelAlteredError(f"{path} is not JSON ({error}).", fix="Remove it.") from error
    try:
        record = told["checks"][CHECK_NAME]
    except (KeyError, TypeError):
        return None
    try:
        return BlendEntry.from_json(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelAlteredError(
            f"{path} holds no weight of a blend that can be read ({error!r}).",
            fix="Train the model again.",
        ) from error
