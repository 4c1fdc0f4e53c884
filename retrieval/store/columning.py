"""Giving every segment of a generation its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files
from retrieval.records import JsonValue
from retrieval.store import layout
from retrieval.store.column_merging import MergedColumns
from retrieval.store.columns import RULES, Columns, columns_arrays, columns_of, open_columns
from retrieval.store.container import write_container
from retrieval.store.derived import with_part
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.parts import PartWriter
from retrieval.store.segment import OpenSegment

AT_ONCE_DOCUMENTS = 32_768


def columns_in(segment: OpenSegment) -> Columns | None:
    """Return a segment's columns; None where they are missing, unreadable, or of other rules."""
    try:
        found = segment.columns
    except DamagedIndexError:
        return None
    return found if found is not None and found.rules == RULES else None


def with_columns(
    files: Files,
    folder: Path,
    segments: Sequence[Segment],
    *,
    dim: int,
    place: Callable[[str, PartKind], Path],
    names: layout.Names,
    at_once: int = AT_ONCE_DOCUMENTS,
) -> tuple[Segment, ...]:
    """Make the columns of segments that lack them, from their documents; each part is synced.

    Args:
        files: The file system.
        folder: The index folder.
        segments: The segments of the next generation.
        dim: Length of a vector.
        place: Where the part of a kind, under a fresh name, goes.
        names: Source of fresh names.
        at_once: Documents whose values are held in memory; further ones pass through
            temporary files.

    Returns:
        The segments, each with columns.
    """
    return with_part(
        files,
        folder,
        segments,
        PartKind.COLUMNS,
        dim=dim,
        place=place,
        names=names,
        lacks=lambda one: columns_in(one) is None,
        rows=lambda segment: segment.documents,
        write=lambda output, one: _write_columns(files, output, one, names=names, at_once=at_once),
    )


def _write_columns(
    files: Files, output: PartWriter, one: OpenSegment, *, names: layout.Names, at_once: int
) -> None:
    """Write the columns of a segment, in the memory of so many documents."""
    documents = one.segment.documents
    if documents <= at_once:
        write_container(output, columns_arrays(columns_of(_metadata(one, 0, documents))))
        return
    paths, rows = [], []
    for first in range(0, documents, at_once):
        last = min(first + at_once, documents)
        paths.append(one.folder / layout.temporary_name(names()))
        rows.append(np.arange(first, last, dtype=np.int32))
        with PartWriter(files, paths[-1]) as temporary:
            write_container(temporary, columns_arrays(columns_of(_metadata(one, first, last))))
        one.drop_pages()
    runs = [open_columns(files.map(path), str(path)) for path in paths]
    write_container(output, MergedColumns(runs, rows, documents).arrays())
    for path in paths:
        files.unlink(path)


def _metadata(one: OpenSegment, first: int, last: int) -> Iterator[Mapping[str, JsonValue]]:
    for ordinal in range(first, last):
        yield one.document(ordinal).metadata


def merged_values(
    runs: Sequence[OpenSegment], new_documents: Sequence[NDArray[np.int32]], documents: int
) -> MergedColumns | None:
    """Return the columns of segments that are merged; None unless all have some that are sound.

    Args:
        runs: The segments.
        new_documents: For each of them int32 (documents,), the place of each document in the
            merge, -1 for none.
        documents: Documents of the merged segment.
    """
    found = [columns for one in runs if (columns := columns_in(one)) is not None]
    if len(found) < len(runs):
        return None

    def let_go() -> None:
        for run in runs:
            run.drop_pages()

    try:
        return MergedColumns(found, new_documents, documents, after_block=let_go)
    except IndexError:  # they name documents or strings that are not there
        return None
