"""Which index is meant: by name, by path, or because there is only one."""

from __future__ import annotations

import os
from pathlib import Path

from retrieval.errors import AmbiguousIndexError, IndexNotFoundError, RetrievalError
from retrieval.fsops import LocalFiles
from retrieval.store import layout
from retrieval.store.manifest import list_generations

DEFAULT_HOME = "indexes"


def index_path(name: str | os.PathLike[str], home: str | os.PathLike[str] = DEFAULT_HOME) -> Path:
    """Return the folder of an index: a name stands under ``home``, anything else is a path.

    Args:
        name: A bare name, or a path with a separator or to an existing folder that
            no index under ``home`` hides.
        home: The folder of the indexes.
    """
    text = os.fspath(name)
    separators = {os.sep, os.altsep or os.sep, "/"}
    if isinstance(name, os.PathLike) or any(one in text for one in separators):
        return Path(text)
    if text in {".", ".."}:
        return Path(text)
    named = Path(home) / text
    if not (named / layout.FORMAT_NAME).exists() and (Path(text) / layout.FORMAT_NAME).exists():
        return Path(text)
    return named


def shown_path(path: str) -> str:
    """Return a path as a person here would type it: relative when it lies below."""
    here = f"{Path.cwd()}{os.sep}"
    return path.removeprefix(here) or path


def list_indexes(home: str | os.PathLike[str] = DEFAULT_HOME) -> list[Path]:
    """Return the folders under ``home`` that hold a committed index, by name."""
    try:
        folders = sorted(one for one in Path(home).iterdir() if one.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = []
    for folder in folders:
        try:
            list_generations(LocalFiles(), folder)
        except RetrievalError:
            continue
        found.append(folder)
    return found


def find_index(
    name: str | None, home: str | os.PathLike[str] = DEFAULT_HOME, *, interactive: bool
) -> tuple[Path, str | None]:
    """Choose the index a person means.

    Args:
        name: What was asked for; None for nothing.
        home: The folder of the indexes.
        interactive: Whether a person sees the note; a program must name one of several.

    Returns:
        The folder, and a note to show when the choice was made here.

    Raises:
        IndexNotFoundError: There is none.
        AmbiguousIndexError: There are several, none was named, and nobody watches.
    """
    known = list_indexes(home)
    names = ", ".join(one.name for one in known)
    if name is not None:
        path = index_path(name, home)
        if not (path / layout.FORMAT_NAME).exists() and not path.is_dir():
            there_are = f" There are: {names}." if known else ""
            raise IndexNotFoundError(
                f"There is no index at {path}.{there_are}",
                fix="Build one with: retrieve index INPUT",
            )
        return path, None
    if not known:
        raise IndexNotFoundError(
            f"There is no index in {Path(home)}.", fix="Build one with: retrieve index INPUT"
        )
    if len(known) == 1:
        return known[0], f"Index: {known[0].name}, the only one in {Path(home)}."
    if not interactive:
        raise AmbiguousIndexError(
            f"{Path(home)} holds several indexes: {names}.", fix="Choose one with --index NAME."
        )
    newest = max(known, key=_committed)
    return newest, f"Index: {newest.name}, the newest of {names}; --index NAME chooses another."


def _committed(folder: Path) -> tuple[float, str]:
    files = LocalFiles()
    newest = list_generations(files, folder)[-1]
    return files.modified(folder / layout.manifest_name(newest)), folder.name
