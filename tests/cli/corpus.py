"""A small corpus that the tests of commands share."""

from __future__ import annotations

import json
from pathlib import Path

REVIEWS = [
    {"id": "r1", "text": "A positive review. The film is a joy from start to end.", "year": 1999},
    {"id": "r2", "text": "The soup was cold and the waiter slow.", "year": 2004},
    {"id": "r3", "text": "A phone with a battery that lasts two days.", "year": 2021},
    {"id": "r4", "text": "This novel bored me. I gave up after a hundred pages.", "year": 2010},
    {"id": "r5", "text": "A dish worth the journey, and a positive surprise.", "year": 2015},
]


def write_reviews(folder: Path, name: str = "reviews.jsonl") -> Path:
    """Write the corpus as JSON Lines and return its path."""
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in REVIEWS), encoding="utf-8")
    return path
