"""Several sorted segments as the content of one: a k-way merge that streams.

Only the order of documents is held in memory (12 bytes a document); vectors and rows
pass through in blocks read past the memory maps, arrays through maps whose pages are
let go after each block.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.records import Numerics
from retrieval.store.columning import merged_values
from retrieval.store.container import AnyArray, Column
from retrieval.store.hashing import HASH_BYTES
from retrieval.store.segment import OpenSegment
from retrieval.store.wording import merged_words
from retrieval.store.words import merged_columns
from retrieval.vectors import Bitmap, FloatRows

_BLOCK_DOCUMENTS = 2048


class MergedContent:
    """The kept documents of several segments, in order of id, no id twice.

    Args:
        runs: At least one segment.
        keep: For each segment bool (documents,), the documents to take over.
    """

    def __init__(self, runs: Sequence[OpenSegment], keep: Sequence[Bitmap]) -> None:
        self._runs = runs
        self._keep = keep
        self.dim = runs[0].dim
        self.documents = int(sum(kept.sum() for kept in keep))
        self.passages = self.empty_documents = 0
        self.unseen_tokens = self.truncated_documents = 0
        for run, kept in zip(runs, keep, strict=True):
            self.passages += int(np.diff(run.passage_starts)[kept].sum())
            self.empty_documents += int(run.empty[kept].sum())
            unseen = run.column("doc.unseen")[kept]
            self.unseen_tokens += int(unseen.sum())
            self.truncated_documents += int((unseen > 0).sum())
        self.numerics: tuple[Numerics, ...] = tuple(
            dict.fromkeys(one for run in runs for one in run.segment.numerics)
        )
        self._order_run, self._order_document = self._order(keep)

    def _order(self, keep: Sequence[Bitmap]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        def ids(number: int) -> Iterator[tuple[bytes, int, int]]:
            run = self._runs[number]
            for ordinal in np.flatnonzero(keep[number]):
                yield run.id_bytes(int(ordinal)), number, int(ordinal)

        runs, documents = array("i"), array("q")
        for _, number, ordinal in heapq.merge(*(ids(number) for number in range(len(self._runs)))):
            runs.append(number)
            documents.append(ordinal)
            if len(documents) % _BLOCK_DOCUMENTS == 0:
                for run in self._runs:
                    run.drop_pages()
        return np.frombuffer(runs, dtype=np.int32), np.frombuffer(documents, dtype=np.int64)

    def _blocks(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        for start in range(0, self.documents, _BLOCK_DOCUMENTS):
            stop = start + _BLOCK_DOCUMENTS
            yield self._order_run[start:stop], self._order_document[start:stop]
            for run in self._runs:
                run.drop_pages()

    def vectors(self) -> Iterator[FloatRows]:
        for runs, documents in self._blocks():
            counts = self._passage_counts(runs, documents)
            starts = np.concatenate(([0], np.cumsum(counts)))
            rows = np.empty((int(starts[-1]), self.dim), dtype=np.float32)
            for number, places, first, last in _stretches(runs, documents):
                run = self._runs[number]
                begin, end = run.passage_starts[[first, last]]
                found = run.read_vectors(int(begin), int(end))
                offset = 0
                for place in places:
                    size = int(counts[place])
                    rows[starts[place] : starts[place] + size] = found[offset : offset + size]
                    offset += size
            yield rows

    def docs(self) -> Iterator[bytes]:
        for runs, documents in self._blocks():
            rows: list[bytes] = [b""] * len(runs)
            for number, places, first, last in _stretches(runs, documents):
                run = self._runs[number]
                block = run.read_docs(first, last)
                offsets = run.column("doc.offsets")[first : last + 1]
                offsets = (offsets - offsets[0]).tolist()
                for place, start, end in zip(places, offsets, offsets[1:], strict=False):
                    rows[place] = block[start:end]
            yield b"".join(rows)

    def columns(self) -> Mapping[str, Column]:
        documents, passages = self.documents, self.passages
        return {
            "doc.ids": Column(np.dtype("u1"), (self._id_bytes(),), self._ids()),
            "doc.id_offsets": self._offsets(lambda run, own: _sizes(run, "doc.id_offsets", own)),
            "doc.offsets": self._offsets(lambda run, own: _sizes(run, "doc.offsets", own)),
            "doc.passages": self._offsets(lambda run, own: _sizes(run, "doc.passages", own)),
            "doc.content_hash": self._copied("doc.content_hash", "u1", (documents, HASH_BYTES)),
            "doc.text_hash": self._copied("doc.text_hash", "u1", (documents, HASH_BYTES)),
            "doc.flags": self._copied("doc.flags", "u1", (documents,)),
            "doc.unseen": self._copied("doc.unseen", "<i4", (documents,)),
            "passage.spans": Column(np.dtype("<i4"), (passages, 2), self._spans()),
        }

    def words(self) -> Mapping[str, Column] | None:
        merged = merged_words(self._runs, self._keep, self._first_rows(), self.passages)
        return None if merged is None else merged_columns(*merged)

    def values(self) -> Mapping[str, Column] | None:
        merged = merged_values(self._runs, self._new_documents(), self.documents)
        return None if merged is None else merged.arrays()

    def _new_documents(self) -> list[NDArray[np.int32]]:
        """Return for each run the place of each document in the merge, -1 where it has none."""
        places = [np.full(run.segment.documents, -1, dtype=np.int32) for run in self._runs]
        for number, own in enumerate(places):
            taken = np.flatnonzero(self._order_run == number)
            own[self._order_document[taken]] = taken
        return places

    def _first_rows(self) -> list[NDArray[np.int64]]:
        """Return for each run the first row that each of its kept documents gets."""
        firsts = [np.empty(int(kept.sum()), dtype=np.int64) for kept in self._keep]
        done, row = [0] * len(firsts), 0
        for runs, documents in self._blocks():
            counts = self._passage_counts(runs, documents)
            starts = row + np.cumsum(counts) - counts
            row += int(counts.sum())
            for number in np.unique(runs):
                own = starts[runs == number]
                firsts[number][done[number] : done[number] + len(own)] = own
                done[number] += len(own)
        return firsts

    def _gathered(
        self,
        read: Callable[[OpenSegment, NDArray[np.int64]], AnyArray],
        runs: NDArray[np.int32],
        documents: NDArray[np.int64],
    ) -> AnyArray:
        """Return what ``read`` gives for each document of a block, in the block's order."""
        block: AnyArray | None = None
        for number in np.unique(runs):
            own = runs == number
            found = read(self._runs[number], documents[own])
            if block is None:
                block = np.empty((len(runs), *found.shape[1:]), dtype=found.dtype)
            block[own] = found
        return np.empty(0, dtype=np.int64) if block is None else block

    def _copied(self, name: str, dtype: str, shape: tuple[int, ...]) -> Column:
        def read(run: OpenSegment, own: NDArray[np.int64]) -> AnyArray:
            found: AnyArray = run.column(name)[own]
            return found

        blocks = (self._gathered(read, *block) for block in self._blocks())
        return Column(np.dtype(dtype), shape, blocks)

    def _passage_counts(
        self, runs: NDArray[np.int32], documents: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        return self._gathered(lambda run, own: _sizes(run, "doc.passages", own), runs, documents)

    def _offsets(self, sizes: Callable[[OpenSegment, NDArray[np.int64]], AnyArray]) -> Column:
        def blocks() -> Iterator[AnyArray]:
            total = np.zeros(1, dtype=np.int64)
            yield total
            for block in self._blocks():
                ends = total[-1] + np.cumsum(self._gathered(sizes, *block))
                yield ends
                total = ends[-1:]

        return Column(np.dtype("<i8"), (self.documents + 1,), blocks())

    def _id_bytes(self) -> int:
        return sum(
            int(self._gathered(lambda run, own: _sizes(run, "doc.id_offsets", own), *block).sum())
            for block in self._blocks()
        )

    def _ids(self) -> Iterator[AnyArray]:
        for runs, documents in self._blocks():
            ids = (
                self._runs[number].id_bytes(ordinal)
                for number, ordinal in zip(runs.tolist(), documents.tolist(), strict=True)
            )
            yield np.frombuffer(b"".join(ids), dtype=np.uint8)

    def _spans(self) -> Iterator[AnyArray]:
        for runs, documents in self._blocks():
            for number, ordinal in zip(runs.tolist(), documents.tolist(), strict=True):
                run = self._runs[number]
                start, end = run.passage_starts[ordinal : ordinal + 2]
                yield run.column("passage.spans")[start:end]


def _sizes(run: OpenSegment, name: str, ordinals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the lengths between an offsets column's entries, for some documents."""
    offsets: NDArray[Any] = run.column(name)
    return np.asarray(offsets[ordinals + 1] - offsets[ordinals], dtype=np.int64)


def _stretches(
    runs: NDArray[np.int32], documents: NDArray[np.int64]
) -> Iterator[tuple[int, list[int], int, int]]:
    """Group a block's documents into reads of neighbours within one run.

    Yields:
        Run number, places of the documents in the block, first ordinal, last + 1.
    """
    for number in np.unique(runs):
        places = np.flatnonzero(runs == number)
        ordinals = documents[places]
        for group in np.split(np.arange(len(places)), np.flatnonzero(np.diff(ordinals) != 1) + 1):
            first = int(ordinals[group[0]])
            yield int(number), places[group].tolist(), first, first + len(group)
