"""Streams that are not written but kept, piece by piece, in the order of both."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NoReturn

from retrieval.serve.asked import StreamFacts
from retrieval.serve.declined import Declined

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDOUT = 1
STDERR = 2
_MOST_BYTES = 1 << 26


class Recording:
    """What a command wrote.

    Args:
        most_bytes: More than this is not kept; the command is then declined.

    Attributes:
        pieces: The stream, 1 or 2, and the bytes of each write that reached it.
    """

    def __init__(self, *, most_bytes: int = _MOST_BYTES) -> None:
        self.pieces: list[tuple[int, bytes]] = []
        self._room = most_bytes

    def keep(self, number: int, content: bytes) -> None:
        """Keep what was written to a stream.

        Raises:
            Declined: It is too much.
        """
        if self._room < 0:
            return  # a buffer is emptied once more when it is closed
        self._room -= len(content)
        if self._room < 0:
            self.pieces.clear()
            raise Declined("the answer is too long to be kept whole")
        self.pieces.append((number, content))

    def stream(self, number: int, facts: StreamFacts) -> io.TextIOWrapper:
        """Return a stream that writes here, buffered as the caller's own would be."""
        raw = _Kept(self, number, is_terminal=facts.is_terminal)
        return io.TextIOWrapper(
            io.BufferedWriter(raw, facts.block_bytes),
            encoding=facts.encoding,
            errors=facts.errors,
            newline="\n",
            line_buffering=facts.line_buffering,
            write_through=facts.write_through,
        )


class _Kept(io.RawIOBase):
    """The end of a stream."""

    def __init__(self, recording: Recording, number: int, *, is_terminal: bool) -> None:
        self._recording = recording
        self._number = number
        self._is_terminal = is_terminal

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, content: ReadableBuffer, /) -> int:
        kept = bytes(content)
        self._recording.keep(self._number, kept)
        return len(kept)


class ForeignInput:
    """Standard input, which is the caller's: whoever asks anything of it is declined."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Declined("it reads standard input")
