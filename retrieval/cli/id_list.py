"""A list of document ids from a file."""

from __future__ import annotations

from retrieval.cli.streams import stdin_bytes
from retrieval.errors import InputError


def read_ids(path: str) -> list[str]:
    """Read one id a line; blank lines are skipped.

    Args:
        path: A file, or ``-`` for standard input.

    Raises:
        InputError: The file is missing, unreadable, not UTF-8 or holds no id.
    """
    name = "standard input" if path == "-" else path
    try:
        if path == "-":
            content = stdin_bytes().read()
        else:
            with open(path, "rb") as source:
                content = source.read()
        lines = content.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(
            f"{name} cannot be read ({error.strerror}).", fix="Check the path of --ids-from."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8 at byte {error.start}.", fix="Convert it to UTF-8."
        ) from None
    ids = [line.rstrip("\r") for line in lines if line.strip()]
    if not ids:
        raise InputError(f"{name} holds no id.", fix="Write one id a line.")
    return ids
