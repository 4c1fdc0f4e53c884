"""The training card: what a trained model was made of, kept beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import orjson

from retrieval.errors import InputError

CARD_NAME = "training.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One validation, or the end of a stretch without any.

    Attributes:
        step: Steps done.
        epoch: Epochs done, such as 0.5.
        loss: Mean loss of the steps since the point before.
        value: The validation's measure; None without validation rows.
        also: Other values of the validation, by name.
        seconds: Of work, from the start.
    """

    step: int
    epoch: float
    loss: float
    value: float | None
    also: Mapping[str, float]
    seconds: float

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` gives."""
        return cls(**{one.name: told[one.name] for one in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCard:
    """What was trained, from what, on what, and how it went.

    Attributes:
        kind: ``biencoder``, ``classifier`` or ``crossencoder``.
        objective: What was learned, such as ``dummy-cosine``.
        key: Hex digits of everything that decides the result.
        base: Name and hashes of the model it started from.
        rows: Source, numbers, hashes and split of the rows.
        settings: Choices of this kind of training.
        options: Choices that every training has.
        measure: What decided which weights were kept; empty without validation rows.
        best: Its best value; None without.
        best_step: After which step that was; the published weights are those.
        stopped_early: Whether the patience ran out.
        curve: Each validation.
        steps: Steps done.
        seconds: Of work, interruptions left out.
        resumed: How often it was taken up again.
        device: Where it ran.
        precision: In which numbers, as measured or asked for.
        machine: Processor or card, cores, system.
        versions: Of the libraries.
        created: When, ISO 8601 in UTC.
        checks: What was measured besides, such as general search before and after.
    """

    kind: str
    objective: str
    key: str
    base: Mapping[str, Any]
    rows: Mapping[str, Any]
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    measure: str
    best: float | None
    best_step: int
    stopped_early: bool
    curve: tuple[CurvePoint, ...]
    steps: int
    seconds: float
    resumed: int
    device: str
    precision: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    created: str
    checks: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            InputError: It is not that.
        """
        try:
            if told["schema_version"] != SCHEMA_VERSION:
                raise InputError(
                    f"The training card has schema version {told['schema_version']}; this"
                    f" version reads {SCHEMA_VERSION}.",
                    fix="Install a newer version.",
                )
            found = {one.name: told[one.name] for one in fields(cls)}
            found["curve"] = tuple(CurvePoint.from_json(one) for one in told["curve"])
            return cls(**found)
        except (KeyError, TypeError) as error:
            raise InputError(f"Not a training card: {error!r}.") from error


def read_card(folder: Path) -> TrainingCard | None:
    """Read the training card of a model's folder; None where there is none.

    Raises:
        InputError: There is one that cannot be read.
    """
    path = folder / CARD_NAME
    try:
        return TrainingCard.from_json(orjson.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
