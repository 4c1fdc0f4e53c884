"""Asking a helper; everything here is on the way of a warm question, so it imports little."""

from __future__ import annotations

import contextlib
import socket
from enum import StrEnum
from typing import NamedTuple

from retrieval.serve.asked import Asked
from retrieval.serve.messages import Kind, receive, send
from retrieval.serve.peers import is_own

PATIENCE_S = 0.2
"""How long a helper may take to begin: less than a cold question takes."""


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    ABSENT = "absent"
    """There is no helper, or it ended before its answer was whole."""
    BUSY = "busy"
    DECLINED = "declined"
    LEAVING = "leaving"


class Reply(NamedTuple):
    """What a helper said.

    Attributes:
        outcome: What became of the question; the rest is empty unless it was answered.
        code: The exit code.
        pieces: What was written, in order: 1 for standard output or 2 for standard error, and
            the bytes.
    """

    outcome: Outcome
    code: int = 0
    pieces: tuple[tuple[int, bytes], ...] = ()


def ask(
    address: str, key: bytes, asked: Asked, *, version: str, patience_s: float = PATIENCE_S
) -> Reply:
    """Ask a helper; nothing of an answer is returned until all of it is there.

    Args:
        address: Path of its socket.
        key: What tells it from other helpers.
        asked: The question.
        version: Of the package, which the helper must share.
        patience_s: Seconds in which it must begin; from then on it is waited for.

    Raises:
        UnicodeEncodeError: A word came from no command line.
    """
    fields = asked.to_fields()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience_s)
        try:
            connection.connect(address)
            if not is_own(connection):
                return Reply(Outcome.ABSENT)
            # a helper of another version says so, and may be gone before it has read all
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                send(connection, Kind.ASK, version.encode(), key, *fields)
            source = connection.makefile("rb")
            told = receive(source)
            if told[0] == Kind.BEGUN.encode():
                connection.settimeout(None)
                told = receive(source)
            return _reply(told)
        except (TimeoutError, BlockingIOError):
            return Reply(Outcome.BUSY)
        except (OSError, EOFError, ValueError, IndexError):
            return Reply(Outcome.ABSENT)


def _reply(told: list[bytes]) -> Reply:
    """Read the last message of a helper.

    Raises:
        ValueError, IndexError: It is none.
    """
    kind = Kind(told[0].decode())
    if kind is Kind.ANSWER:
        streams = map(int, told[2::2])
        return Reply(Outcome.ANSWERED, int(told[1]), tuple(zip(streams, told[3::2], strict=True)))
    return Reply(Outcome.LEAVING if kind is Kind.LEAVING else Outcome.DECLINED)
