"""``RETRIEVE_DAEMON``: having a resident helper answer ``retrieve query``."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.cli.streams import answering
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.serve.asked import Asked

VARIABLE = "RETRIEVE_DAEMON"

_NOT_WARM = {"-h", "--help", "-", "--queries"}
"""Words of what is quick anyway, reads standard input, or is more than one question."""


class Wish(StrEnum):
    """What a person wants of helpers."""

    OFF = "off"
    AUTO = "auto"


DEFAULT = Wish.OFF


class WarmQuestion:
    """A command line that a helper may answer; only asking it loads what that takes.

    Args:
        program: How this process was started.
        words: Its arguments.
        module: The module that helpers are started with.
    """

    def __init__(self, program: str, words: tuple[str, ...], module: str) -> None:
        self._program = program
        self._words = words
        self._module = module
        self._missing: tuple[str, bytes, Asked] | None = None

    def ask(self) -> int | None:
        """Have a helper answer, and write the answer out; None where none does.

        Returns:
            The exit code.

        Raises:
            UsageError: The variable is neither of its values.
            BrokenPipeError, FileSystemError: The answer cannot be written.
        """
        if not is_one_question(self._words) or wish_of(os.environ.get(VARIABLE)) is Wish.OFF:
            return None
        if os.name != "posix":
            _note(f"{VARIABLE} is ignored: this system has no Unix sockets.")
            return None
        from retrieval import __version__
        from retrieval.serve.client import Outcome, ask
        from retrieval.serve.keys import resident_key
        from retrieval.serve.places import address_of, runtime_folder

        asked = asked_here(self._program, self._words)
        folder = runtime_folder(os.environ)
        if asked is None or folder is None:
            return None
        key = resident_key(self._words, os.environ, folder=asked.folder, role=self._module)
        address = address_of(folder, key)
        reply = ask(address, key, asked, version=__version__)
        if reply.outcome is Outcome.ANSWERED:
            _write(reply.pieces)
            return reply.code
        if reply.outcome in {Outcome.ABSENT, Outcome.LEAVING}:
            self._missing = address, key, asked
        return None

    def start_resident(self) -> None:
        """Start the helper that was missing, if one was, for the next question."""
        if self._missing is None:
            return
        from retrieval.fsops import LocalFiles
        from retrieval.serve.starting import boot_line, start

        address, key, asked = self._missing
        start(address, key, asked, line=boot_line(self._module), files=LocalFiles())


def is_one_question(words: Sequence[str]) -> bool:
    """Tell whether words are a single question of ``retrieve query``, as far as can be seen."""
    first = next((word for word in words if word != "--debug"), "")
    return first == "query" and not any(word.partition("=")[0] in _NOT_WARM for word in words)


def wish_of(value: str | None) -> Wish:
    """Read the variable.

    Args:
        value: Of the variable; None or empty for the default.

    Raises:
        UsageError: It is neither of its values.
    """
    if not value:
        return DEFAULT
    try:
        return Wish(value)
    except ValueError:
        raise UsageError(
            f"{VARIABLE} is {value!r}; {' or '.join(Wish)} is expected.",
            fix="Set it to auto to have a resident helper answer, or unset it.",
        ) from None


def asked_here(program: str, words: tuple[str, ...]) -> Asked | None:
    """Describe this process to a helper; None where none could stand in for it."""
    from retrieval.serve.asked import (
        NO_COLUMNS,
        Asked,
        facts_of,
        interpreter_options,
        place_of,
    )

    out, err = facts_of(sys.stdout), facts_of(sys.stderr)
    if out is None or err is None:
        return None
    columns = NO_COLUMNS
    try:
        if out.is_terminal:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
            if columns <= 0:
                return None
        asked = Asked(
            program=program,
            words=words,
            folder=os.getcwd(),  # noqa: PTH109 -- pathlib costs milliseconds here
            folder_place=place_of("."),
            environment=tuple(b"=".join(one) for one in os.environb.items()),
            interpreter=interpreter_options(),
            columns=columns,
            out=out,
            err=err,
        )
        asked.to_fields()
    except (OSError, UnicodeEncodeError):
        return None
    return asked


def _write(pieces: Sequence[tuple[int, bytes]]) -> None:
    """Write an answer out, in the order in which it was written."""
    with answering():
        for number, content in pieces:
            stream = sys.stdout if number == 1 else sys.stderr
            stream.buffer.write(content)
            stream.buffer.flush()


def _note(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"note: {text}\n")
