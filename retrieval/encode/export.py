"""Exporting a model once for all processes: lock, child process, publication by rename."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from retrieval.encode.child import child_failure, run_child
from retrieval.encode.exported import ExportedModel, missing_files, read_exported
from retrieval.encode.places import STAGING, find_exported, folder_name, models_folder, stem
from retrieval.encode.source import ModelSource
from retrieval.errors import FileSystemError, LockedError
from retrieval.fsops import Files, remove_tree

Note = Callable[[str], None]

CHILD: tuple[str, ...] = (sys.executable, "-P", "-m", "retrieval.encode.export_child")
"""The command that exports; ``-P`` keeps the working folder's modules out of it."""

_POLL_S = 0.5


def ensure_exported(
    source: ModelSource,
    cache: Path,
    *,
    files: Files,
    note: Note,
    offline: bool = False,
    child: Sequence[str] = CHILD,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[Path, ExportedModel]:
    """Return a source's exported model, made now if it is not there.

    One process exports, the others wait for it. What a killed one left behind is removed.

    Args:
        source: The model.
        cache: Cache folder; made if missing.
        files: The file operations.
        note: Told in a sentence what takes so long.
        offline: Whether the hub may not be asked.
        child: Command of the exporting process.
        pause: Waits for so many seconds between two looks at the lock.

    Returns:
        The folder and its record.

    Raises:
        ModelNotFoundError: No such model.
        ModelAlteredError: Its bytes are not the expected ones.
        ModelExportError: It cannot be used; the message names the log.
        FileSystemError: The cache cannot be written to.
    """
    home = models_folder(cache)
    files.make_folder(home)
    lock = home / f"{stem(source)}.lock"
    told = False
    while True:
        found = find_exported(files, cache, source)
        if found is not None:
            return found
        try:
            with files.lock(lock, f"process {os.getpid()} exporting {source.name}"):
                # looked for again: another process may have finished just before the lock
                return find_exported(files, cache, source) or _export(
                    source, home, files=files, note=note, offline=offline, child=child
                )
        except LockedError:
            if not told:
                note(f"Another process is preparing the model {source.name}; waiting for it.")
                told = True
            pause(_POLL_S)


def _export(
    source: ModelSource,
    home: Path,
    *,
    files: Files,
    note: Note,
    offline: bool,
    child: Sequence[str],
) -> tuple[Path, ExportedModel]:
    """Run the child and publish what it made; the caller holds the lock."""
    _remove_stale(files, home, source)
    staging = home / f"{STAGING}{stem(source)}-{uuid.uuid4().hex}"
    log = home / f"{stem(source)}.log"
    note(
        f"Preparing the model {source.name}, once for all that follows;"
        " it takes about half a minute."
    )
    files.make_folder(staging)
    try:
        code = run_child(
            [*child, *_words(source, staging, offline=offline)], files, log, offline=offline
        )
        made = read_exported(files, staging)
        if code != 0 or made is None or missing_files(files, staging, made):
            raise child_failure(files, staging, source.name, log)
        final = home / folder_name(source, made.source)
        remove_tree(files, final)  # only what is incomplete is still there
        files.rename(staging, final)
        files.sync_folder(home)
    finally:
        with contextlib.suppress(FileSystemError):
            remove_tree(files, staging)
    _remove_outdated(files, home, source, final)
    return final, made


def _words(source: ModelSource, staging: Path, *, offline: bool) -> list[str]:
    words = ["--kind", source.kind.value, f"--name={source.name}", f"--staging={staging}"]
    if source.folder is not None:
        words.append(f"--folder={source.folder}")
    if offline:
        words.append("--offline")
    return words


def _remove_stale(files: Files, home: Path, source: ModelSource) -> None:
    """Remove what killed exports of this source left; the lock says they are not running."""
    for name in files.list(home):
        if name.startswith(f"{STAGING}{stem(source)}-"):
            with contextlib.suppress(FileSystemError):
                remove_tree(files, home / name)


def _remove_outdated(files: Files, home: Path, source: ModelSource, final: Path) -> None:
    """Remove exports of what the source's files were before."""
    for name in files.list(home):
        if name.startswith(f"{stem(source)}-") and name != final.name:
            with contextlib.suppress(FileSystemError):
                remove_tree(files, home / name)
