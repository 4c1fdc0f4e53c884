"""Grouping texts of like length, so that little of a run is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

MAX_RUN_TOKENS = 4096
"""Most tokens of any run, padding included; a runtime keeps the memory of its largest one."""

CORE_RUN_TOKENS = 512
"""Tokens of a run that one core does alone: more no longer fit its cache."""


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each batch, longest texts first.

    Longest first, so that the largest run comes at once: memory does not creep up, and
    a text that is too much for the machine fails early.

    Args:
        lengths: Tokens of each text.
        budget: Most tokens of a batch, padding included. A text longer than that is a
            batch of its own.

    Yields:
        int64 (rows,); every row number appears in exactly one batch.
    """
    longest_first = np.argsort(-np.asarray(lengths, dtype=np.int64), kind="stable")
    start = 0
    while start < len(longest_first):
        width = max(1, lengths[longest_first[start]])
        stop = start + max(1, budget // width)
        yield longest_first[start:stop]
        start = stop


def padded(
    rows: Sequence[NDArray[np.int64]], padding: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return token ids as a rectangle, filled on the right, and its mask.

    Args:
        rows: int64 (tokens,) of each text.
        padding: Id of the padding token.

    Returns:
        ids and mask, int64 (texts, longest); the mask is 1 where a token is.
    """
    width = max(len(row) for row in rows)
    ids = np.full((len(rows), width), padding, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask
