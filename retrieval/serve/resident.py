"""A helper: attends to one connection after the other until it is no longer wanted."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from retrieval.serve.asked import Asked
from retrieval.serve.declined import Declined
from retrieval.serve.messages import Kind, receive, send
from retrieval.serve.peers import is_own
from retrieval.serve.recording import Recording
from retrieval.serve.seat import Seat
from retrieval.serve.standing_in import standing_in

IDLE_S = 600.0
_READING_S = 1.0
_ANSWERING_S = 30.0
"""Seconds in which a caller must have taken its answer, however long that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command came to.

    Attributes:
        code: Its exit code.
        is_bug: Whether that says that the fault is ours.
        index: Absolute path of the index it asked; empty if it came to none.
        model: Name of the model of that index.
    """

    code: int
    is_bug: bool
    index: str
    model: str


class Command(Protocol):
    """What a helper answers questions with."""

    def __call__(self, program: str, words: tuple[str, ...]) -> Done:
        """Run a command line in this process, with its streams, folder and environment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Who a helper is.

    Attributes:
        key: What tells it from other helpers.
        version: Of the package.
    """

    key: bytes
    version: str


class Resident:
    """Answers questions one at a time, each in its caller's place.

    One at a time, because streams, folder and environment belong to a whole process; who is kept
    waiting answers for itself.

    Args:
        post: Who it is.
        command: Runs a command line.
        is_current: Tells whether the code that would answer is still the code on disk.
        clock: Seconds from any start.
        idle_s: Ends after so many seconds without a question.
    """

    def __init__(
        self,
        post: Post,
        command: Command,
        *,
        is_current: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        idle_s: float = IDLE_S,
    ) -> None:
        self._post = post
        self._command = command
        self._is_current = is_current
        self._clock = clock
        self._idle_s = idle_s
        self._last = clock()
        self._index = ""
        self._model = ""
        self._counts = {"answered": 0, "declined": 0}
        self._why_declined = ""

    def warm_up(self, asked: Asked) -> None:
        """Answer a question for nobody, so that everything it takes is loaded."""
        self._is_current()
        with suppress(Declined):
            self._perform(asked, Recording())
        self._is_current()

    def serve(self, seat: Seat) -> None:
        """Attend to whoever connects, until nobody has asked for long, or one says to end."""
        self._last = self._clock()
        while self._clock() - self._last < self._idle_s and self._is_wanted(seat):
            try:
                connection, _ = seat.listener.accept()
            except TimeoutError:
                continue
            with connection:
                if not self._attend(connection, seat):
                    return

    def _is_wanted(self, seat: Seat) -> bool:
        """Tell whether callers find this helper, and the index it is here for."""
        return seat.is_taken() and (not self._index or Path(self._index).is_dir())

    def _attend(self, connection: socket.socket, seat: Seat) -> bool:
        """Attend to one caller; tell whether to go on."""
        connection.settimeout(_READING_S)
        if not is_own(connection):
            return True
        source = connection.makefile("rb")
        try:
            kind, version, *fields = receive(source)
            if kind == Kind.STATUS.encode():
                send(connection, Kind.STATUS, json.dumps(self._told()).encode())
                return True
            outdated = version.decode() != self._post.version or not self._is_current()
            if outdated or kind == Kind.STOP.encode():
                seat.leave()  # before it is told, so that nobody comes any more
                send(connection, Kind.LEAVING)
                return False
            key, *rest = fields
            if kind == Kind.ASK.encode() and key == self._post.key:
                return self._answer(connection, Asked.from_fields(rest))
        except (OSError, EOFError, ValueError):
            return True  # whoever it was has gone, or is none of ours
        return True

    def _answer(self, connection: socket.socket, asked: Asked) -> bool:
        """Answer one question, unless whoever asked has gone; tell whether to go on."""
        if _has_gone(connection):
            return True
        self._last = self._clock()
        recording = Recording()
        send(connection, Kind.BEGUN)
        try:
            done = self._perform(asked, recording)
        except Declined as declined:
            self._counts["declined"] += 1
            self._why_declined = declined.reason
            send(connection, Kind.DECLINED, declined.reason.encode())
            return True
        if done.is_bug:
            # it may be of this process alone: the caller finds out, and this one ends
            send(connection, Kind.DECLINED, b"it ended in a bug")
            return False
        self._counts["answered"] += 1
        self._last = self._clock()
        pieces = [
            part for number, content in recording.pieces for part in (b"%d" % number, content)
        ]
        connection.settimeout(_ANSWERING_S)
        send(connection, Kind.ANSWER, b"%d" % done.code, *pieces)
        return True

    def _perform(self, asked: Asked, recording: Recording) -> Done:
        with standing_in(asked, recording):
            done = self._command(asked.program, asked.words)
        if done.index:
            self._index, self._model = done.index, done.model
        return done

    def _told(self) -> dict[str, object]:
        return {
            "pid": os.getpid(),
            "version": self._post.version,
            "index": self._index,
            "model": self._model,
            **self._counts,
            "why_declined": self._why_declined,
            "idle_s": round(self._clock() - self._last, 1),
        }


def _has_gone(connection: socket.socket) -> bool:
    """Tell whether a caller that has said all it has to say has closed its side."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(_READING_S)
