"""What goes to standard output: JSON for programs, plain lines for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from retrieval.cli.escapes import json_printable, printable
from retrieval.cli.streams import answering, stdout_is_terminal, terminal_width

SCHEMA_VERSION = 1
_INDENT = 2


def write_json(values: Iterable[Mapping[str, Any]]) -> None:
    """Write each mapping as one line of JSON, in UTF-8 whatever the locale says.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    for_eyes = stdout_is_terminal()
    with answering():
        sys.stdout.flush()  # text written before must come before
        for value in values:
            line = _json_line(value)
            if for_eyes:
                line = json_printable(line.decode()).encode()
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def write_report(fields: Mapping[str, Any]) -> None:
    """Write one JSON object that says its schema version.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    write_json([{"schema_version": SCHEMA_VERSION, **fields}])


def write_lines(lines: Iterable[str]) -> None:
    """Write lines of text, made printable.

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    with answering():
        for line in lines:
            sys.stdout.write(printable(line) + "\n")


def write_table(rows: Sequence[tuple[str, str]]) -> None:
    """Write rows of a label and what is said of it, folded under the second column.

    Args:
        rows: A label may be empty (the row continues the one above); so may the text
            (the row is left out).

    Raises:
        FileSystemError: Standard output cannot be written.
    """
    import textwrap

    told = [(label, text) for label, text in rows if text]
    first = max((len(label) for label, _ in told), default=0) + _INDENT
    width = max(terminal_width() - first, 16)
    lines: list[str] = []
    for label, text in told:
        pieces = textwrap.wrap(printable(text), width, break_on_hyphens=False) or [""]
        lines.append(label.ljust(first) + pieces[0])
        lines.extend(" " * first + piece for piece in pieces[1:])
    write_lines(lines)


def _json_line(value: Mapping[str, Any]) -> bytes:
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # a path that is no UTF-8, or an integer beyond 64 bits
        import json

        return json.dumps(value).encode() + b"\n"
