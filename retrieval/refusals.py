"""What the system refuses to do with files, as errors of ours."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from retrieval.errors import DiskFullError, FileSystemError, ReadOnlyError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def refuse(error: OSError, path: Path, doing: str) -> NoReturn:
    """Raise the error of our tree that an ``OSError`` stands for.

    Args:
        error: What the system raised.
        path: The file or folder it was about.
        doing: What was tried, such as ``writing``.

    Raises:
        DiskFullError, ReadOnlyError, FileSystemError: Always one of them.
    """
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _FULL:
        raise DiskFullError(
            f"The disk is full: {doing} {path} failed ({reason}).",
            fix="Free some space and run the same command again; what was committed is whole.",
        ) from error
    if error.errno in _REFUSED:
        raise ReadOnlyError(
            f"Not allowed: {doing} {path} failed ({reason}).",
            fix="Choose a folder you may write to, or change its permissions.",
        ) from error
    raise FileSystemError(f"{doing.capitalize()} {path} failed ({reason}).") from error


@contextlib.contextmanager
def refusing(path: Path, doing: str) -> Iterator[None]:
    """Let what the system refuses within be one of our errors, but for files missing or there."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        refuse(error, path, doing)
