"""The file FORMAT: by it a folder is known as an index, and of which format."""

from __future__ import annotations

from pathlib import Path

from retrieval.errors import IndexNotFoundError, NewerFormatError, NotAnIndexError
from retrieval.fsops import Files
from retrieval.store import layout


def check_format(files: Files, folder: Path, names: list[str]) -> None:
    """Refuse a folder that is no index of ours, or one of a later format.

    Raises:
        IndexNotFoundError: The folder has nothing of an index in it.
        NotAnIndexError: It has other files, or a FORMAT that is not ours.
        NewerFormatError: Its FORMAT is of a later version.
    """
    if layout.FORMAT_NAME not in names:
        if all(layout.is_ours(name) for name in names) and not layout.generations(names):
            raise IndexNotFoundError(
                f"{folder} holds no index yet.", fix="Build one with: retrieve index INPUT"
            )
        raise NotAnIndexError(
            f"{folder} is not an index: it has no file named FORMAT.",
            fix="Name the folder of an index; `retrieve status` lists the ones in ./indexes.",
        )
    content = files.read(folder / layout.FORMAT_NAME)
    if content == layout.FORMAT_TEXT:
        return
    version = content[len(layout.FORMAT_FAMILY) :].strip()
    if content.startswith(layout.FORMAT_FAMILY) and version.isdigit() and int(version) > 1:
        raise NewerFormatError(
            f"{folder} is an index of format {int(version)}; this version reads format 1.",
            fix="Upgrade the package and open the index again.",
        )
    raise NotAnIndexError(
        f"{folder} is not an index: its FORMAT reads {content[:40]!r},"
        f" not {layout.FORMAT_TEXT.decode().strip()!r}.",
        fix="Name the folder of an index, or restore the file FORMAT from a copy.",
    )
