"""What an index is, told from its manifest alone; no vector and no numpy is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files, LocalFiles
from retrieval.store import layout
from retrieval.store.layout import DERIVED_KINDS
from retrieval.store.manifest import Manifest, list_generations, read_manifest


@dataclass(frozen=True, slots=True)
class Summary:
    """An index at a glance.

    Attributes:
        manifest: The newest generation's manifest.
        size_bytes: Bytes of every file in the folder.
        missing_derived: Derived parts that the manifest names and the folder lacks.
        missing_parts: Other parts that it lacks; the index is damaged then.
        pending_spills: Folders of finished work of a command that has not committed.
    """

    manifest: Manifest
    size_bytes: int
    missing_derived: tuple[str, ...]
    missing_parts: tuple[str, ...]
    pending_spills: int


def summarize(folder: Path, files: Files | None = None) -> Summary:
    """Read the newest manifest of an index and look at its folder.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: The newest manifest is damaged.
    """
    files = files or LocalFiles()
    generation = list_generations(files, folder)[-1]
    try:
        manifest = read_manifest(files, folder, generation)
    except FileNotFoundError as error:
        raise DamagedIndexError(f"{error.filename} is missing.") from error
    names = set(files.list(folder))
    missing: dict[bool, list[str]] = {True: [], False: []}
    for segment in manifest.segments:
        for kind, part in segment.parts.items():
            if part.file not in names:
                missing[kind in DERIVED_KINDS].append(part.file)
    missing[False] += [one.part.file for one in manifest.concepts if one.part.file not in names]
    spills = [folder / name for name in names if layout.is_spill(name)]
    paths = [folder / name for name in names if not layout.is_spill(name)]
    paths += [spill / name for spill in spills for name in files.list(spill)]
    return Summary(
        manifest=manifest,
        size_bytes=sum(_size(files, path) for path in paths),
        missing_derived=tuple(missing[True]),
        missing_parts=tuple(missing[False]),
        pending_spills=len(spills),
    )


def _size(files: Files, path: Path) -> int:
    try:
        return files.size(path)
    except FileNotFoundError:  # a writer removed it since the folder was listed
        return 0
