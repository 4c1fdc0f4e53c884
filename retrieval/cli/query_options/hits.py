"""Hits as lines of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.cli.answer import write_json

if TYPE_CHECKING:
    from retrieval.records import Hit


def write_hit_lines(rankings: Sequence[Sequence[Hit]], fields: Sequence[str] | None) -> None:
    """Write each hit as one line of JSON on standard output.

    Args:
        rankings: The hits of each query, best first.
        fields: Parts of a hit to write; None for all.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    lines = (hit.to_json() for hits in rankings for hit in hits)
    if fields is not None:
        from retrieval.cli.projection import project

        lines = (project(line, fields) for line in lines)
    write_json(lines)
