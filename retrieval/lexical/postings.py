"""Which passages hold a term and how often, as arrays sorted by term and row."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.analyzer import Analyzer
from retrieval.lexical.splitting import raw_words

ReadEntries: TypeAlias = Callable[[int, int], NDArray[np.int32]]
"""Returns entries [start, end) of postings."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The words of some passages.

    Attributes:
        terms: uint8 (bytes,), the terms in UTF-8, ascending as bytes, end to end.
        term_offsets: int64 (terms + 1,), where each starts in ``terms``.
        offsets: int64 (terms + 1,), how many passages the terms before hold in all.
        entries: int32 (2 * offsets[-1],); a term in c passages has 2c of them, from
            ``2 * offsets[term]``: c rows, ascending, then how often it is in each.
        lengths: int32 (passages,), terms of each passage.
    """

    terms: NDArray[np.uint8]
    term_offsets: NDArray[np.int64]
    offsets: NDArray[np.int64]
    entries: NDArray[np.int32]
    lengths: NDArray[np.int32]

    def term(self, number: int) -> bytes:
        """Return a term by its number."""
        start, end = int(self.term_offsets[number]), int(self.term_offsets[number + 1])
        return self.terms[start:end].tobytes()

    def find(self, term: bytes) -> int | None:
        """Return the number of a term, None if no passage has it."""
        low = self.first_from(term)
        return low if low < len(self.offsets) - 1 and self.term(low) == term else None

    def first_from(self, term: bytes) -> int:
        """Return the number of the first term that is not before this one."""
        low, high = 0, len(self.offsets) - 1
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low

    def of_term(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the rows that hold a term, ascending, and how often each does."""
        start, end = 2 * int(self.offsets[number]), 2 * int(self.offsets[number + 1])
        middle = (start + end) // 2
        return self.entries[start:middle], self.entries[middle:end]

    def unfolded(
        self, first: int, last: int, read: ReadEntries | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the rows of terms [first, last), one term after another, and the counts.

        Args:
            first: Number of a term.
            last: Number of the term after the last.
            read: Reads entries [start, end) in place of ``entries``, past a memory map.
        """
        start = int(self.offsets[first])
        offsets = self.offsets[first : last + 1] - start
        end = int(self.offsets[last])
        entries = read(2 * start, 2 * end) if read else self.entries[2 * start : 2 * end]
        sizes = np.diff(offsets)
        at = np.arange(int(offsets[-1])) + np.repeat(offsets[:-1], sizes)
        return entries[at], entries[at + np.repeat(sizes, sizes)]


class PostingsBuilder:
    """Counts the terms of passages, given row after row.

    Holds 8 bytes a word until ``postings`` is called, and the vocabulary.

    Args:
        analyzer: Makes the terms.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._vocabulary = _Vocabulary(analyzer)
        self._words = array("i")
        self._counts = array("i")

    def add(self, text: str) -> None:
        """Add the text of the next row."""
        words = raw_words(text)
        self._words.extend(map(self._vocabulary.__getitem__, words))
        self._counts.append(len(words))

    def postings(self) -> Postings:
        """Return what was added; the builder is not used afterwards."""
        words = np.frombuffer(self._words, dtype=np.int32)
        counts = np.frombuffer(self._counts, dtype=np.int32)
        rows = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        terms, sizes = self._vocabulary.terms_of(words)
        rows = np.repeat(rows, sizes)
        lengths = np.bincount(rows, minlength=len(counts)).astype(np.int32)
        names, ranks = self._vocabulary.ranked()
        columns = counted(ranks[terms], rows, len(counts))
        present, offsets, entries = columns
        return Postings(*joined([names[at] for at in present.tolist()]), offsets, entries, lengths)


def joined(names: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return byte strings end to end, uint8, and where each starts, int64 (n + 1,)."""
    offsets = np.fromiter(
        itertools.accumulate(map(len, names), initial=0), dtype=np.int64, count=len(names) + 1
    )
    return np.frombuffer(b"".join(names), dtype=np.uint8), offsets


def counted(
    terms: NDArray[np.int64],
    rows: NDArray[np.int32],
    passages: int,
    frequencies: NDArray[np.int32] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Sort occurrences by term and row, and count those that are equal.

    Args:
        terms: int64 (n,), the term of each occurrence.
        rows: int32 (n,), its row.
        passages: Rows there are; all rows are below.
        frequencies: int32 (n,), for occurrences that are counted already and distinct.

    Returns:
        The terms that occur, ascending; and ``offsets`` and ``entries`` as in ``Postings``.
    """
    keys = terms * max(passages, 1) + rows
    if frequencies is None:
        keys.sort()
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
        times = np.diff(first, append=len(keys)).astype(np.int32)
        keys = keys[first]
    else:
        order = np.argsort(keys)
        keys, times = keys[order], frequencies[order]
    owners, places = np.divmod(keys, max(passages, 1))
    starts = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1]))[: len(keys)])
    present = owners[starts]
    offsets = np.append(starts, len(keys)).astype(np.int64)
    entries = np.empty(2 * len(keys), dtype=np.int32)
    # entry i of a term that starts at s and has c goes to 2s + (i - s), its count c further
    sizes = np.diff(offsets)
    at = np.arange(len(keys)) + np.repeat(offsets[:-1], sizes)
    entries[at] = places
    entries[at + np.repeat(sizes, sizes)] = times
    return present, offsets, entries


class _Vocabulary(dict[str, int]):
    """Numbers raw words as they are met; their terms are found once a word, not once a use."""

    def __init__(self, analyzer: Analyzer) -> None:
        super().__init__()
        self._word_terms = analyzer.word_terms
        self._numbers: dict[str, int] = {}
        self._terms = array("i")
        self._sizes = array("i")

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        found = self._word_terms(word)
        numbers = self._numbers
        self._terms.extend(numbers.setdefault(term, len(numbers)) for term in found)
        self._sizes.append(len(found))
        return number

    def terms_of(self, words: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the terms of raw words, one after another, and how many each has."""
        sizes = np.frombuffer(self._sizes, dtype=np.int32)
        terms = np.frombuffer(self._terms, dtype=np.int32)
        starts = np.cumsum(sizes) - sizes
        own = sizes[words]
        shift = np.repeat(starts[words] - (np.cumsum(own) - own), own)
        return terms[shift + np.arange(len(shift))], own

    def ranked(self) -> tuple[list[bytes], NDArray[np.int64]]:
        """Return the terms in order of their bytes, and the place there of each by number."""
        names = [term.encode() for term in self._numbers]
        order = sorted(range(len(names)), key=names.__getitem__)
        ranks = np.empty(len(names), dtype=np.int64)
        ranks[order] = np.arange(len(names))
        return [names[at] for at in order], ranks


def build_postings(analyzer: Analyzer, texts: Iterable[str]) -> Postings:
    """Return the postings of texts, one a row."""
    builder = PostingsBuilder(analyzer)
    for text in texts:
        builder.add(text)
    return builder.postings()
