"""Several columns as one, field by field and block by block, so that little is held at a time."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.filters.field_types import Kind
from retrieval.store.columns import Columns, columns_record
from retrieval.store.container import AnyArray, Column, whole

BLOCK_DOCUMENTS = 1 << 16
_TERMS_AT_ONCE = 8192

DROPPED = -1
"""New row of a document that is not taken over."""

_CODED = (Kind.STRING, Kind.DATE, Kind.MEMBER)
"""Kinds whose cells are numbers of strings."""


@dataclass(frozen=True, slots=True)
class _Block:
    rows: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    cells: NDArray[np.int64]


class MergedColumns:
    """Columns of runs of documents that are interleaved, some of them dropped.

    Strings that no document taken over has are left out, and so are such fields.

    Args:
        runs: The columns of each run.
        new_rows: For each run int32 (documents,), the row each document gets, ascending but
            for ``DROPPED``; no two documents get the same.
        documents: Rows there will be.
        block_documents: Documents that are merged at a time.
        after_block: Called when a block was taken, such as to let go of what was read.
    """

    def __init__(
        self,
        runs: Sequence[Columns],
        new_rows: Sequence[NDArray[np.int32]],
        documents: int,
        *,
        block_documents: int = BLOCK_DOCUMENTS,
        after_block: Callable[[], None] = lambda: None,
    ) -> None:
        self._runs = runs
        self._new_rows = new_rows
        self._after_block = after_block
        self._borders = [_borders(rows, documents, block_documents) for rows in new_rows]
        self._used = [np.zeros(len(run.terms), dtype=bool) for run in runs]
        names = sorted({name for run in runs for name in run.fields})
        sizes = [self._count(name) for name in names]
        self._fields = [name for name, size in zip(names, sizes, strict=True) if size]
        self._starts = np.zeros(len(self._fields) + 1, dtype=np.int64)
        np.cumsum([size for size in sizes if size], out=self._starts[1:])
        self._codes = [np.full(len(run.terms), -1, dtype=np.int32) for run in runs]
        self._merge_terms()

    def _count(self, field: str) -> int:
        """Return how many entries of a field are taken over, and note the strings they use."""
        count = 0
        for number, run in enumerate(self._runs):
            for block in self._of_run(number, field) if field in run.numbers else ():
                count += len(block.rows)
                self._used[number][block.cells[np.isin(block.kinds, _CODED)]] = True
                self._after_block()
        return count

    def _of_run(self, number: int, field: str) -> Iterator[_Block]:
        """Yield the entries of a field in a run that are taken over, block by block of new rows."""
        run, new_rows = self._runs[number], self._new_rows[number]
        own = run.entries_of(field)
        rows, kinds, cells = run.rows[own], run.kinds[own], run.cells[own]
        for first, last in np.searchsorted(rows, self._borders[number]):
            moved = new_rows[rows[first:last]]
            kept = moved != DROPPED
            yield _Block(moved[kept], kinds[first:last][kept], cells[first:last][kept])

    def _merge_terms(self) -> None:
        """Give every string that is used its number in the merge."""
        ends, instants = array("q", [0]), array("q")
        for term, sources in self._merged_terms():
            for number, old in sources:
                self._codes[number][old] = len(instants)
            number, old = sources[0]
            instants.append(int(self._runs[number].terms.instants[old]))
            ends.append(ends[-1] + len(term))
        self._term_offsets = np.frombuffer(ends, dtype=np.int64)
        self._instants = np.frombuffer(instants, dtype=np.int64)

    def _merged_terms(self) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
        """Yield every string that is used, ascending, with its runs and numbers there."""

        def used(number: int) -> Iterator[tuple[bytes, int, int]]:
            terms = self._runs[number].terms
            for old in np.flatnonzero(self._used[number]).tolist():
                yield terms.term(old), number, old

        last: bytes | None = None
        sources: list[tuple[int, int]] = []
        taken = 0
        for term, number, old in heapq.merge(*(used(at) for at in range(len(self._runs)))):
            if term != last:
                if last is not None:
                    yield last, sources
                last, sources = term, []
                taken += 1
                if taken % _TERMS_AT_ONCE == 0:
                    self._after_block()
            sources.append((number, old))
        if last is not None:
            yield last, sources

    def _blocks(self) -> Iterator[_Block]:
        """Yield all entries: fields one after another, the rows of each ascending."""
        for field in self._fields:
            runs = [number for number, run in enumerate(self._runs) if field in run.numbers]
            for blocks in zip(*(self._of_run(number, field) for number in runs), strict=True):
                cells = [
                    self._recoded(number, block) for number, block in zip(runs, blocks, strict=True)
                ]
                rows = np.concatenate([block.rows for block in blocks])
                # a document is of one run, where its entries are in order already
                order = np.argsort(rows, kind="stable")
                yield _Block(
                    rows[order],
                    np.concatenate([block.kinds for block in blocks])[order],
                    np.concatenate(cells)[order],
                )
                self._after_block()

    def _recoded(self, number: int, block: _Block) -> NDArray[np.int64]:
        cells = block.cells.copy()
        coded = np.isin(block.kinds, _CODED)
        cells[coded] = self._codes[number][cells[coded]]
        return cells

    def _blob(self) -> Iterator[AnyArray]:
        held: list[bytes] = []
        for term, _ in self._merged_terms():
            held.append(term)
            if len(held) == _TERMS_AT_ONCE:
                yield np.frombuffer(b"".join(held), dtype=np.uint8)
                held = []
        yield np.frombuffer(b"".join(held), dtype=np.uint8)

    def arrays(self) -> Mapping[str, Column]:
        """Return the merge as the arrays of a columns part; entries pass through in blocks."""
        entries = (int(self._starts[-1]),)
        return {
            "columns.starts": whole(self._starts),
            "columns.rows": Column(np.dtype("<i4"), entries, (one.rows for one in self._blocks())),
            "columns.kinds": Column(np.dtype("u1"), entries, (one.kinds for one in self._blocks())),
            "columns.cells": Column(
                np.dtype("<i8"), entries, (one.cells for one in self._blocks())
            ),
            "columns.terms": Column(np.dtype("u1"), (int(self._term_offsets[-1]),), self._blob()),
            "columns.term_offsets": whole(self._term_offsets),
            "columns.instants": whole(self._instants),
            "columns.record": columns_record(self._fields),
        }


def _borders(new_rows: NDArray[np.int32], documents: int, block: int) -> NDArray[np.int32]:
    """Return for each block of new rows the documents [first, last) that it lies among.

    Returns:
        int32 (blocks, 2).
    """
    kept = np.flatnonzero(new_rows != DROPPED)
    firsts = np.searchsorted(new_rows[kept], np.arange(0, max(documents, 1), block))
    places = np.append(kept, len(new_rows))[firsts]
    # of the type of rows, which would be copied to be compared with another
    return np.stack([places, np.append(places[1:], len(new_rows))], axis=1).astype(np.int32)
