"""What a training is to be: enough to tell whether an unfinished one is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from retrieval.records import JsonValue
from retrieval.train.options import TrainOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFacts:
    """The model that a training starts from.

    Attributes:
        name: As it was asked for.
        weights_sha256: Of its weights.
        tokenizer_sha256: Of what decides how text becomes tokens.
    """

    name: str
    weights_sha256: str
    tokenizer_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsFacts:
    """The rows that a training sees.

    Attributes:
        source: Where they came from, in words.
        rows: How many are trained on.
        sha256: Of them, in order; see ``rows_sha256``.
        validation_rows: How many are validated on; 0 for none.
        validation_sha256: Of them; empty for none.
        split: How validation rows were chosen, in words.
        labels: Rows of each label or class, where there are such.
    """

    source: str
    rows: int
    sha256: str
    validation_rows: int
    validation_sha256: str
    split: str
    labels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is trained, from what, on what, how.

    Attributes:
        kind: ``biencoder``, ``classifier`` or ``crossencoder``.
        objective: What is learned, such as ``dummy-cosine``.
        base: The model to start from.
        rows: What is seen.
        settings: Choices that only this kind of training has, as JSON values.
        options: Choices that every training has.
    """

    kind: str
    objective: str
    base: BaseFacts
    rows: RowsFacts
    settings: Mapping[str, JsonValue]
    options: TrainOptions

    @property
    def key(self) -> str:
        """Hex digits, equal only for the same model, rows and choices."""
        told = self.to_json()
        del told["rows"]["source"], told["base"]["name"]  # files may be moved meanwhile
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "kind": self.kind,
            "objective": self.objective,
            "base": asdict(self.base),
            "rows": asdict(self.rows),
            "settings": dict(self.settings),
            "options": self.options.to_json(),
        }


def rows_sha256(rows: Iterable[Any]) -> str:
    """Return the hash of rows in order, each as JSON."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(orjson.dumps(row))
        digest.update(b"\n")
    return digest.hexdigest()
