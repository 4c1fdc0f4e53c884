"""Drawing documents of an index at random, so that the draw can be repeated."""

from __future__ import annotations

import hashlib

import numpy as np

from retrieval.errors import UsageError
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot


def draw(snapshot: Snapshot, count: int, *, seed: int) -> tuple[list[Place], int]:
    """Draw documents with a text, each set of so many as likely as any other.

    Every document has a number of its own, the SHA-256 of seed and id, and those with the
    smallest are drawn, smallest first (permanent random numbers, Ohlsson (1995)). So a
    larger draw begins with the smaller one, what is judged first is a random sample too, and
    documents that come or go change nothing about the order of the others.

    Args:
        snapshot: The generation to draw from.
        count: Documents wanted; all where there are fewer.
        seed: Of the draw.

    Returns:
        The documents, and how many could have been drawn.

    Raises:
        UsageError: There is none.
    """
    places: list[Place] = []
    keys: list[bytes] = []
    start = hashlib.sha256(f"{seed}\n".encode())
    for number, segment in enumerate(snapshot.segments):
        for ordinal in np.flatnonzero(~(segment.deleted | segment.empty)).tolist():
            digest = start.copy()
            digest.update(segment.doc_id(ordinal).encode())
            places.append(Place(number, ordinal))
            keys.append(digest.digest())
    if not places:
        raise UsageError("The index has no document with a text.")
    order = sorted(range(len(places)), key=keys.__getitem__)
    return [places[at] for at in order[:count]], len(places)
