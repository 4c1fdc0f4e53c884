"""What libraries write by themselves: into a private folder, synced, published by rename.

They save a model with file operations of their own, the one exception to the rule that
every byte goes through ``fsops``. So they write where nobody looks, what they wrote is synced
here, and the folder gets its name when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from retrieval.errors import RetrievalError
from retrieval.fsops import Files
from retrieval.refusals import refuse

_RUST_ERROR = re.compile(r"os error (\d+)")
"""How libraries written in Rust, such as safetensors, tell what the system said."""


@contextlib.contextmanager
def written_by_library(files: Files, folder: Path) -> Iterator[None]:
    """Let a library write into a folder of ours, then make that survive a power cut.

    Args:
        files: Syncs the folders.
        folder: Where it writes.

    Raises:
        DiskFullError, ReadOnlyError, FileSystemError: It could not write.
    """
    try:
        yield
        for place, _, names in os.walk(folder, topdown=False):
            for name in names:
                _sync(Path(place) / name)
            files.sync_folder(Path(place))
    except RetrievalError:
        raise
    except OSError as error:
        refuse(error, folder, "writing into")
    except Exception as error:
        number = _RUST_ERROR.search(str(error))
        if number is None:
            raise
        code = int(number[1])
        refuse(OSError(code, os.strerror(code)), folder, "writing into")


def remove_nested(files: Files, folder: Path) -> None:
    """Remove a folder of ours with everything below it; a missing one is fine."""
    try:
        names = files.list(folder)
    except FileNotFoundError:
        return
    for name in names:
        below = folder / name
        if below.is_dir() and not below.is_symlink():
            remove_nested(files, below)
        else:
            with contextlib.suppress(FileNotFoundError):
                files.unlink(below)
    with contextlib.suppress(FileNotFoundError):
        files.remove_folder(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)  # fsync needs a writable file on Windows
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
