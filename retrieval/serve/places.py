"""Where helpers are found: a folder of this user alone, and one socket a helper in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from zlib import crc32

SOCKET_SUFFIX = ".socket"
LOCK_SUFFIX = ".lock"
_MOST_PATH_BYTES = 100
"""Systems take 104 to 108 bytes for the path of a socket."""
_NAME_BYTES = 24


def runtime_folder(environ: Mapping[str, str]) -> str | None:
    """Return the folder of helpers, whether or not it is there; None where none can be trusted.

    It lies in ``XDG_RUNTIME_DIR``, else in the temporary folder. One that is there is a folder
    of this user that nobody else may enter, and no link.

    Args:
        environ: The environment.
    """
    user = os.geteuid()
    temporary = environ.get("TMPDIR") or "/tmp"  # noqa: S108 -- checked below
    candidates = [os.path.join(temporary, f"retrieve-run-{user}")]  # noqa: PTH118
    session = environ.get("XDG_RUNTIME_DIR", "")
    if session.startswith("/") and _is_ours(session, others=0o022):
        candidates.insert(0, os.path.join(session, "retrieve"))  # noqa: PTH118
    for folder in candidates:
        fits = len(os.fsencode(folder)) + _NAME_BYTES <= _MOST_PATH_BYTES
        if fits and folder.startswith("/") and (not _exists(folder) or is_private(folder)):
            return folder
    return None


def address_of(folder: str, key: bytes) -> str:
    """Return the path of the socket of a helper.

    Args:
        folder: The folder of helpers.
        key: What tells the helper from others; its helper checks the whole of it.
    """
    return f"{folder}/{crc32(key):08x}{crc32(key[::-1]):08x}{SOCKET_SUFFIX}"


def is_private(folder: str) -> bool:
    """Tell whether a path is a folder of this user that nobody else may enter, and no link."""
    return _is_ours(folder, others=0o077)


def make_private(folder: str) -> bool:
    """Make a folder for this user alone, unless it is there; tell whether it is one."""
    try:
        os.mkdir(folder, 0o700)  # noqa: PTH102 -- the mode must hold from the first moment
    except FileExistsError:
        pass
    except OSError:
        return False
    return is_private(folder)


def _is_ours(folder: str, *, others: int) -> bool:
    """Tell whether a folder is this user's, and gives nobody else any of some rights."""
    try:
        found = os.lstat(folder)
    except OSError:
        return False
    ours = found.st_uid == os.geteuid()
    return stat.S_ISDIR(found.st_mode) and ours and not found.st_mode & others


def _exists(path: str) -> bool:
    return os.path.lexists(path)
