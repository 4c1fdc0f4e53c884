"""Checking the approximate index of a segment whose checksums are right."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.errors import RetrievalError
from retrieval.store.layout import PartKind
from retrieval.store.recall_entry import RecallEntry
from retrieval.store.segment import OpenSegment


def check_approximate(one: OpenSegment, entry: RecallEntry | None) -> Iterator[str]:
    """Yield what is wrong with a segment's approximate index; nothing if it has none.

    Args:
        one: The segment.
        entry: What the manifest says of recall; None for nothing.
    """
    part = one.segment.parts.get(PartKind.ANN)
    if part is None or not one.has_approximate:
        return
    if part.rows != one.segment.passages:
        yield f"{part.file} has {part.rows} rows; its segment has {one.segment.passages}."
    try:
        _ = one.approximate  # its checksums, its size, and whether it is of these rows
    except RetrievalError as error:
        yield str(error)
    if entry is None or part.file not in entry.certificates:
        yield f"Nothing in the manifest says what {part.file} finds."
