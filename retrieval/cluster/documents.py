"""The documents of an index as rows, one each, in the order of their ids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.records import Document
from retrieval.store.reader import Snapshot
from retrieval.store.segment import OpenSegment
from retrieval.vectors import FloatRows, unit_rows

_BLOCK_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DocumentRows:
    """Every document with text as one direction: the mean of its passages.

    Rows are sorted by id (as bytes), whatever segments the documents lie in, so what is
    computed from them does not depend on how the index came about.

    Attributes:
        ids: Ids, ascending.
        rows: float32 (n, dim), unit rows.
        segments: int32 (n,), the segment each lies in.
        ordinals: int64 (n,), its ordinal there.
        empty: Documents left out because they have no text.
        snapshot: Where they lie.
    """

    ids: tuple[str, ...]
    rows: FloatRows
    segments: NDArray[np.int32]
    ordinals: NDArray[np.int64]
    empty: int
    snapshot: Snapshot

    def __len__(self) -> int:
        return len(self.ids)

    def document(self, row: int) -> Document:
        """Read the document of a row."""
        segment = self.snapshot.segments[int(self.segments[row])]
        return segment.document(int(self.ordinals[row]))


def document_rows(snapshot: Snapshot) -> DocumentRows:
    """Read the documents of a snapshot as rows.

    A document is the sum of its passages' unit vectors scaled to length 1, which has the
    direction of their mean. Deleted documents and those without text are left out.

    Args:
        snapshot: The generation to read.

    Raises:
        DamagedIndexError: A part of it is not what was written.
    """
    ids: list[str] = []
    keys: list[bytes] = []
    blocks, segments, ordinals = [], [], []
    empty = 0
    for number, segment in enumerate(snapshot.segments):
        wanted = np.flatnonzero(~segment.deleted & ~segment.empty)
        empty += int((~segment.deleted & segment.empty).sum())
        blocks.append(_directions(segment, wanted))
        segments.append(np.full(len(wanted), number, dtype=np.int32))
        ordinals.append(wanted.astype(np.int64))
        keys += [segment.id_bytes(at) for at in wanted.tolist()]
        ids += [segment.doc_id(at) for at in wanted.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    nothing = np.empty((0, snapshot.manifest.model.dim), dtype=np.float32)
    return DocumentRows(
        ids=tuple(ids[at] for at in order),
        rows=np.concatenate([nothing, *blocks])[order],
        segments=np.concatenate([np.empty(0, dtype=np.int32), *segments])[order],
        ordinals=np.concatenate([np.empty(0, dtype=np.int64), *ordinals])[order],
        empty=empty,
        snapshot=snapshot,
    )


def _directions(segment: OpenSegment, wanted: NDArray[np.int64]) -> FloatRows:
    """Return the direction of each wanted document: float32 (m, dim), unit rows."""
    starts, dim = segment.passage_starts, segment.dim
    found = np.empty((len(wanted), dim), dtype=np.float32)
    counts = (starts[1:] - starts[:-1])[wanted]
    most = max(1, _BLOCK_BYTES // (8 * dim))
    # blocks of whole documents, each of about so many passages
    parts = np.concatenate(([0], np.cumsum(counts)[:-1])) // most if len(wanted) else wanted
    for part in np.unique(parts):
        at = np.flatnonzero(parts == part)
        own = counts[at]
        first = np.concatenate(([0], np.cumsum(own)[:-1]))
        rows = np.repeat(starts[wanted[at]] - first, own) + np.arange(own.sum())
        sums = np.add.reduceat(segment.vectors[rows].astype(np.float64), first, axis=0)
        found[at] = unit_rows(sums)
    return found
