"""Text made safe to draw: what a document holds must not steer the terminal."""

from __future__ import annotations

import re

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line separators, direction overrides
    "\ud800-\udfff]"  # lone surrogates, which no encoding writes
)
_SPACES = re.compile(r"\s+")


def printable(text: str) -> str:
    r"""Return text with every character that could steer a terminal written out.

    Tabs and newlines stay; ESC becomes ``\x1b``, a direction override ``\u202e``.
    """
    return _STEERING.sub(_written_out, text)


def one_line(text: str) -> str:
    """Return text on one line, runs of white space as one space, made printable."""
    return printable(_SPACES.sub(" ", text).strip())


def json_printable(line: str) -> str:
    r"""Return a line of JSON with steering characters as ``\uXXXX``: the same JSON.

    Outside strings JSON has none of them but the newline, which stays.
    """
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", line)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
