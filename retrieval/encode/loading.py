"""How the parts of a model are loaded: anew each time, or once and then kept."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, cast

Part = TypeVar("Part")

FolderState: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""Name, size in bytes, mtime in ns and inode of every file, sorted."""


class Loading(Protocol):
    """Loads parts of models, such as a session and a tokenizer."""

    def load(self, folder: Path, part: str, read: Callable[[], Part]) -> Part:
        """Return a part of a model.

        Args:
            folder: Folder of the exported model; its files make the part.
            part: Which part it is, with everything else that makes it what it is.
            read: Loads it.

        Raises:
            ModelAlteredError: As ``read``.
        """
        ...

    def before_slow(self, what: str) -> None:
        """Be told, in a clause, of work that takes seconds; may raise to prevent it."""
        ...


class LoadedAnew:
    """Loads every part when it is asked for, and keeps none."""

    def load(self, folder: Path, part: str, read: Callable[[], Part]) -> Part:
        """Load a part; see ``Loading.load``."""
        return read()

    def before_slow(self, what: str) -> None:
        """Let it be."""


class KeptLoaded:
    """Keeps what was loaded for the models used last, as long as their files stay the same.

    Args:
        before_slow: Called as ``Loading.before_slow``.
        models: How many models are kept.
    """

    def __init__(self, *, before_slow: Callable[[str], None], models: int = 2) -> None:
        self._before_slow = before_slow
        self._models = models
        self._kept: OrderedDict[tuple[Path, FolderState], dict[str, Any]] = OrderedDict()

    def load(self, folder: Path, part: str, read: Callable[[], Part]) -> Part:
        """Load a part, or return it as it was loaded before; see ``Loading.load``."""
        try:
            key = folder, folder_state(folder)
        except OSError:
            return read()  # which says what is wrong
        parts = self._kept.setdefault(key, {})
        self._kept.move_to_end(key)
        while len(self._kept) > self._models:
            self._kept.popitem(last=False)
        if part not in parts:
            parts[part] = read()
        return cast("Part", parts[part])

    def before_slow(self, what: str) -> None:
        """Tell of work that takes seconds."""
        self._before_slow(what)


ANEW: Loading = LoadedAnew()
"""What every process does that asks once."""


def folder_state(folder: Path) -> FolderState:
    """Return what the files directly in a folder look like from outside.

    Raises:
        OSError: It cannot be read.
    """
    with os.scandir(folder) as entries:
        states = [(one.name, one.stat()) for one in entries]
    return tuple(sorted((name, one.st_size, one.st_mtime_ns, one.st_ino) for name, one in states))
