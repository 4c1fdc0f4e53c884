"""A corpus whose labels can be learned from its words, indexed with the testing encoder."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import retrieval
from retrieval.observer import SILENT
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME
from tests.engine.corpora import built, jsonl

PRAISE = ["good", "fine", "lovely", "bright", "warm", "joyful"]
COMPLAINT = ["bad", "dull", "awful", "grey", "cold", "tired"]
NEUTRAL = ["film", "soup", "phone", "book", "chair", "street", "river", "song", "day", "house"]


def learnable_rows(count: int, *, seed: int = 0, noise: float = 0.2) -> list[dict[str, Any]]:
    """Return rows with a label that their words tell, but for some noise."""
    chance = random.Random(seed)
    rows = []
    for number in range(count):
        positive = chance.random() < 0.5
        words = PRAISE if positive ^ (chance.random() < noise) else COMPLAINT
        text = " ".join([*chance.sample(words, 2), *chance.sample(NEUTRAL, 4), f"n{number}"])
        label = "praise" if positive else "complaint"
        rows.append({"id": f"d{number:04d}", "text": text, "label": label})
    return rows


def learnable(
    folder: Path, count: int = 120, rows: list[dict[str, Any]] | None = None
) -> retrieval.Index:
    """Index such a corpus under the name ``notes``."""
    path = jsonl(folder / "notes.jsonl", learnable_rows(count) if rows is None else rows)
    return built(path, folder / "indexes")


def reopened(folder: Path, observer: retrieval.Observer = SILENT) -> retrieval.Index:
    """Open that index again."""
    register_fakes()
    return retrieval.open(folder / "indexes" / "notes", model=HASHING_NAME, observer=observer)
