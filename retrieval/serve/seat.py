"""The place of a helper: a lock that one process holds, and the socket it listens on."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from retrieval.errors import LockedError
from retrieval.fsops import Files
from retrieval.serve.places import LOCK_SUFFIX

WAKE_S = 5.0
_WAITING = 16
_ATTEMPTS = 20
_ATTEMPT_S = 0.05


class Seat:
    """A socket that callers find.

    Args:
        address: Its path.
        listener: Listens there.
        files: The file system.
    """

    def __init__(self, address: Path, listener: socket.socket, files: Files) -> None:
        self.listener = listener
        self._address = address
        self._files = files
        self._own = _identity(address)

    def is_taken(self) -> bool:
        """Tell whether the socket is still found at its path."""
        return self._own is not None and _identity(self._address) == self._own

    def leave(self) -> None:
        """Let nobody find the socket any more; those who have wait in vain, and notice."""
        if self.is_taken():
            with contextlib.suppress(FileNotFoundError):
                self._files.unlink(self._address)
        self._own = None


def is_free(address: Path, files: Files) -> bool:
    """Tell whether nobody holds the place of a helper, or is about to."""
    try:
        with files.lock(_lock_path(address), ""):
            return True
    except LockedError:
        return False


@contextlib.contextmanager
def held(
    address: Path, files: Files, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the place of a helper, which the kernel gives to one process only.

    Args:
        address: Path of the socket.
        files: The file system.
        sleep: Waits for those who only look whether the place is free.

    Raises:
        LockedError: Another process holds it.
    """
    for attempt in range(_ATTEMPTS):
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(files.lock(_lock_path(address), f"process {os.getpid()}"))
            except LockedError:
                if attempt == _ATTEMPTS - 1:
                    raise
                sleep(_ATTEMPT_S)
                continue
            yield
            return


@contextlib.contextmanager
def listening(address: Path, files: Files, *, wake_s: float = WAKE_S) -> Iterator[Seat]:
    """Listen at an address; the caller holds its place.

    Args:
        address: Path of the socket; one that was left there by a process that is gone is removed.
        files: The file system.
        wake_s: Seconds after which waiting for a caller is interrupted.

    Raises:
        OSError: The socket cannot be made.
    """
    with contextlib.suppress(FileNotFoundError):
        files.unlink(address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        before = os.umask(0o177)
        try:
            listener.bind(str(address))
        finally:
            os.umask(before)
        listener.listen(_WAITING)
        listener.settimeout(wake_s)
        seat = Seat(address, listener, files)
        try:
            yield seat
        finally:
            seat.leave()


def _lock_path(address: Path) -> Path:
    return address.with_suffix(LOCK_SUFFIX)


def _identity(address: Path) -> tuple[int, int] | None:
    """Return device and inode of a socket; None where there is none."""
    try:
        found = address.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
