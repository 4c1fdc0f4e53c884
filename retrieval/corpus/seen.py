"""Which ids were met, in 32 bytes an id at most, whatever their length."""

from __future__ import annotations

import hashlib

import numpy as np

_START_SLOTS = 1 << 10
_BLOCK_SLOTS = 1 << 12


class SeenIds:
    """A set of strings kept as 128-bit digests in an open-addressing table.

    Two different ids are taken for one with a probability of about n^2 / 2^129.
    """

    def __init__(self) -> None:
        self._slots = np.zeros((_START_SLOTS, 2), dtype=np.uint64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, doc_id: str) -> bool:
        """Take an id in; return whether it is new."""
        digest = hashlib.blake2b(doc_id.encode(), digest_size=16).digest()
        low = int.from_bytes(digest[:8], "little")
        high = int.from_bytes(digest[8:], "little") or 1  # a zero would mark a free slot
        mask = len(self._slots) - 1
        at = low & mask
        while (found := self._slots[at])[1]:
            if found[0] == low and found[1] == high:
                return False
            at = (at + 1) & mask
        self._slots[at] = low, high
        self._count += 1
        if 10 * self._count > 7 * len(self._slots):
            self._grow()
        return True

    def _grow(self) -> None:
        old, slots = self._slots, np.zeros((2 * len(self._slots), 2), dtype=np.uint64)
        mask = len(slots) - 1
        taken = slots[:, 1]
        # a block at a time: Python's integers take nine times the room of the digests
        for start in range(0, len(old), _BLOCK_SLOTS):
            block = old[start : start + _BLOCK_SLOTS]
            for low, high in block[block[:, 1] != 0].tolist():
                at = low & mask
                while taken[at]:
                    at = (at + 1) & mask
                slots[at] = low, high
        self._slots = slots
