"""Whether the same text is on both sides of a split."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from retrieval.vectors import FloatRows

NEAR = 0.95
"""Cosine from which two texts count as nearly the same."""
BLOCK = 1024
NO_WORDS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Return a text without what case, punctuation and white space add."""
    return NO_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def shared_texts(known: Sequence[str], asked: Sequence[str]) -> int:
    """Return how many asked texts are, once folded, among the known ones."""
    seen = {folded(text) for text in known}
    return sum(folded(text) in seen for text in asked)


def near_texts(known: FloatRows, asked: FloatRows, least: float = NEAR) -> int:
    """Return how many asked rows have a known row of at least this cosine.

    Args:
        known: float32 (n, dim), unit rows.
        asked: float32 (m, dim), unit rows.
        least: The cosine; equal texts count as well.
    """
    found = 0
    for start in range(0, len(asked), BLOCK):
        best = np.max(asked[start : start + BLOCK] @ known.T, axis=1, initial=-1.0)
        found += int((best >= least).sum())
    return found
