"""Helpers and callers in the threads of a test."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.fsops import LocalFiles
from retrieval.serve.asked import Asked, StreamFacts, interpreter_options, place_of
from retrieval.serve.messages import Kind, receive, send
from retrieval.serve.resident import Command, Done, Post, Resident
from retrieval.serve.seat import Seat, listening

KEY = b"a key"
VERSION = "1.2.3"
FACTS = StreamFacts("utf-8", "backslashreplace", False, False, False, 4096)


def asked(*words: str) -> Asked:
    """Return a question of this very process."""
    return Asked(
        program="retrieve",
        words=words,
        folder=str(Path.cwd()),
        folder_place=place_of("."),
        environment=tuple(b"=".join(one) for one in os.environb.items()),
        interpreter=interpreter_options(),
        columns=0,
        out=FACTS,
        err=FACTS,
    )


class EchoCommand:
    """Writes its words to both streams; ends as it is told."""

    def __init__(self, *, code: int = 0, is_bug: bool = False, index: str = "") -> None:
        self.done = Done(code=code, is_bug=is_bug, index=index, model="a model")
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, program: str, words: tuple[str, ...]) -> Done:
        self.asked.append(words)
        sys.stdout.write(f"{program}: {' '.join(words)}\n")
        sys.stdout.flush()
        sys.stderr.write("note: echoed\n")
        return self.done


def a_resident(
    command: Command,
    *,
    version: str = VERSION,
    is_current: Callable[[], bool] = lambda: True,
    clock: Callable[[], float] = lambda: 0.0,
) -> Resident:
    return Resident(Post(key=KEY, version=version), command, is_current=is_current, clock=clock)


@contextlib.contextmanager
def serving(resident: Resident, address: Path) -> Iterator[threading.Thread]:
    """Serve in a thread; the block may wait for its end, else it is brought about."""
    with listening(address, LocalFiles(), wake_s=0.01) as seat:
        thread = threading.Thread(target=resident.serve, args=(seat,), daemon=True)
        thread.start()
        try:
            yield thread
        finally:
            seat.leave()
            thread.join(60)
    assert not thread.is_alive()


@contextlib.contextmanager
def half_a_helper(address: Path, *answer: bytes, stays: bool = False) -> Iterator[threading.Event]:
    """Begin an answer and never end it: close after these bytes, or keep silent.

    The event is set as soon as a caller was told that its answer has begun.
    """
    begun, over = threading.Event(), threading.Event()

    def attend(seat: Seat) -> None:
        while not over.is_set():
            try:
                connection, _ = seat.listener.accept()
            except (TimeoutError, OSError):
                continue
            with connection, contextlib.suppress(OSError, EOFError):
                connection.settimeout(60)
                receive(connection.makefile("rb"))
                send(connection, Kind.BEGUN)
                connection.sendall(b"".join(answer))
                begun.set()
                if stays:
                    over.wait(60)
                connection.shutdown(socket.SHUT_RDWR)

    with listening(address, LocalFiles(), wake_s=0.01) as seat:
        thread = threading.Thread(target=attend, args=(seat,), daemon=True)
        thread.start()
        try:
            yield begun
        finally:
            over.set()
            thread.join(60)
