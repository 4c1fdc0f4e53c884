"""Vectors of the latest texts, so that a copy of one is not encoded again."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence

import numpy as np

from retrieval.vectors import FloatRows

_SIZE_BYTES = 32 << 20
_DIGEST_BYTES = 16


class KnownTexts:
    """Encodes texts, each distinct one once as long as it is remembered.

    Safe to call from several threads; what two of them encode at the same time is encoded twice.

    Args:
        encode: Texts to float32 (n, dim).
        dim: Length of a vector.
        size_bytes: What the vectors remembered take at most.

    Attributes:
        repeated: Texts so far that took the vector of an earlier one.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[str]], FloatRows],
        dim: int,
        size_bytes: int = _SIZE_BYTES,
    ) -> None:
        self._encode = encode
        self._rows = np.empty((max(1, size_bytes // (4 * dim)), dim), dtype=np.float32)
        self._digests: list[bytes] = []  # of each row that is filled
        self._places: dict[bytes, int] = {}
        self._next = 0  # the row that is overwritten next
        self._turn = threading.Lock()
        self.repeated = 0

    def __call__(self, texts: Sequence[str]) -> FloatRows:
        """Return the vectors of texts: float32 (n, dim), in their order."""
        found = np.empty((len(texts), self._rows.shape[1]), dtype=np.float32)
        fresh: dict[bytes, list[int]] = {}
        with self._turn:
            for number, text in enumerate(texts):
                digest = hashlib.blake2b(
                    text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES
                ).digest()
                place = self._places.get(digest)
                if place is None:
                    fresh.setdefault(digest, []).append(number)
                else:
                    found[number] = self._rows[place]
            self.repeated += len(texts) - len(fresh)
        if fresh:
            rows = self._encode([texts[numbers[0]] for numbers in fresh.values()])
            for numbers, row in zip(fresh.values(), rows, strict=True):
                found[numbers] = row
            with self._turn:
                for digest, row in zip(fresh, rows, strict=True):
                    self._remember(digest, row)
        return found

    def _remember(self, digest: bytes, row: FloatRows) -> None:
        if digest in self._places:
            return
        at = self._next
        if at < len(self._digests):
            del self._places[self._digests[at]]
            self._digests[at] = digest
        else:
            self._digests.append(digest)
        self._places[digest] = at
        self._rows[at] = row
        self._next = (at + 1) % len(self._rows)
