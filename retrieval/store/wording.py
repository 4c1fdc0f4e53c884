"""Giving every segment of a generation its words, all made by the same rules."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files
from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.language import detect_language
from retrieval.lexical.merging import MergedPostings
from retrieval.records import Document, Span
from retrieval.store import layout
from retrieval.store.container import write_container
from retrieval.store.derived import with_part
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.parts import PartWriter
from retrieval.store.segment import OpenSegment
from retrieval.store.words import Words, merged_columns, open_words, words_columns, words_of
from retrieval.vectors import Bitmap

TOLD_ANEW = "auto"
SETTLED_PASSAGES = 1000
"""An index without a known language is looked at again until it has so many passages."""
AT_ONCE_PASSAGES = 16_384
SAMPLE_DOCUMENTS = 500
"""Documents that tell the language, at most."""
_SAMPLE_CHARACTERS = 2000


def analyzer_for(
    segments: Sequence[OpenSegment], coming: Iterable[Document], language: str | None = None
) -> Analyzer:
    """Return what makes the words of the next generation.

    The language of an index is told when its first words are made, and then kept.

    Args:
        segments: What the index holds.
        coming: Documents that are added, or the first of them.
        language: What a person says it is, which is then kept: a code or ``NO_LANGUAGE``;
            ``TOLD_ANEW`` to tell it from the documents again; None for what it was.
    """
    if language is not None and language != TOLD_ANEW:
        return Analyzer(AnalyzerSettings.of_language(language))
    if language == TOLD_ANEW:
        return Analyzer(AnalyzerSettings.of_language(detect_language(_sample(segments, coming))))
    known = [words.settings for one in segments if (words := _words_of(one)) is not None]
    languages = [one.language for one in known if one.language]
    passages = sum(one.segment.live_passages for one in segments)
    if languages:
        language = languages[0]
    elif known and passages >= SETTLED_PASSAGES:
        language = ""
    else:
        language = detect_language(_sample(segments, coming))
    return Analyzer(AnalyzerSettings.of_language(language))


def _sample(segments: Sequence[OpenSegment], coming: Iterable[Document]) -> Iterator[str]:
    for _, document in zip(range(SAMPLE_DOCUMENTS), coming, strict=False):
        yield f"{document.title} {document.text[:_SAMPLE_CHARACTERS]}"
    for segment in segments:
        live = np.flatnonzero(~segment.deleted)
        step = max(1, len(live) * len(segments) // SAMPLE_DOCUMENTS)
        for ordinal in live[::step]:
            document = segment.document(int(ordinal))
            yield f"{document.title} {document.text[:_SAMPLE_CHARACTERS]}"


def _words_of(segment: OpenSegment) -> Words | None:
    """Return a segment's words; None where they are missing, or cannot be read."""
    try:
        return segment.words
    except DamagedIndexError:
        return None


def lacks_words(segment: OpenSegment, analyzer: Analyzer) -> bool:
    """Tell whether a segment's words are missing or damaged, or were made by other rules."""
    words = _words_of(segment)
    return words is None or words.settings != analyzer.settings


def with_words(
    files: Files,
    folder: Path,
    segments: Sequence[Segment],
    analyzer: Analyzer,
    *,
    dim: int,
    place: Callable[[str, PartKind], Path],
    names: layout.Names,
    at_once: int = AT_ONCE_PASSAGES,
) -> tuple[Segment, ...]:
    """Make the words of segments that lack them, from their documents; each part is synced.

    Args:
        files: The file system.
        folder: The index folder.
        segments: The segments of the next generation.
        analyzer: Makes the terms.
        dim: Length of a vector.
        place: Where the part of a kind, under a fresh name, goes.
        names: Source of fresh names.
        at_once: Passages whose words are counted in memory; further ones pass through
            temporary files.

    Returns:
        The segments, each with words.
    """
    return with_part(
        files,
        folder,
        segments,
        PartKind.WORDS,
        dim=dim,
        place=place,
        names=names,
        lacks=lambda one: lacks_words(one, analyzer),
        rows=lambda segment: segment.passages,
        write=lambda output, one: _write_words(
            files, output, one, analyzer, names=names, at_once=at_once
        ),
    )


def _write_words(
    files: Files,
    output: PartWriter,
    one: OpenSegment,
    analyzer: Analyzer,
    *,
    names: layout.Names,
    at_once: int,
) -> None:
    """Write the words of a segment, in the memory of so many passages."""
    starts = one.passage_starts
    borders = [0]
    while borders[-1] < one.segment.documents:
        most = starts[borders[-1]] + at_once
        fits = int(np.searchsorted(starts, most, side="right")) - 1
        borders.append(max(fits, borders[-1] + 1))
    if len(borders) <= 2:
        postings = words_of(_documents(one, 0, one.segment.documents), analyzer)
        write_container(output, words_columns(Words(analyzer.settings, postings)))
        return
    folder = one.folder
    paths, rows = [], []
    for first, last in itertools.pairwise(borders):
        paths.append(folder / layout.temporary_name(names()))
        rows.append(np.arange(starts[first], starts[last], dtype=np.int32))
        postings = words_of(_documents(one, first, last), analyzer)
        with PartWriter(files, paths[-1]) as temporary:
            write_container(temporary, words_columns(Words(analyzer.settings, postings)))
    runs = [
        open_words(files.map(path), str(path), len(own)).postings
        for path, own in zip(paths, rows, strict=True)
    ]
    merged = MergedPostings(runs, rows, one.segment.passages)
    write_container(output, merged_columns(merged, analyzer.settings))
    for path in paths:
        files.unlink(path)


def _documents(
    one: OpenSegment, first: int, last: int
) -> Iterator[tuple[Document, tuple[Span, ...]]]:
    for ordinal in range(first, last):
        yield one.document(ordinal), one.spans(ordinal)


def merged_words(
    runs: Sequence[OpenSegment],
    keep: Sequence[Bitmap],
    first_rows: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]],
    passages: int,
) -> tuple[MergedPostings, AnalyzerSettings] | None:
    """Return the words of segments that are merged; None unless all have some, made alike.

    Args:
        runs: The segments.
        keep: For each of them bool (documents,), the documents that are taken over.
        first_rows: For each of them int64 (kept,), the first row of each kept document in
            the merged segment.
        passages: Rows of the merged segment.
    """
    found = [words for one in runs if (words := _words_of(one)) is not None]
    settings = {one.settings for one in found}
    if len(found) < len(runs) or len(settings) != 1:
        return None
    rows = []
    for run, kept, firsts in zip(runs, keep, first_rows, strict=True):
        starts = run.passage_starts
        shift = np.full(run.segment.documents, 0, dtype=np.int64)
        shift[kept] = firsts - starts[:-1][kept]
        counts = np.diff(starts)
        moved = np.arange(run.segment.passages) + np.repeat(shift, counts)
        rows.append(np.where(np.repeat(kept, counts), moved, -1).astype(np.int32))

    def let_go() -> None:
        for run in runs:
            run.drop_pages()

    merged = MergedPostings(
        [one.postings for one in found],
        rows,
        passages,
        read=[one.read_word_entries for one in runs],
        after_block=let_go,
    )
    return merged, settings.pop()
