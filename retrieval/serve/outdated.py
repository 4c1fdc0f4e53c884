"""Whether the code of this process is still the code on disk."""

from __future__ import annotations

import os
import sys
from typing import TypeAlias

_PACKAGE = "retrieval"

State: TypeAlias = tuple[int, int, int]


class LoadedCode:
    """Remembers the files of modules as they were when they were first seen.

    Every module of this package counts, and the first of each other one: an installer writes all
    files of a package anew.
    """

    def __init__(self) -> None:
        self._states: dict[str, State | None] = {}

    def is_current(self) -> bool:
        """Look at all files again, those loaded since among them; tell whether none changed."""
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if not path or ("." in name and not name.startswith(f"{_PACKAGE}.")):
                continue
            state = _state(path)
            if self._states.setdefault(path, state) != state:
                return False
        return True


def _state(path: str) -> State | None:
    """Return when a file was changed, its size and inode; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 -- hundreds of them at every question
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
