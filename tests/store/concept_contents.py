"""Concepts as the store sees them: a record and arrays that fit, made from the name alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrieval.store.concepts import ConceptContent
from tests.store.documents import DIM, identity, vector

IDS = ["d0", "d1", "d2", "d3"]


def direction(name: str) -> list[float]:
    """Return the direction of a concept of this name."""
    found: list[float] = vector(f"concept {name}")[0].tolist()
    return found


def concept_content(name: str, **changed: Any) -> ConceptContent:
    """Return a concept of four documents and two folds; ``changed`` are fields of its record."""
    record = {
        "name": name,
        "version": 0,
        "model": identity().fingerprint,
        "created": "2026-01-01T00:00:00Z",
        "doc_ids": IDS,
        **changed,
    }
    return ConceptContent(
        record=record,
        arrays={
            "direction": vector(f"concept {name}")[0],
            "folds": np.concatenate([vector(f"{name} {fold}") for fold in range(2)]),
            "fold_of": np.array([0, 1, 0, 1], dtype=np.int32),
            "labels": np.array([1, 1, 0, 0], dtype=np.uint8),
            "curve.scores": np.empty(0, dtype=np.float64),
        },
    )


assert len(direction("any")) == DIM
