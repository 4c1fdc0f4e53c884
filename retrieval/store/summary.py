"""What an index is, told from its manifest and the record of its words; no numpy is loaded."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files, LocalFiles
from retrieval.store import layout
from retrieval.store.layout import DERIVED_KINDS, PartKind
from retrieval.store.manifest import Manifest, list_generations, read_manifest

if TYPE_CHECKING:
    from retrieval.lexical.analyzer import AnalyzerSettings


WORDS_RECORD = "words.analyzer"
_LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class Summary:
    """An index at a glance.

    Attributes:
        manifest: The newest generation's manifest.
        size_bytes: Bytes of every file in the folder.
        missing_derived: Derived parts that the manifest names and the folder lacks.
        missing_parts: Other parts that it lacks; the index is damaged then.
        pending_spills: Folders of finished work of a command that has not committed.
        words: By what rules the words were made; None where there are none that can be read.
    """

    manifest: Manifest
    size_bytes: int
    missing_derived: tuple[str, ...]
    missing_parts: tuple[str, ...]
    pending_spills: int
    words: AnalyzerSettings | None


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
        words=_settings_of_words(files, folder, manifest),
    )


def _settings_of_words(files: Files, folder: Path, manifest: Manifest) -> AnalyzerSettings | None:
    """Return by what the first words that can be read were made; None for none."""
    from retrieval.lexical.analyzer import AnalyzerSettings

    for segment in manifest.segments:
        part = segment.parts.get(PartKind.WORDS)
        if part is not None:
            with contextlib.suppress(FileNotFoundError, LookupError, TypeError, ValueError):
                record = _array_of(files, folder / part.file, WORDS_RECORD)
                return AnalyzerSettings.from_json(orjson.loads(record))
    return None


def _array_of(files: Files, path: Path, name: str) -> bytes:
    """Read one array of a container, which takes no numpy: a header of offsets, then bytes."""
    size = int.from_bytes(files.read_range(path, 0, 8), "little")
    header = orjson.loads(files.read_range(path, 8, min(size, _LONGEST_HEADER)))
    start, end = header[name]["data_offsets"]
    return files.read_range(path, 8 + size + start, end - start)


def _size(files: Files, path: Path) -> int:
    try:
        return files.size(path)
    except FileNotFoundError:  # a writer removed it since the folder was listed
        return 0
