"""Reports put into files: whole or not at all, in place of an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from retrieval.engine.placing import make_folder, place_file
from retrieval.fsops import Files

__all__ = ["make_folder", "put_bytes", "put_lines", "put_text"]


def put_text(path: Path, text: str, *, files: Files | None = None) -> None:
    """Write text as UTF-8; see ``place_file``."""
    put_bytes(path, text.encode(), files=files)


def put_bytes(path: Path, content: bytes, *, files: Files | None = None) -> None:
    """Write a file; see ``place_file``.

    Raises:
        DiskFullError, ReadOnlyError, FileSystemError: An earlier file is whole.
    """
    place_file(path, content, files=files)


def put_lines(
    path: Path, values: Iterable[Mapping[str, Any]], *, files: Files | None = None
) -> None:
    """Write each value as a line of JSON without holding all of them; see ``place_file``.

    Raises:
        DiskFullError, ReadOnlyError, FileSystemError: An earlier file is whole.
    """
    import orjson

    lines = (orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE) for value in values)
    place_file(path, lines, files=files)
