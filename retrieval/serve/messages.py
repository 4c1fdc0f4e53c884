"""What goes over the socket: messages of byte strings, each with its length in front.

A message is the number of its fields (4 bytes) and each field after its length (8 bytes), most
significant byte first. The first field says what the message is, and of what is sent to a helper
the second is the version of the package; that much is the same in every version.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Sequence
from enum import StrEnum

_COUNT_BYTES = 4
_LENGTH_BYTES = 8
_MOST_FIELDS = 1 << 20
_MOST_BYTES = 1 << 28


class Kind(StrEnum):
    """First field of a message."""

    ASK = "ask"
    STATUS = "status"
    STOP = "stop"
    BEGUN = "begun"
    """The helper is free and has begun; the answer follows, however long it takes."""
    ANSWER = "answer"
    DECLINED = "declined"
    """The helper cannot answer as the caller's own process would; the reason follows."""
    LEAVING = "leaving"
    """The helper ends: it was asked to, or it is of another version than the caller."""


def pack(fields: Sequence[bytes]) -> bytes:
    """Return a message as bytes."""
    parts = [len(fields).to_bytes(_COUNT_BYTES, "big")]
    for field in fields:
        parts += [len(field).to_bytes(_LENGTH_BYTES, "big"), field]
    return b"".join(parts)


def send(connection: socket.socket, kind: Kind, *fields: bytes) -> None:
    """Send a message.

    Raises:
        OSError: The other side is gone, or does not read within the socket's time.
    """
    connection.sendall(pack([kind.encode(), *fields]))


def receive(source: io.BufferedIOBase) -> list[bytes]:
    """Read one message.

    Args:
        source: Such as ``connection.makefile("rb")``.

    Raises:
        EOFError: It ends within the message, or before it.
        ValueError: It is no message of ours.
        OSError: It cannot be read, or not within the socket's time.
    """
    count = _number(source, _COUNT_BYTES)
    if count > _MOST_FIELDS:
        raise ValueError(f"a message of {count} fields")
    fields: list[bytes] = []
    room = _MOST_BYTES
    for _ in range(count):
        length = _number(source, _LENGTH_BYTES)
        room -= length
        if room < 0:
            raise ValueError(f"a message of more than {_MOST_BYTES} bytes")
        fields.append(_exactly(source, length))
    return fields


def _number(source: io.BufferedIOBase, size: int) -> int:
    return int.from_bytes(_exactly(source, size), "big")


def _exactly(source: io.BufferedIOBase, size: int) -> bytes:
    content = source.read(size)
    if len(content) < size:
        raise EOFError("the message is cut off")
    return content
