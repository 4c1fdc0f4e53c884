"""Opening an index for writing: the lock, the first files, and what is refused."""

from __future__ import annotations

import contextlib
import datetime
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.errors import ModelMismatchError, NotAnIndexError, UsageError
from retrieval.fsops import Files, LocalFiles
from retrieval.store import layout
from retrieval.store.building import Building
from retrieval.store.garbage import remove_temporaries
from retrieval.store.manifest import Manifest, publish_once
from retrieval.store.reader import Snapshot
from retrieval.store.session import WriterSettings
from retrieval.store.writer import IndexWriter


@contextlib.contextmanager
def open_writer(
    folder: Path,
    settings: WriterSettings | None = None,
    *,
    files: Files | None = None,
    names: layout.Names = layout.random_names,
    clock: Callable[[], float] = time.time,
    building: Building | None = None,
) -> Iterator[IndexWriter]:
    """Open an index for writing, making it if there is none; hold its lock meanwhile.

    Args:
        folder: The index folder; made with those above it.
        settings: What is added; None to delete from an existing index only.
        files: The file system; None for this machine's.
        names: Source of fresh names.
        clock: Seconds since the epoch.
        building: How approximate indexes are built; None for the usual.

    Raises:
        LockedError: Another writer is at work.
        NotAnIndexError: The folder holds other things.
        ModelMismatchError: The index has vectors of another model.
        UsageError: The index was built with other passage options.
    """
    files = files or LocalFiles()
    _refuse_foreign(files, folder)
    files.make_folder(folder)
    since = datetime.datetime.fromtimestamp(clock()).astimezone()
    note = f"process {os.getpid()}, since {since:%Y-%m-%d %H:%M:%S}"
    with files.lock(folder / layout.LOCK_NAME, note):
        if layout.FORMAT_NAME not in files.list(folder):
            publish_once(files, folder / layout.FORMAT_NAME, layout.FORMAT_TEXT, names)
            files.sync_folder(folder.parent)
            files.sync_folder(folder.parent.parent)
        remove_temporaries(files, folder)
        base = Snapshot.open(folder, files) if layout.generations(files.list(folder)) else None
        if base is not None and settings is not None:
            _refuse_mismatch(folder, base.manifest, settings)
        yield IndexWriter(
            folder,
            base,
            settings,
            files=files,
            names=names,
            clock=clock,
            building=building or Building(),
        )


def _refuse_foreign(files: Files, folder: Path) -> None:
    try:
        names = files.list(folder)
    except FileNotFoundError:
        return
    foreign = [name for name in names if not layout.is_ours(name)]
    if layout.FORMAT_NAME not in names and foreign:
        raise NotAnIndexError(
            f"{folder} is not an index: it holds {foreign[0]!r} and no file named FORMAT.",
            fix="Choose another place with --index NAME; nothing was touched.",
        )


def _refuse_mismatch(folder: Path, manifest: Manifest, settings: WriterSettings) -> None:
    known, given = manifest.model, settings.model
    if known.fingerprint != given.fingerprint:
        raise ModelMismatchError(
            f"{folder} was built with {known.name} ({known.fingerprint});"
            f" {given.name} ({given.fingerprint}) makes other vectors.",
            fix=f"Use --model {known.name}, or build another index with --index NAME.",
        )
    if manifest.passages != settings.passages:
        raise UsageError(
            f"{folder} was built with {manifest.passages}, not {settings.passages}.",
            fix="Leave the passage options out, or build another index with --index NAME.",
        )
