"""Starting a helper, after a question that found none was answered without it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import retrieval
from retrieval.errors import FileSystemError
from retrieval.fsops import Files
from retrieval.serve.asked import Asked
from retrieval.serve.control import listening_at
from retrieval.serve.messages import pack
from retrieval.serve.places import SOCKET_SUFFIX, make_private
from retrieval.serve.seat import is_free

MOST_RESIDENTS = 4
"""Each keeps a model in memory; who asks one index more answers without."""

_BOOT = "import sys; sys.path.append(sys.argv[1]); import {module}; {module}.serve(sys.argv[2:])"


def boot_line(module: str) -> tuple[str, ...]:
    """Return the command that starts a helper; the address is its last argument.

    Args:
        module: Has a function ``serve`` that takes the arguments.
    """
    # -P and the end of the path: what lies beside the package must not hide other modules
    root = str(Path(retrieval.__file__ or "").resolve().parents[1])
    return (sys.executable, "-P", "-c", _BOOT.format(module=module), root)


def start(address: str, key: bytes, asked: Asked, *, line: Sequence[str], files: Files) -> bool:
    """Start a helper in the background, unless one is starting or there are enough.

    Args:
        address: Path of its socket.
        key: What tells it from others.
        asked: A question to get ready with.
        line: The command that starts it, without the address.
        files: The file system.

    Returns:
        Whether one was started; where none can be, nothing is said.
    """
    folder = Path(address).parent
    if not sys.executable or not make_private(str(folder)):
        return False
    try:
        if not is_free(Path(address), files) or _count(folder, files) >= MOST_RESIDENTS:
            return False
    except FileSystemError:
        return False
    with contextlib.suppress(OSError):
        child = subprocess.Popen(
            [*line, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        child.returncode = 0  # it outlives us, which is no oversight to be warned of
        if child.stdin is not None:
            with child.stdin as told:
                told.write(pack([key, *asked.to_fields()]))
        return True
    return False


def _count(folder: Path, files: Files) -> int:
    """Return how many helpers there are."""
    names = [name for name in files.list(folder) if name.endswith(SOCKET_SUFFIX)]
    return sum(listening_at(os.path.join(folder, name)) for name in names)  # noqa: PTH118 -- a text
