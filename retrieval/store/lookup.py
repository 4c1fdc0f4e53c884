"""Finding many documents by id at once, over all segments a writer starts from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.store.segment import OpenSegment


class IdTable:
    """Where each id lies: 64-bit digests, sorted; 20 bytes a document.

    Ids that share a digest are told apart by reading them. Where an id lies in several
    segments (deleted in all but one), every place is returned.

    Args:
        segments: The segments to look in; positions in this sequence are returned.
    """

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        counts = [one.segment.documents for one in segments]
        digests = np.fromiter(
            (
                _digest(one.id_bytes(ordinal))
                for one, count in zip(segments, counts, strict=True)
                for ordinal in range(count)
            ),
            dtype=np.uint64,
            count=sum(counts),
        )
        order = np.argsort(digests, kind="stable")
        self._digests = digests[order]
        self._segment_of = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[order]
        ordinals = [np.arange(count, dtype=np.int64) for count in counts]
        self._ordinal_of: NDArray[np.int64] = np.concatenate(
            [np.empty(0, dtype=np.int64), *ordinals]
        )[order]

    def find(self, ids: Sequence[bytes]) -> list[list[tuple[int, int]]]:
        """Return for each id the (segment, ordinal) pairs where it lies."""
        wanted = np.fromiter(map(_digest, ids), dtype=np.uint64, count=len(ids))
        starts = np.searchsorted(self._digests, wanted, side="left").tolist()
        ends = np.searchsorted(self._digests, wanted, side="right").tolist()
        return [
            [place for at in range(start, end) if self._id_of(place := self._place(at)) == doc_id]
            for doc_id, start, end in zip(ids, starts, ends, strict=True)
        ]

    def _place(self, at: int) -> tuple[int, int]:
        return int(self._segment_of[at]), int(self._ordinal_of[at])

    def _id_of(self, place: tuple[int, int]) -> bytes:
        return self._segments[place[0]].id_bytes(place[1])


def _digest(doc_id: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(doc_id, digest_size=8).digest(), "little")
