"""Standard output and standard error: who reads them, and what if nobody does."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from retrieval.errors import DiskFullError, FileSystemError, InputError

NARROW = 40
"""Columns below which nothing is laid out more tightly."""


def prepare_streams() -> None:
    """Let no character crash us: what a stream cannot encode is written out."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def stdout_is_terminal() -> bool:
    """Return whether a person sees what we answer."""
    return _is_terminal(sys.stdout)


def stderr_is_terminal() -> bool:
    """Return whether a person sees what we note."""
    return _is_terminal(sys.stderr)


def stdin_is_terminal() -> bool:
    """Return whether a person can answer us."""
    return _is_terminal(sys.stdin)


def stdin_bytes() -> BinaryIO:
    """Return standard input as bytes; a person at the keyboard is told to type.

    Raises:
        InputError: Standard input is closed.
    """
    if sys.stdin is None:
        raise InputError(
            "Standard input is closed, and - asks to read from it.",
            fix="Give a file, or pipe something in.",
        )
    if _is_terminal(sys.stdin) and stderr_is_terminal():
        sys.stderr.write("note: reading from the keyboard; Ctrl-D ends it.\n")
        sys.stderr.flush()
    return sys.stdin.buffer


def terminal_width() -> int:
    """Return the columns to draw in; ``COLUMNS`` wins over the terminal."""
    import shutil  # brings the compression modules along, which --help need not pay for

    return max(NARROW, shutil.get_terminal_size((80, 24)).columns)


@contextlib.contextmanager
def answering() -> Iterator[None]:
    """Turn a failure to write standard output into an error of our tree.

    Raises:
        BrokenPipeError: Whoever read us stopped, as ``head`` does; no failure.
        DiskFullError: Standard output goes to a file on a full disk.
        FileSystemError: Standard output is closed or cannot be written.
    """
    if sys.stdout is None:
        raise FileSystemError(
            "There is no standard output to write the answer to.",
            fix="Run the command without closing it (`>&-`).",
        )
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else FileSystemError
        raise kind(
            f"Writing the answer to standard output failed ({error.strerror or error}).",
            fix="Send it somewhere else, or free some space, and run the command again.",
        ) from error


def flush() -> None:
    """Hand what was written to the reader of standard output, now."""
    if sys.stdout is not None:
        with answering():
            sys.stdout.flush()


def abandon_stdout() -> None:
    """Forget what could not be written, so that the interpreter ends without a word."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    try:
        return bool(isatty and isatty())
    except ValueError:  # a closed stream
        return False
