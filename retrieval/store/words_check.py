"""Checking the words of a segment against its documents, in bounded memory.

Every posting (term, row, frequency) is hashed to 64 bits, and the hashes of each block of
rows are added up, once over the postings as they lie in the file and once over postings
made anew from the documents. Sums do not depend on order, so neither side is held whole.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import RetrievalError
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.postings import Postings
from retrieval.store.layout import PartKind
from retrieval.store.segment import OpenSegment
from retrieval.store.words import words_of

_BLOCK_DOCUMENTS = 4096
_POSTINGS_AT_ONCE = 1 << 20
_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def check_words(one: OpenSegment) -> Iterator[str]:
    """Yield what is wrong with a segment's words; nothing if it has none.

    Words made by rules or a stemmer that this machine has not are checked for their order only.
    """
    part = one.segment.parts.get(PartKind.WORDS)
    if part is None:
        return
    try:
        words = one.words
    except RetrievalError as error:
        yield str(error)
        return
    if words is None:
        return
    postings = words.postings
    problem = _disorder(postings)
    if problem:
        yield f"{part.file}: {problem}."
        return
    analyzer = Analyzer(words.settings)
    if words.settings != AnalyzerSettings.of_language(words.settings.language):
        return
    starts = one.passage_starts
    borders = np.append(
        np.arange(0, one.segment.documents, _BLOCK_DOCUMENTS), one.segment.documents
    )
    found = _sums(postings, starts[borders])
    for number, (first, last) in enumerate(itertools.pairwise(borders)):
        documents = ((one.document(at), one.spans(at)) for at in range(first, last))
        wanted = words_of(documents, analyzer)
        rows = starts[[first, last]]
        lengths = postings.lengths[rows[0] : rows[1]]
        (own,) = _sums(wanted, np.array([0, len(wanted.lengths)]), first_row=int(rows[0]))
        if own != found[number] or (lengths != wanted.lengths).any():
            yield f"{part.file}: words of rows {rows[0]} to {rows[1]} are not their documents'."
            return


def _disorder(postings: Postings) -> str:
    """Say what is out of order or out of range; empty if nothing is."""
    for name, offsets in (
        ("terms", postings.term_offsets),
        ("postings", postings.offsets),
    ):
        if offsets[0] != 0 or (np.diff(offsets) < 1).any():
            return f"the offsets of {name} do not ascend from 0"
    before = b""
    for number in range(len(postings.offsets) - 1):
        term = postings.term(number)
        if term <= before and number:
            return f"term {term!r} is out of order"
        before = term
        rows, times = postings.of_term(number)
        if (np.diff(rows) < 1).any() or rows[0] < 0 or rows[-1] >= len(postings.lengths):
            return f"the rows of term {term!r} are out of order"
        if (times < 1).any():
            return f"term {term!r} is in a row less than once"
    return ""


def _sums(postings: Postings, borders: NDArray[np.int64], first_row: int = 0) -> NDArray[np.uint64]:
    """Return the sum of the hashes of the postings in each block of rows: uint64 (blocks,)."""
    sums = np.zeros(len(borders) - 1, dtype=np.uint64)
    start, last = 0, len(postings.offsets) - 1
    while start < last:
        most = postings.offsets[start] + _POSTINGS_AT_ONCE
        end = max(start + 1, int(np.searchsorted(postings.offsets, most, side="right")) - 1)
        terms = np.fromiter(
            (_hash(postings.term(at)) for at in range(start, end)), np.uint64, end - start
        )
        sizes = np.diff(postings.offsets[start : end + 1])
        rows, times = postings.unfolded(start, end)
        mixed = np.repeat(terms, sizes)
        mixed ^= (rows.astype(np.uint64) + np.uint64(first_row)) * _ODD[0]
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _ODD[1] + times.astype(np.uint64)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _ODD[2]
        np.add.at(sums, np.searchsorted(borders, rows, side="right") - 1, mixed)
        start = end
    return sums


def _hash(term: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(term, digest_size=8).digest(), "little")
