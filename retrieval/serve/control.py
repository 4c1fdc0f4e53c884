"""Seeing helpers, and ending them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retrieval.fsops import Files
from retrieval.serve.messages import Kind, receive, send
from retrieval.serve.peers import is_own, pid_of
from retrieval.serve.places import SOCKET_SUFFIX

PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentState:
    """A helper as it tells of itself.

    Attributes:
        pid: Its process; None where the system does not say.
        is_busy: Whether it says nothing now, and so nothing below.
        version: Of its package.
        index: The index it answered of last.
        model: The model of that.
        answered: Questions it answered.
        declined: Questions it left to their callers.
        why_declined: Why it did so last; empty if it never did.
        idle_s: Seconds since the last question.
    """

    pid: int | None
    is_busy: bool = False
    version: str = ""
    index: str = ""
    model: str = ""
    answered: int | None = None
    declined: int | None = None
    why_declined: str = ""
    idle_s: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)


def listening_at(address: str) -> bool:
    """Tell whether anybody listens at an address."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            connection.connect(address)
        except OSError:
            return False
    return True


def residents_in(
    folder: str | None, files: Files, *, version: str, patience_s: float = PATIENCE_S
) -> list[ResidentState]:
    """Ask every helper of this user how it is.

    Args:
        folder: The folder of helpers; None for none.
        files: The file system.
        version: Of the package.
        patience_s: Seconds to wait for each.

    Raises:
        FileSystemError: The folder cannot be read.
    """
    found = []
    for address in _addresses(folder, files):
        told, pid = _said(address, Kind.STATUS, version, patience_s)
        if told is None:
            continue
        if told[:1] == [Kind.STATUS.encode()]:
            fields = json.loads(told[1])
            known = {
                name: fields[name] for name in ResidentState.__dataclass_fields__ if name in fields
            }
            found.append(ResidentState(**known))
        else:
            found.append(ResidentState(pid=pid, is_busy=True))
    return found


def stop_residents(
    folder: str | None, files: Files, *, version: str, patience_s: float = PATIENCE_S
) -> int:
    """End every helper of this user; one that does not listen is ended by a signal.

    Args:
        folder: The folder of helpers; None for none.
        files: The file system.
        version: Of the package.
        patience_s: Seconds to wait for each.

    Returns:
        How many were ended.

    Raises:
        FileSystemError: The folder cannot be read.
    """
    ended = 0
    for address in _addresses(folder, files):
        told, pid = _said(address, Kind.STOP, version, patience_s)
        if told is None:
            continue
        if told[:1] != [Kind.LEAVING.encode()] and pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)
        ended += 1
    return ended


def _addresses(folder: str | None, files: Files) -> list[str]:
    if folder is None:
        return []
    try:
        names = files.list(Path(folder))
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in names if name.endswith(SOCKET_SUFFIX)]


def _said(
    address: str, kind: Kind, version: str, patience_s: float
) -> tuple[list[bytes] | None, int | None]:
    """Say something to a helper.

    Returns:
        What it said, nothing if it did not in time, None where nobody of ours listens; and its
        process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience_s)
        try:
            connection.connect(address)
        except OSError:
            return None, None
        if not is_own(connection):
            return None, None
        pid = pid_of(connection)
        try:
            send(connection, kind, version.encode())
            return receive(connection.makefile("rb")), pid
        except (OSError, EOFError, ValueError):
            return [], pid
