"""Questions to a person at the terminal: one text at a time, one word back."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Protocol, TextIO

from retrieval.cli.escapes import printable
from retrieval.cli.streams import stderr_is_terminal, stdin_is_terminal, terminal_width
from retrieval.errors import UsageError

_MOST_CHARACTERS = 1200
_MARGIN = 2


class Answer(StrEnum):
    """What a person can say."""

    YES = "y"
    NO = "n"
    SKIP = "s"
    UNDO = "u"
    QUIT = "q"


KEYS = "y yes, n no, s skip, u undo, q quit"
_WORDS = {
    **{one.value: one for one in Answer},
    "yes": Answer.YES,
    "no": Answer.NO,
    "skip": Answer.SKIP,
    "undo": Answer.UNDO,
    "quit": Answer.QUIT,
}


class Asker(Protocol):
    """Shows a text and returns what is said of it."""

    def ask(self, heading: str, text: str) -> Answer:
        """Ask about one text.

        Args:
            heading: What stands above it: how far it is, how good.
            text: The text.
        """
        ...

    def tell(self, text: str) -> None:
        """Say one sentence between questions."""
        ...


class TerminalAsker:
    """Asks on one stream and reads lines from another.

    Args:
        question: What is asked about every text.
        source: Where answers are read from; its end is ``quit``.
        screen: Where questions are written to.
    """

    def __init__(self, question: str, source: TextIO, screen: TextIO) -> None:
        self._question = question
        self._source = source
        self._screen = screen

    def ask(self, heading: str, text: str) -> Answer:
        """Ask until the answer is one; see ``Asker.ask``."""
        import textwrap

        width = max(terminal_width() - _MARGIN, 20)
        shown = printable(text).strip()
        if len(shown) > _MOST_CHARACTERS:
            shown = shown[:_MOST_CHARACTERS].rstrip() + " ..."
        lines = [
            piece for line in shown.splitlines() for piece in textwrap.wrap(line, width) or [""]
        ]
        body = "\n".join(" " * _MARGIN + line for line in lines)
        self._write(f"\n{printable(heading)}\n{body}\n")
        while True:
            self._write(f"{printable(self._question)} [{'/'.join(Answer)}] ")
            line = self._source.readline()
            if not line:
                self._write("\n")
                return Answer.QUIT
            answer = _WORDS.get(line.strip().casefold())
            if answer is not None:
                return answer
            self._write(f"Please answer {KEYS}.\n")

    def tell(self, text: str) -> None:
        """Say one sentence; see ``Asker.tell``."""
        self._write(printable(text) + "\n")

    def _write(self, text: str) -> None:
        self._screen.write(text)
        self._screen.flush()


def open_asker(question: str, *, otherwise: str) -> Asker:
    """Return who asks the person at the terminal.

    Args:
        question: What is asked about every text.
        otherwise: What to do where there is no person.

    Raises:
        UsageError: Standard input or standard error is no terminal.
    """
    if not (stdin_is_terminal() and stderr_is_terminal()):
        raise UsageError(
            "There is nobody to ask: standard input and standard error are no terminal.",
            fix=otherwise,
        )
    return TerminalAsker(question, sys.stdin, sys.stderr)
