"""Bytes of an input, plain or compressed, line by line, bounded and counted."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from retrieval.errors import InputError

MAX_LINE_BYTES = 64 << 20
"""Longest line, and longest file that is one document."""
BUFFER_BYTES = 1 << 20
"""Read from a file at once: calls of the system are dear on some machines and network disks."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file.

    Attributes:
        number: From 1.
        offset: Bytes of the (uncompressed) file before it.
        content: Its bytes without the line end; None if it is longer than allowed.
    """

    number: int
    offset: int
    content: bytes | None


class ByteSource(Protocol):
    """The part of a binary file that reading needs."""

    def read(self, size: int, /) -> bytes:
        """Read up to ``size`` bytes."""
        ...

    def readline(self, size: int, /) -> bytes:
        """Read a line of up to ``size`` bytes, its end included."""
        ...


class InputStream:
    """An input open for reading; ``.gz`` is uncompressed.

    Args:
        path: The file, for messages.
        raw: What to read instead of the file, such as standard input.
    """

    def __init__(self, path: Path, raw: ByteSource | None = None) -> None:
        self.path = path
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        self._taken = 0
        if raw is not None:
            self._content = raw
            return
        try:
            self._file = self._stack.enter_context(path.open("rb", BUFFER_BYTES))
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from error
        self._content = self._file
        if path.name.lower().endswith(".gz"):
            self._content = self._stack.enter_context(gzip.GzipFile(fileobj=self._file))

    @property
    def bytes_read(self) -> int:
        """Bytes read from the file itself, as it lies on disk; 0 for a stream."""
        if self._file is None or self._file.closed:
            return 0
        # asking the system after each document would cost more than reading it
        return self._taken if self._content is self._file else self._file.tell()

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes.

        Raises:
            InputError: The file is damaged or cannot be read.
        """
        return self._guarded(size, whole_line=False)

    def _guarded(self, size: int, *, whole_line: bool) -> bytes:
        try:
            found = self._content.readline(size) if whole_line else self._content.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"{self.path} is damaged near byte {self.bytes_read} of the compressed file:"
                f" {error}.",
                fix="Fetch or compress it again; nothing of it was committed.",
            ) from error
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error}.") from error
        self._taken += len(found)
        return found

    def lines(self) -> Iterator[Line]:
        """Yield the lines; memory is bounded by the longest line allowed."""
        number, offset = 0, 0
        while content := self._guarded(MAX_LINE_BYTES + 1, whole_line=True):
            number += 1
            start, offset = offset, offset + len(content)
            if number == 1 and content.startswith(b"\xef\xbb\xbf"):
                content, start = content[3:], 3
            if len(content) > MAX_LINE_BYTES and not content.endswith(b"\n"):
                while rest := self._guarded(io.DEFAULT_BUFFER_SIZE, whole_line=True):
                    offset += len(rest)
                    if rest.endswith(b"\n"):
                        break
                yield Line(number, start, None)
            else:
                yield Line(number, start, content.rstrip(b"\r\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


class PeekedStream:
    """A stream whose first byte that is not white space is known before it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = b""
        self.first = b""
        while not self.first and (line := stream.readline(1 << 16)):
            self._start += line
            self.first = line.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]

    def read(self, size: int) -> bytes:
        """Read bytes; those looked at first come first."""
        start, self._start = self._start[:size], self._start[size:]
        return start or self._stream.read(size)

    def readline(self, size: int) -> bytes:
        """Read a line, of the bytes looked at first."""
        if not self._start:
            return self._stream.readline(size)
        line, end, self._start = self._start.partition(b"\n")
        if end or self._start:
            return line + end
        return line + self._stream.readline(size)
