"""A pseudo-terminal with a child process on it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = "retrieval.testing.cli"


@dataclass(frozen=True, slots=True)
class Screen:
    """What was written to a terminal, standard error included, and how the child ended."""

    text: str
    code: int

    @property
    def lines(self) -> list[str]:
        """The lines as written."""
        return self.text.splitlines()


def environment_of_child(**changes: str) -> dict[str, str]:
    """Return an environment without settings of ours, which turns every warning into an error."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if (not name.startswith("RETRIEVE_") or name == "RETRIEVE_CACHE")
        and name not in {"NO_COLOR", "COLUMNS", "LINES"}
    }
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        **changes,
    }


def open_terminal(columns: int) -> tuple[int, int]:
    """Return both ends of a new terminal: ours, and the child's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    return ours, theirs


def read_all(ours: int) -> str:
    """Return everything written until the child's end is closed."""
    pieces: list[bytes] = []
    with contextlib.suppress(OSError):  # EIO is how Linux says that nobody has it open
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def read_until(ours: int, text: str) -> str:
    """Return what was written up to some text; what follows is left to be read."""
    seen = b""
    while text.encode() not in seen:
        seen += os.read(ours, 1)
    return seen.decode()


def converse(
    args: Sequence[str],
    answers: Sequence[str],
    *,
    prompt: str,
    folder: Path,
    environment: Mapping[str, str],
    module: str = MODULE,
    killed: bool = False,
) -> Screen:
    """Run the command line with all streams on a terminal and answer its questions.

    After the last answer the terminal says that nothing more comes (Ctrl-D), or the child
    is killed at its next question.
    """
    ours, theirs = open_terminal(100)
    try:
        with subprocess.Popen(
            [sys.executable, "-m", module, *args],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=environment_of_child(**environment),
        ) as child:
            os.close(theirs)
            text = ""
            for answer in answers:
                text += read_until(ours, prompt)
                os.write(ours, answer.encode() + b"\n")
            text += read_until(ours, prompt)
            if killed:
                child.kill()
            else:
                os.write(ours, b"\x04")
            text += read_all(ours)
        return Screen(text.replace("\r\n", "\n"), child.returncode)
    finally:
        os.close(ours)


def run_on_terminal(
    args: Sequence[str],
    *,
    columns: int,
    folder: Path,
    environment: Mapping[str, str],
    module: str,
) -> Screen:
    """Run the command line with standard output and standard error on a terminal."""
    ours, theirs = open_terminal(columns)
    try:
        with subprocess.Popen(
            [sys.executable, "-m", module, *args],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=environment_of_child(**environment),
        ) as child:
            os.close(theirs)
            text = read_all(ours)
        return Screen(text, child.returncode)
    finally:
        os.close(ours)
