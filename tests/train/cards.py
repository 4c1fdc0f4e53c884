"""Training cards of trainings that never were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from retrieval.train.card import CARD_NAME, CurvePoint, TrainingCard


def made_card(
    values: Sequence[float | None],
    *,
    measure: str = "accuracy",
    also: Mapping[str, float] | None = None,
    validated_on: str = "rows",
    **given: Any,
) -> TrainingCard:
    """Return a card with a point of the curve for each value."""
    known = [value for value in values if value is not None]
    best = max(known) if known else None
    points = tuple(
        CurvePoint(
            step=10 * number,
            epoch=float(number),
            loss=1.0 / number,
            value=value,
            also=dict(also or {}),
            seconds=60.0 * number,
        )
        for number, value in enumerate(values, 1)
    )
    fields: dict[str, Any] = {
        "kind": "classifier",
        "objective": "classes from cls",
        "key": "k",
        "base": {"name": "base"},
        "rows": {"rows": 9, "validation_rows": 3, "validation_sha256": validated_on},
        "settings": {},
        "options": {},
        "measure": measure if known else "",
        "best": best,
        "best_step": 10 * (list(values).index(best) + 1) if known else 10 * len(values),
        "stopped_early": False,
        "curve": points,
        "steps": 10 * len(values),
        "seconds": 60.0 * len(values),
        "resumed": 0,
        "device": "cpu",
        "precision": "fp32",
        "machine": {},
        "versions": {},
        "created": "2026-01-01T00:00:00Z",
        "checks": {},
    }
    return TrainingCard(**{**fields, **given})


def write_card(folder: Path, card: TrainingCard) -> str:
    """Keep a card as a trained model's folder does; return the folder."""
    folder.mkdir(parents=True)
    (folder / CARD_NAME).write_bytes(orjson.dumps(card.to_json()))
    return str(folder)
