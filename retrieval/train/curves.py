"""The curves of several trainings side by side, from their cards."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import InputError, UsageError
from retrieval.train.card import CARD_NAME, CurvePoint, TrainingCard, read_card

USUAL = ("AP", "accuracy", "Spearman", "nDCG@10")
"""Measures in the order they are shown, if there are any of them; others follow."""
_FOR_ITSELF = ("validation loss",)
"""What is lower when it is better, and no measure to compare systems by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedSystem:
    """One training among others.

    Attributes:
        name: Its folder's name; with the folder above it where two are called alike.
        folder: The folder as it was given.
        card: Its training card.
    """

    name: str
    folder: str
    card: TrainingCard

    def value(self, point: CurvePoint, measure: str) -> float | None:
        """Return a measure at a point of the curve; None where it was not measured."""
        return point.value if self.card.measure == measure else point.also.get(measure)

    @property
    def kept(self) -> CurvePoint | None:
        """The point whose weights were published; None without a curve."""
        found = [one for one in self.card.curve if one.step == self.card.best_step]
        return found[0] if found else (self.card.curve[-1] if self.card.curve else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Several trainings side by side.

    Attributes:
        systems: In the order given.
        measures: Every measure that any of them has, the usual ones first.
        warnings: Why they may not be compared, one sentence each.
    """

    systems: tuple[TrainedSystem, ...]
    measures: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values, without schema version."""
        return {
            "systems": [
                {
                    "name": one.name,
                    "folder": one.folder,
                    "kind": one.card.kind,
                    "objective": one.card.objective,
                    "seconds": one.card.seconds,
                    "best_step": one.card.best_step,
                    "curve": [
                        {
                            **asdict(point),
                            "measures": {
                                name: one.value(point, name)
                                for name in self.measures
                                if one.value(point, name) is not None
                            },
                        }
                        for point in one.card.curve
                    ],
                }
                for one in self.systems
            ],
            "measures": list(self.measures),
            "warnings": list(self.warnings),
        }


def read_curves(folders: Sequence[str | os.PathLike[str]]) -> Curves:
    """Read the cards of trained models.

    Args:
        folders: At least one, each once.

    Raises:
        UsageError: No folder, or one of them twice.
        InputError: A folder has no card, or one that cannot be read.
    """
    places = [os.fspath(one) for one in folders]
    if not places:
        raise UsageError("No folder of a trained model was named.")
    real = [Path(one).resolve() for one in places]
    for place, path in zip(places, real, strict=True):
        if real.count(path) > 1:
            raise UsageError(f"{place} was named twice.", fix="Name each folder once.")
    cards: list[TrainingCard] = []
    for place in places:
        card = read_card(Path(place))
        if card is None:
            raise InputError(
                f"{place} has no training card ({CARD_NAME}).",
                fix="Name folders that retrieve train made.",
            )
        cards.append(card)
    names = [path.name for path in real]
    systems = tuple(
        TrainedSystem(
            name=f"{path.parent.name}/{name}" if names.count(name) > 1 else name,
            folder=place,
            card=card,
        )
        for name, path, place, card in zip(names, real, places, cards, strict=True)
    )
    return Curves(systems=systems, measures=_measures(cards), warnings=tuple(_warnings(systems)))


def _measures(cards: Sequence[TrainingCard]) -> tuple[str, ...]:
    there: dict[str, None] = {}
    for card in cards:
        if card.measure:
            there[card.measure] = None
        for point in card.curve:
            there.update(dict.fromkeys(point.also))
    known = [name for name in USUAL if name in there]
    return (*known, *(name for name in there if name not in {*USUAL, *_FOR_ITSELF}))


def _warnings(systems: Sequence[TrainedSystem]) -> list[str]:
    validated = {one.card.rows["validation_sha256"] for one in systems}
    found = []
    if len(validated) > 1:
        found.append(
            "These trainings were not validated on the same rows: their figures differ for that"
            " reason, too. Give each the same --validation FILE."
        )
    positive = {one.card.settings.get("positive", "") for one in systems} - {""}
    if len(positive) > 1:
        told = ", ".join(map(repr, sorted(map(str, positive))))
        found.append(f"AP is that of different classes: {told}.")
    return found
