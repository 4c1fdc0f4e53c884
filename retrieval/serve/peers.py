"""Who is on the other side of a Unix socket."""

from __future__ import annotations

import os
import socket
import sys

_NUMBER_BYTES = 4
_UNKNOWN = -1


def is_own(connection: socket.socket) -> bool:
    """Tell whether the other side runs as this user, where the system says so.

    Where it does not, the folder of the socket is what keeps others out.
    """
    user = _credentials(connection)[1]
    return user in {_UNKNOWN, os.geteuid()}


def pid_of(connection: socket.socket) -> int | None:
    """Return the process on the other side; None where the system does not say."""
    pid = _credentials(connection)[0]
    return None if pid == _UNKNOWN else pid


def _credentials(connection: socket.socket) -> tuple[int, int]:
    """Return the process and the user of the other side."""
    if not hasattr(socket, "SO_PEERCRED"):
        return _UNKNOWN, _UNKNOWN
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 3 * _NUMBER_BYTES)
    parts = [found[at : at + _NUMBER_BYTES] for at in (0, _NUMBER_BYTES)]
    pid, user = (int.from_bytes(part, sys.byteorder, signed=True) for part in parts)
    return pid, user
