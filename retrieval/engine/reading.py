"""What an open index gives back: its documents and their vectors, as they are."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError, UsageError
from retrieval.records import Document
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, document_means

if TYPE_CHECKING:
    import os

    from retrieval.engine.exporting import ExportReport
    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter
    from retrieval.store.local import LocalStore
    from retrieval.store.segment import OpenSegment
    from retrieval.store.selection import Selection
    from retrieval.vectors import Bitmap

BLOCK_DOCUMENTS = 1024
"""Documents whose vectors are given at once."""


class VectorUnit(StrEnum):
    """What a row of vectors stands for."""

    PASSAGE = "passage"
    """A passage, as it was encoded."""
    DOCUMENT = "document"
    """A document: the mean of its passages, scaled to unit length."""


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """What ``get`` found.

    Attributes:
        documents: Documents that are there, in the order of the ids asked for.
        missing: Ids that no document has, in the order given.
    """

    documents: tuple[Document, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VectorRows:
    """A block of vectors.

    Attributes:
        ids: The document of each row.
        passages: int64 (rows,), the number of its passage there; 0 for documents.
        rows: float32 (rows, dim), unit rows; zero for a document without text.
    """

    ids: tuple[str, ...]
    passages: NDArray[np.int64]
    rows: FloatRows

    def __len__(self) -> int:
        return len(self.ids)


class ReadingMethods:
    """The part of ``Index`` that gives back what it holds."""

    name: str
    _store: LocalStore

    def get(self, ids: Iterable[str]) -> FoundDocuments:
        """Read documents by id.

        Args:
            ids: Ids; the order is kept, and a repeated one is read again.

        Returns:
            The documents, and the ids that no document has.

        Raises:
            UsageError: A single string was given instead of several ids.
        """
        snapshot = self._store.snapshot
        found: list[Document] = []
        missing: list[str] = []
        for doc_id in _several(ids, "get"):
            place = snapshot.find(doc_id)
            if place is None:
                missing.append(doc_id)
            else:
                found.append(snapshot.segments[place.segment].document(place.ordinal))
        return FoundDocuments(tuple(found), tuple(missing))

    def documents(self, *, where: GivenFilter = None) -> Iterator[Document]:
        """Yield documents in order of id, whatever segments they lie in.

        Args:
            where: A filter, as text or tree, that they have to match; None for all.

        Raises:
            FilterError: It cannot be read, or does not fit the fields.
        """
        snapshot = self._store.snapshot
        return _read(snapshot, _places(snapshot, snapshot.select(_filter(where))))

    def vectors(
        self, ids: Iterable[str] | None = None, *, unit: str | VectorUnit = VectorUnit.PASSAGE
    ) -> Iterator[VectorRows]:
        """Yield vectors in blocks, so that an index of any size can be read.

        Args:
            ids: Documents whose vectors are wanted, in this order; None for all, in order
                of id.
            unit: ``passage``, or ``document`` for one row each.

        Raises:
            UsageError: A single string was given instead of several ids, or no such unit.
            InputError: A document is not there.
        """
        wanted = _unit(unit)
        snapshot = self._store.snapshot
        places = _places(snapshot, None) if ids is None else iter(_found(snapshot, ids))
        return _blocks(snapshot, places, wanted)

    def export(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        vectors: str | os.PathLike[str] | None = None,
        unit: str | VectorUnit = VectorUnit.DOCUMENT,
    ) -> ExportReport:
        """Write the documents to a file that ``build`` reads back to an equal index.

        Args:
            path: File for the documents, JSON Lines in order of id; None for none.
            vectors: File for the vectors, ``.npy``; its rows are in the order of the
                documents, and a file beside it ends in ``.ids.jsonl`` and names them.
            unit: What a row of vectors is: a ``document`` (the form that ``build`` takes as
                own vectors) or a ``passage``.

        Returns:
            What was written; each file is whole or as it was before.

        Raises:
            UsageError: There is nothing to write, or no such unit.
            FileSystemError: The machine refused to write.
        """
        from retrieval.engine.exporting import export

        return export(self, path, vectors, _unit(unit))

    @property
    def snapshot(self) -> Snapshot:
        """The generation that searches see."""
        return self._store.snapshot


def _several(ids: Iterable[str], name: str) -> list[str]:
    if isinstance(ids, str):
        raise UsageError(f"{name} takes several ids; write {name}([{ids!r}]).")
    return list(ids)


def _unit(unit: str | VectorUnit) -> VectorUnit:
    try:
        return VectorUnit(unit)
    except ValueError:
        raise UsageError(
            f"A row of vectors is a {' or a '.join(VectorUnit)}, not a {str(unit)!r}."
        ) from None


def _filter(where: GivenFilter) -> Filter | None:
    if where is None:
        return None
    from retrieval.query.filter_parsing import filter_of

    return filter_of(where)


def _places(snapshot: Snapshot, chosen: Selection | None) -> Iterator[Place]:
    """Yield where every live document lies, or every chosen one, in order of id."""
    ordered = (
        _of_segment(number, one, None if chosen is None else chosen.documents[number])
        for number, one in enumerate(snapshot.segments)
    )
    for _, place in heapq.merge(*ordered, key=itemgetter(0)):
        yield place


def _of_segment(
    number: int, segment: OpenSegment, chosen: Bitmap | None
) -> Iterator[tuple[bytes, Place]]:
    ordinals = segment.live_ordinals() if chosen is None else np.flatnonzero(chosen).tolist()
    for ordinal in ordinals:
        yield segment.id_bytes(ordinal), Place(number, ordinal)


def _read(snapshot: Snapshot, places: Iterator[Place]) -> Iterator[Document]:
    for place in places:
        yield snapshot.segments[place.segment].document(place.ordinal)


def _found(snapshot: Snapshot, ids: Iterable[str]) -> list[Place]:
    asked = _several(ids, "vectors")
    places = [(doc_id, snapshot.find(doc_id)) for doc_id in asked]
    missing = [doc_id for doc_id, place in places if place is None]
    if missing:
        raise InputError(
            f"There is no document {missing[0]!r}"
            + (f", nor {len(missing) - 1} others that were asked for." if missing[1:] else "."),
            fix="Ask for ids of this index; get(ids) tells which are missing.",
        )
    return [place for _, place in places if place is not None]


def _blocks(snapshot: Snapshot, places: Iterator[Place], unit: VectorUnit) -> Iterator[VectorRows]:
    while batch := list(islice(places, BLOCK_DOCUMENTS)):
        yield _block(snapshot, batch, unit)
        for one in snapshot.segments:
            one.drop_pages()


def _block(snapshot: Snapshot, places: Sequence[Place], unit: VectorUnit) -> VectorRows:
    ids = [snapshot.doc_id(place) for place in places]
    own = []
    for place in places:
        segment = snapshot.segments[place.segment]
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2]
        own.append(segment.vectors[start:end])
    sizes = np.array([len(rows) for rows in own], dtype=np.int64)
    rows = np.concatenate(own)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if unit is VectorUnit.DOCUMENT:
        passages = np.zeros(len(places), dtype=np.int64)
        return VectorRows(tuple(ids), passages, document_means(rows, starts))
    passages = np.arange(len(rows), dtype=np.int64) - np.repeat(starts[:-1], sizes)
    named = (doc_id for doc_id, size in zip(ids, sizes.tolist(), strict=True) for _ in range(size))
    return VectorRows(tuple(named), passages, rows)
