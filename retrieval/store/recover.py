"""Going back to an earlier generation when the newest is damaged, by a new commit."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.errors import DamagedIndexError, UsageError
from retrieval.fsops import Files, LocalFiles
from retrieval.store import layout
from retrieval.store.layout import DERIVED_KINDS
from retrieval.store.manifest import Manifest, list_generations, publish, read_manifest
from retrieval.store.parts import checksums
from retrieval.store.segment import OpenSegment


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a recovery did.

    Attributes:
        from_generation: The generation whose content is in force again.
        generation: The new generation that has it.
        set_aside: Damaged files, under their new names; nothing was deleted.
    """

    from_generation: int
    generation: int
    set_aside: tuple[str, ...]


def recover_generation(
    folder: Path,
    generation: int,
    *,
    files: Files | None = None,
    names: layout.Names = layout.random_names,
    clock: Callable[[], float] = time.time,
) -> Recovery:
    """Commit an earlier generation's content again, as the newest.

    Args:
        folder: The index folder.
        generation: The generation to go back to.
        files: The file system; None for this machine's.
        names: Source of fresh names.
        clock: Seconds since the epoch.

    Returns:
        What was done.

    Raises:
        UsageError: There is no such generation, or it is the newest and whole.
        DamagedIndexError: That generation is damaged too; nothing was changed.
        LockedError: A writer is at work.
    """
    files = files or LocalFiles()
    with_generations = list_generations(files, folder)
    since = datetime.datetime.fromtimestamp(clock()).astimezone()
    with files.lock(folder / layout.LOCK_NAME, f"recover, since {since:%Y-%m-%d %H:%M:%S}"):
        known = list_generations(files, folder) or with_generations
        if generation not in known:
            raise UsageError(
                f"{folder} has no generation {generation}; it keeps {', '.join(map(str, known))}.",
                fix="Name one of these with --to-generation.",
            )
        manifest = _whole(files, folder, generation)
        damaged = [number for number in known if not _readable(files, folder, number)]
        if generation == known[-1]:
            raise UsageError(
                f"Generation {generation} of {folder} is the newest and it is whole;"
                " there is nothing to recover.",
            )
        now = datetime.datetime.fromtimestamp(clock(), tz=datetime.UTC)
        published = replace(
            manifest,
            generation=known[-1] + 1,
            parent=generation,
            created=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
        publish(files, folder, published, names)
        set_aside = []
        for number in damaged:
            name = layout.manifest_name(number)
            files.rename(folder / name, folder / f"damaged-{name}")
            set_aside.append(f"damaged-{name}")
        files.sync_folder(folder)
    return Recovery(generation, published.generation, tuple(set_aside))


def _readable(files: Files, folder: Path, generation: int) -> bool:
    try:
        read_manifest(files, folder, generation)
    except DamagedIndexError:
        return False
    return True


def _whole(files: Files, folder: Path, generation: int) -> Manifest:
    """Read a generation's manifest and check every part it names; derived ones may be missing."""
    manifest = read_manifest(files, folder, generation)
    derived = {
        part.file
        for segment in manifest.segments
        for kind, part in segment.parts.items()
        if kind in DERIVED_KINDS
    }
    for name, part in manifest.files.items():
        try:
            found = checksums(files, folder / name)
        except FileNotFoundError:
            found = None
        if found is None and name in derived:
            continue  # the next writer makes it anew
        if found != (part.size_bytes, part.crc32, part.sha256):
            reason = "missing" if found is None else "damaged"
            raise DamagedIndexError(
                f"Generation {generation} of {folder} cannot be gone back to: {name} is {reason}.",
                fix="Try another generation, or index the sources anew.",
            )
    for segment in manifest.segments:
        OpenSegment(files, folder, segment, manifest.model.dim)
    return manifest
