"""A command line with everything about its process that its answer can depend on.

Records here are named tuples: dataclasses import ``inspect``, which costs a client a third of
the time that Python itself takes to start.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

NO_COLUMNS = 0
"""Columns where standard output is no terminal."""

_FLAGS = (
    "bytes_warning",
    "debug",
    "dev_mode",
    "ignore_environment",
    "inspect",
    "int_max_str_digits",
    "isolated",
    "no_site",
    "no_user_site",
    "optimize",
    "utf8_mode",
    "verbose",
    "warn_default_encoding",
)


class StreamFacts(NamedTuple):
    """How a process writes one of its streams.

    Attributes:
        encoding: Of its text.
        errors: What becomes of characters that it does not have.
        is_terminal: Whether a person sees it.
        line_buffering: Whether every line is written at once.
        write_through: Whether every write is.
        block_bytes: Bytes written at once.
    """

    encoding: str
    errors: str
    is_terminal: bool
    line_buffering: bool
    write_through: bool
    block_bytes: int


class Asked(NamedTuple):
    """What a process was asked, and where it stands.

    Attributes:
        program: How it was started, for the commands it prints.
        words: Its arguments.
        folder: Its current folder.
        folder_place: Device and inode of that, so that the same path in another place is told.
        environment: ``NAME=VALUE`` of each variable.
        interpreter: Options of Python itself.
        columns: Width of the terminal that standard output is; 0 for none.
        out: Standard output.
        err: Standard error.
    """

    program: str
    words: tuple[str, ...]
    folder: str
    folder_place: str
    environment: tuple[bytes, ...]
    interpreter: str
    columns: int
    out: StreamFacts
    err: StreamFacts

    def to_fields(self) -> list[bytes]:
        """Return the record as fields of a message.

        Raises:
            UnicodeEncodeError: A word came from no command line.
        """
        counts = f"{len(self.words)} {self.columns}"
        texts = [counts, self.program, self.folder, self.folder_place, self.interpreter]
        streams = [str(value) for stream in (self.out, self.err) for value in stream]
        return [os.fsencode(one) for one in (*texts, *streams, *self.words)] + [*self.environment]

    @classmethod
    def from_fields(cls, fields: Sequence[bytes]) -> Asked:
        """Read what ``to_fields`` wrote.

        Raises:
            ValueError: It did not write this.
        """
        size = len(StreamFacts._fields)
        if len(fields) < 5 + 2 * size:
            raise ValueError(f"{len(fields)} fields, and more are expected")
        texts = [os.fsdecode(one) for one in fields[: 5 + 2 * size]]
        counts, program, folder, place, interpreter = texts[:5]
        words, columns = map(int, counts.split())
        first = 5 + 2 * size
        return cls(
            program=program,
            words=tuple(map(os.fsdecode, fields[first : first + words])),
            folder=folder,
            folder_place=place,
            environment=tuple(fields[first + words :]),
            interpreter=interpreter,
            columns=columns,
            out=_stream(texts[5 : 5 + size]),
            err=_stream(texts[5 + size :]),
        )


def facts_of(stream: object) -> StreamFacts | None:
    """Describe a stream of this process; None for one that no other process could imitate."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    try:
        block = os.fstat(stream.fileno()).st_blksize
    except (OSError, ValueError):
        return None
    return StreamFacts(
        stream.encoding,
        stream.errors or "strict",
        stream.isatty(),
        stream.line_buffering,
        stream.write_through,
        block if block > 1 else io.DEFAULT_BUFFER_SIZE,
    )


def place_of(folder: str) -> str:
    """Return the device and inode of a folder.

    Raises:
        OSError: It is not there.
    """
    found = os.stat(folder)  # noqa: PTH116 -- pathlib costs milliseconds here
    return f"{found.st_dev}:{found.st_ino}"


def interpreter_options() -> str:
    """Return the options that Python itself was started with, as far as they change answers."""
    flags = ",".join(f"{name}={getattr(sys.flags, name)}" for name in _FLAGS)
    return f"{flags} {sys.warnoptions} {sorted(sys._xoptions.items())}"


def _stream(texts: Sequence[str]) -> StreamFacts:
    encoding, errors, terminal, lines, through, block = texts
    return StreamFacts(
        encoding, errors, terminal == "True", lines == "True", through == "True", int(block)
    )
