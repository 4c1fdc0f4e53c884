"""Finished parts of a command that has not committed: kept with a receipt, then adopted.

A spill is a folder with one segment's parts and, written last, a receipt that names
them with their checksums and says which model and passage options made them. No
manifest names a spill, so no reader sees it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retrieval.errors import DamagedIndexError, FileSystemError
from retrieval.fsops import Files, remove_tree, write_file
from retrieval.lexical.analyzer import Analyzer
from retrieval.records import ModelIdentity, Numerics, PassageOptions
from retrieval.store import layout
from retrieval.store.content import BufferedContent, EncodedDocument, write_segment
from retrieval.store.manifest import Segment
from retrieval.store.parts import checksums
from retrieval.store.sealed import seal, unseal
from retrieval.store.segment import OpenSegment


def maker(model: ModelIdentity, passages: PassageOptions, numerics: Numerics) -> dict[str, Any]:
    """Return what must be equal for a spill's vectors to be used by another run."""
    return {
        "model": model.fingerprint,
        "passages": asdict(passages),
        "comparison_class": numerics.comparison_class,
    }


def write_spill(
    files: Files,
    folder: Path,
    documents: Sequence[EncodedDocument],
    *,
    names: layout.Names,
    made_by: dict[str, Any],
    dim: int,
    numerics: Numerics,
    analyzer: Analyzer,
) -> OpenSegment:
    """Write a spill; on return it survives a power cut.

    Returns:
        Its segment, opened.
    """
    spill = folder / layout.spill_name(names())
    files.make_folder(spill)
    try:
        content = BufferedContent(documents, dim, (numerics,), analyzer)
        segment = write_segment(files, lambda kind: spill / str(kind), content)
        files.sync_folder(spill)
        receipt = {"made_by": made_by, "segment": segment.to_json()}
        write_file(files, spill / layout.RECEIPT_NAME, seal(receipt))
        files.sync_folder(spill)
        files.sync_folder(folder)
    except FileSystemError:
        with contextlib.suppress(FileSystemError):
            remove_spill(files, spill)
        raise
    opened = OpenSegment(files, spill, segment, dim)
    opened.drop_pages()
    return opened


def adopt_spill(
    files: Files, spill: Path, *, made_by: dict[str, Any], dim: int
) -> OpenSegment | None:
    """Open a spill that an earlier run left, if everything about it verifies.

    Returns:
        Its segment; None if it is unfinished, damaged, or made by something else.
    """
    try:
        receipt = unseal(files.read(spill / layout.RECEIPT_NAME), str(spill))
        if receipt["made_by"] != made_by:
            return None
        segment = Segment.from_json(receipt["segment"])
        for part in segment.parts.values():
            if checksums(files, spill / part.file) != (part.size_bytes, part.crc32, part.sha256):
                return None
        return OpenSegment(files, spill, segment, dim)
    except (DamagedIndexError, FileNotFoundError, KeyError, TypeError, ValueError):
        return None


def list_spills(files: Files, folder: Path) -> list[Path]:
    """Return the folders of the spills in an index folder."""
    return [folder / name for name in files.list(folder) if layout.is_spill(name)]


def remove_spill(files: Files, spill: Path) -> None:
    """Remove a spill, its receipt first, so that what is left of it never verifies."""
    with contextlib.suppress(FileNotFoundError):
        files.unlink(spill / layout.RECEIPT_NAME)
    remove_tree(files, spill)
