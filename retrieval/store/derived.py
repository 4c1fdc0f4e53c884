"""Making a derived part of segments anew where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from retrieval.fsops import Files
from retrieval.store import layout
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Segment
from retrieval.store.parts import PartWriter
from retrieval.store.segment import OpenSegment


def with_part(
    files: Files,
    folder: Path,
    segments: Sequence[Segment],
    kind: PartKind,
    *,
    dim: int,
    place: Callable[[str, PartKind], Path],
    names: layout.Names,
    lacks: Callable[[OpenSegment], bool],
    rows: Callable[[Segment], int],
    write: Callable[[PartWriter, OpenSegment], None],
) -> tuple[Segment, ...]:
    """Write a part of every segment that lacks it, each synced.

    Args:
        files: The file system.
        folder: The index folder.
        segments: The segments of the next generation.
        kind: Which part.
        dim: Length of a vector.
        place: Where the part of a kind, under a fresh name, goes.
        names: Source of fresh names.
        lacks: Tells whether a segment lacks it.
        rows: Tells how many rows the part of a segment has.
        write: Writes it.

    Returns:
        The segments, each with the part.
    """
    made = []
    for segment in segments:
        one = OpenSegment(files, folder, segment, dim)
        if not lacks(one):
            made.append(segment)
            continue
        with PartWriter(files, place(names(), kind)) as output:
            write(output, one)
            part = output.part(rows(segment))
        made.append(replace(segment, parts={**segment.parts, kind: part}))
    return tuple(made)
