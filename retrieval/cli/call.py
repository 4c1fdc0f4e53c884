"""One run of the command line, as far as every command and every error needs it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.cli.streams import stdout_is_terminal

if TYPE_CHECKING:
    from retrieval.encode.loading import Loading

_NO = {"", "0", "false", "no", "off", "f", "n"}


@dataclass(slots=True)
class Call:
    """What was typed, and how the answer is wanted.

    Attributes:
        program: How we were started: ``retrieve`` or ``python -m retrieval``.
        words: The arguments as typed.
        json: Set when ``--json`` was given by flag, environment or project file.
        loading: Loads the parts of models; None for anew.
        index: Set to the absolute path of the index that is asked.
        model: Set to the name of the model of that.
    """

    program: str
    words: tuple[str, ...]
    json: bool = False
    loading: Loading | None = None
    index: str = ""
    model: str = ""

    @property
    def as_json(self) -> bool:
        """Whether answers and errors are JSON: asked for, or nobody is looking."""
        # the words count too: a usage error may come before options are read
        return self.json or self.typed("--json") or not stdout_is_terminal()

    @property
    def debug(self) -> bool:
        """Whether a traceback is wanted: ``--debug`` or ``RETRIEVE_DEBUG``."""
        return self.typed("--debug") or os.environ.get("RETRIEVE_DEBUG", "").lower() not in _NO

    @property
    def command_line(self) -> str:
        """The command as it can be pasted to run again."""
        import shlex

        return f"{self.program} {shlex.join(self.words)}".strip()

    def typed(self, flag: str) -> bool:
        """Return whether a flag is among the words, before a bare ``--``."""
        words = self.words
        return flag in (words[: words.index("--")] if "--" in words else words)
