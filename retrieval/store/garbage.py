"""Removing files that no kept generation names; under the lock, and never in a hurry."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from retrieval.errors import DamagedIndexError, FileSystemError, NewerFormatError
from retrieval.fsops import Files
from retrieval.store import layout
from retrieval.store.manifest import Manifest, read_manifest

KEPT_GENERATIONS = 2
GRACE_S = 600.0
"""A reader that lists now must still find, for this long, what it is about to open."""


def kept_files(files: Files, folder: Path) -> set[str] | None:
    """Return the names that the last two generations need; None if one cannot be read."""
    kept: set[str] = set()
    for generation in layout.generations(files.list(folder))[-KEPT_GENERATIONS:]:
        try:
            manifest = read_manifest(files, folder, generation)
        except (DamagedIndexError, NewerFormatError):
            return None
        kept.add(layout.manifest_name(generation))
        kept.update(manifest.files)
    return kept


def remove_temporaries(files: Files, folder: Path) -> None:
    """Remove unfinished files; the lock says that nobody is writing them."""
    for name in files.list(folder):
        if layout.is_temporary(name):
            with contextlib.suppress(FileNotFoundError):
                files.unlink(folder / name)


def undo_commit(
    files: Files, folder: Path, created: Sequence[Path], manifest: Manifest | None
) -> None:
    """Remove what a failed commit wrote, unless its manifest may have got out."""
    with contextlib.suppress(FileSystemError, FileNotFoundError):
        if manifest is not None and layout.manifest_name(manifest.generation) in files.list(folder):
            return
        for path in created:
            with contextlib.suppress(FileNotFoundError):
                files.unlink(path)
        remove_temporaries(files, folder)


def collect_garbage(files: Files, folder: Path, now: float) -> list[str]:
    """Remove manifests and parts of neither of the last two generations, ten minutes old.

    Args:
        files: The file system.
        folder: The index folder, whose lock the caller holds.
        now: Seconds since the epoch.

    Returns:
        The names removed; none when a kept manifest is damaged.
    """
    kept = kept_files(files, folder)
    if kept is None:
        return []
    removed = []
    names = files.list(folder)
    old = [layout.manifest_name(number) for number in layout.generations(names)]
    for name in [*old, *(name for name in names if layout.is_part(name))]:
        if name in kept:
            continue
        try:
            if now - files.modified(folder / name) > GRACE_S:
                files.unlink(folder / name)
                removed.append(name)
        except FileNotFoundError:
            continue
    return removed
