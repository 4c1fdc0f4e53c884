"""The words part of a segment: postings and the analyzer's settings in one container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.merging import MergedPostings
from retrieval.lexical.postings import Postings, PostingsBuilder
from retrieval.records import Document, Span
from retrieval.store.container import Column, open_container, whole
from retrieval.store.summary import WORDS_RECORD

_ARRAYS = {
    "words.terms": np.dtype("u1"),
    "words.term_offsets": np.dtype("<i8"),
    "words.offsets": np.dtype("<i8"),
    "words.entries": np.dtype("<i4"),
    "words.lengths": np.dtype("<i4"),
}
_RECORD = WORDS_RECORD


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a segment's passages.

    Attributes:
        settings: What made the terms; a query's are made likewise.
        postings: The terms of each row of the segment.
        entries_at: Where its entries begin in the words part, in bytes; 0 for words in memory.
    """

    settings: AnalyzerSettings
    postings: Postings
    entries_at: int = 0


def passage_texts(document: Document, spans: Sequence[Span]) -> Iterator[str]:
    """Yield the text by which each passage of a document is found: the title and its own."""
    title = f"{document.title} " if document.title else ""
    for span in spans:
        yield title + document.text[span.start : span.end]


def words_of(documents: Iterable[tuple[Document, Sequence[Span]]], analyzer: Analyzer) -> Postings:
    """Return the postings of documents with their passages, row after row."""
    builder = PostingsBuilder(analyzer)
    for document, spans in documents:
        for text in passage_texts(document, spans):
            builder.add(text)
    return builder.postings()


def words_columns(words: Words) -> Mapping[str, Column]:
    """Return words in memory as the arrays of a words part."""
    postings = words.postings
    return {
        "words.terms": whole(postings.terms),
        "words.term_offsets": whole(postings.term_offsets),
        "words.offsets": whole(postings.offsets),
        "words.entries": whole(postings.entries),
        "words.lengths": whole(postings.lengths),
        _RECORD: whole(_record(words.settings)),
    }


def merged_columns(merged: MergedPostings, settings: AnalyzerSettings) -> Mapping[str, Column]:
    """Return a merge as the arrays of a words part; the postings pass through in blocks."""
    sizes = merged.sizes()

    def terms() -> Iterator[NDArray[np.uint8]]:
        for block in merged.blocks():
            yield np.frombuffer(b"".join(block.terms), dtype=np.uint8)

    return {
        "words.terms": Column(np.dtype("u1"), (int(sizes.term_offsets[-1]),), terms()),
        "words.term_offsets": whole(sizes.term_offsets),
        "words.offsets": whole(sizes.offsets),
        "words.entries": Column(
            np.dtype("<i4"),
            (2 * int(sizes.offsets[-1]),),
            (block.entries for block in merged.blocks()),
        ),
        "words.lengths": whole(merged.lengths()),
        _RECORD: whole(_record(settings)),
    }


def _record(settings: AnalyzerSettings) -> NDArray[np.uint8]:
    return np.frombuffer(orjson.dumps(settings.to_json()), dtype=np.uint8)


def open_words(view: memoryview, name: str, passages: int) -> Words:
    """Open a words part; nothing is copied.

    Args:
        view: The file.
        name: Its name, for messages.
        passages: Rows of its segment.

    Raises:
        DamagedIndexError: Its arrays do not fit together.
    """
    arrays = open_container(view, name)
    try:
        found = {key: arrays[key] for key in _ARRAYS}
        settings = AnalyzerSettings.from_json(orjson.loads(arrays[_RECORD].tobytes()))
        postings = Postings(*found.values())
        terms = len(postings.offsets) - 1
        if (
            any(found[key].dtype != dtype or found[key].ndim != 1 for key, dtype in _ARRAYS.items())
            or len(postings.term_offsets) != terms + 1
            or postings.term_offsets[-1] != len(postings.terms)
            or 2 * postings.offsets[-1] != len(postings.entries)
            or len(postings.lengths) != passages
        ):
            raise ValueError("its arrays do not fit together")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DamagedIndexError(
            f"{name} is damaged: {error!r}.",
            fix="`retrieve verify` lists everything that is damaged; remove this file, which is"
            " made from the others, and the next `retrieve index` makes it anew.",
        ) from error
    start = np.frombuffer(view, dtype=np.uint8).__array_interface__["data"][0]
    at = postings.entries.__array_interface__["data"][0] - start if len(postings.entries) else 0
    return Words(settings, postings, at)
