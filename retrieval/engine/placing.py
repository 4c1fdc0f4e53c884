"""Files a person asked for, put in their place whole or not at all."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import FileSystemError
from retrieval.fsops import Content, Files, LocalFiles, replace_file


def place_file(path: Path, content: Content, *, files: Files | None = None) -> None:
    """Write a file under a temporary name beside its place, sync it and rename it there.

    Folders that are missing are made. A link to a file stays, and the file is replaced.

    Args:
        path: Where to; an earlier file there is replaced.
        content: All of it, or its blocks, which are not held together.
        files: The file system; the machine's own by default.

    Raises:
        DiskFullError: There is no space left; an earlier file is whole.
        ReadOnlyError: The folder may not be written to.
        FileSystemError: The path or one above it cannot be a file or folder, or the
            machine failed to write.
    """
    _refuse_what_is_no_file(path)
    place = path.resolve()
    files = files or LocalFiles()
    make_folder(place.parent, files=files)
    replace_file(files, place, content)


def make_folder(folder: Path, *, files: Files) -> None:
    """Make a folder and those above it; an existing one is fine.

    Raises:
        FileSystemError: A file stands where a folder is needed, or the machine refused.
    """
    try:
        files.make_folder(folder)
    except (FileExistsError, FileNotFoundError) as error:
        raise FileSystemError(
            f"{folder} is needed as a folder and is something else.",
            fix="Give another path, or move that file away.",
        ) from error


def _refuse_what_is_no_file(path: Path) -> None:
    """Raise for a folder, and for a device or pipe, which a rename would remove."""
    try:
        kind = "a folder" if path.is_dir() else "a device or a pipe"
        taken = path.exists() and not path.is_file()
    except OSError as error:  # a name too long, a folder that may not be looked into
        raise FileSystemError(f"Looking at {path} failed ({error.strerror}).") from error
    if taken:
        raise FileSystemError(
            f"{path} is {kind}; a file is to be written.", fix="Give the path of a file."
        )
