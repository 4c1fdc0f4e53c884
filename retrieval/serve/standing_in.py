"""Being in a caller's place for the length of one command."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import TextIO, cast

from retrieval.serve.asked import NO_COLUMNS, Asked, interpreter_options, place_of
from retrieval.serve.declined import Declined
from retrieval.serve.recording import STDERR, STDOUT, ForeignInput, Recording


@contextlib.contextmanager
def standing_in(asked: Asked, recording: Recording) -> Iterator[None]:
    """Have the caller's folder, environment and streams.

    Args:
        asked: Where the caller stands.
        recording: Gets what is written.

    Raises:
        Declined: This process cannot stand there, or the command asks what it cannot say.
    """
    if asked.interpreter != interpreter_options():
        raise Declined("Python was started with other options")
    _go_to(asked)
    _take_environment(asked)
    streams = sys.stdin, sys.stdout, sys.stderr
    out = recording.stream(STDOUT, asked.out)
    err = recording.stream(STDERR, asked.err)
    sys.stdin, sys.stdout, sys.stderr = cast("TextIO", ForeignInput()), out, err
    try:
        with warnings.catch_warnings():  # what was warned of before is warned of again
            yield
            out.flush()
            err.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.chdir("/")  # a folder one stands in cannot be unmounted


def _go_to(asked: Asked) -> None:
    """Make the caller's folder the current one."""
    try:
        os.chdir(asked.folder)
        same = place_of(".") == asked.folder_place
    except OSError:
        same = False
    if not same:
        raise Declined("the current folder is another one here")


def _take_environment(asked: Asked) -> None:
    """Take the caller's environment; a terminal's width is told by it too.

    Only what differs is written: other threads may be reading the rest.
    """
    wanted = _variables(asked)
    for name in os.environb.keys() - wanted.keys():
        del os.environb[name]
    for name, value in wanted.items():
        if os.environb.get(name) != value:
            os.environb[name] = value


def _variables(asked: Asked) -> Mapping[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for entry in asked.environment:
        name, _, value = entry.partition(b"=")
        found[name] = value
    if asked.columns != NO_COLUMNS and not _columns_said(found.get(b"COLUMNS", b"")):
        found[b"COLUMNS"] = str(asked.columns).encode()
    return found


def _columns_said(value: bytes) -> bool:
    """Tell whether ``COLUMNS`` is a width that ``shutil`` takes in place of the terminal's."""
    try:
        return int(value) > 0
    except ValueError:
        return False
