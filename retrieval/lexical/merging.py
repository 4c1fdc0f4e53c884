"""Several postings as one, term range by term range, so that little is held at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.lexical.postings import Postings, ReadEntries, counted, joined

BLOCK_TERMS = 8192
BLOCK_POSTINGS = 1 << 18

DROPPED = -1
"""New row of a passage that is not taken over."""


@dataclass(frozen=True, slots=True)
class MergedBlock:
    """The next terms of a merge, ascending.

    Attributes:
        terms: The terms that are in any passage taken over.
        sizes: int64 (terms,), how many passages each is in.
        entries: int32 (2 * sizes.sum(),), as in ``Postings``.
    """

    terms: list[bytes]
    sizes: NDArray[np.int64]
    entries: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class MergedSizes:
    """What a merge will have, before any of it is written.

    Attributes:
        term_offsets: int64 (terms + 1,).
        offsets: int64 (terms + 1,).
    """

    term_offsets: NDArray[np.int64]
    offsets: NDArray[np.int64]


class MergedPostings:
    """Postings of several runs of passages that are interleaved, some of them dropped.

    Args:
        runs: The postings of each run.
        new_rows: For each run int32 (passages,), the row each passage gets, ascending but
            for ``DROPPED``; no two passages get the same.
        passages: Rows there will be.
        read: For each run what reads its entries; none to take them as they are.
        block_terms: Terms of the largest vocabulary that are merged at a time.
        block_postings: Postings that are merged at a time; a single term may have more.
        after_block: Called when a block was taken, such as to let go of what was read.
    """

    def __init__(
        self,
        runs: Sequence[Postings],
        new_rows: Sequence[NDArray[np.int32]],
        passages: int,
        *,
        read: Sequence[ReadEntries] = (),
        block_terms: int = BLOCK_TERMS,
        block_postings: int = BLOCK_POSTINGS,
        after_block: Callable[[], None] = lambda: None,
    ) -> None:
        self._after_block = after_block
        self._block_terms = block_terms
        self._block_postings = block_postings
        self._runs = runs
        self._read: Sequence[ReadEntries | None] = read or [None] * len(runs)
        self._new_rows = new_rows
        self.passages = passages

    def sizes(self) -> MergedSizes:
        """Go through the postings once and count what will be left."""
        lengths = [np.zeros(1, dtype=np.int64)]
        counts = [np.zeros(1, dtype=np.int64)]
        for block in self.blocks():
            lengths.append(np.fromiter(map(len, block.terms), np.int64, len(block.terms)))
            counts.append(block.sizes)
        return MergedSizes(np.cumsum(np.concatenate(lengths)), np.cumsum(np.concatenate(counts)))

    def lengths(self) -> NDArray[np.int32]:
        """Return how many terms each passage has: int32 (passages,)."""
        lengths = np.zeros(self.passages, dtype=np.int32)
        for run, rows in zip(self._runs, self._new_rows, strict=True):
            kept = rows != DROPPED
            lengths[rows[kept]] = run.lengths[kept]
        return lengths

    def blocks(self) -> Iterator[MergedBlock]:
        """Yield the terms with their postings, ascending, in blocks.

        Raises:
            DamagedIndexError: A posting is of a row that its run does not have.
        """
        starts = [0] * len(self._runs)
        for border in [*self._borders(), None]:
            ends = [
                len(run.offsets) - 1 if border is None else run.first_from(border)
                for run in self._runs
            ]
            if ends != starts:
                yield self._block(starts, ends)
                self._after_block()
            starts = ends

    def _borders(self) -> Iterator[bytes]:
        """Yield terms at which blocks begin, ascending: those of the run with most terms."""
        if not self._runs:
            return
        widest = max(self._runs, key=lambda run: len(run.offsets))
        share = self._block_postings // len(self._runs)
        at, last = 0, len(widest.offsets) - 1
        while at < last:
            full = int(np.searchsorted(widest.offsets, widest.offsets[at] + share, side="right"))
            at = max(at + 1, min(at + self._block_terms, full - 1))
            if at < last:
                yield widest.term(at)

    def _block(self, starts: Sequence[int], ends: Sequence[int]) -> MergedBlock:
        names = sorted(
            {
                run.term(number)
                for run, start, end in zip(self._runs, starts, ends, strict=True)
                for number in range(start, end)
            }
        )
        places = {name: place for place, name in enumerate(names)}
        terms, rows, times = [], [], []
        for run, read, moved, start, end in zip(
            self._runs, self._read, self._new_rows, starts, ends, strict=True
        ):
            sizes = np.diff(run.offsets[start : end + 1])
            own = [places[run.term(number)] for number in range(start, end)]
            old, frequencies = run.unfolded(start, end, read)
            if len(old) and not 0 <= old.min() <= old.max() < len(moved):
                raise DamagedIndexError(
                    "The words of a segment are damaged: they name a passage that is not there.",
                    fix="`retrieve verify` names the file; remove it, and run the same command"
                    " again: words are made anew from the documents.",
                )
            new = moved[old]
            kept = new != DROPPED
            terms.append(np.repeat(np.array(own, dtype=np.int64), sizes)[kept])
            rows.append(new[kept])
            times.append(frequencies[kept])
        present, offsets, entries = counted(
            np.concatenate(terms), np.concatenate(rows), self.passages, np.concatenate(times)
        )
        return MergedBlock([names[at] for at in present.tolist()], np.diff(offsets), entries)


def merge_postings(merged: MergedPostings) -> Postings:
    """Return a merge as a whole, in memory."""
    blocks = list(merged.blocks())
    sizes = np.concatenate([np.zeros(0, dtype=np.int64), *(block.sizes for block in blocks)])
    entries = np.concatenate([np.zeros(0, dtype=np.int32), *(block.entries for block in blocks)])
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    terms, term_offsets = joined([term for block in blocks for term in block.terms])
    return Postings(terms, term_offsets, offsets, entries, merged.lengths())
