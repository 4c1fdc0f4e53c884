"""What a person asks ``retrieve query``: a text, or a batch from a file or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.cli.streams import stdin_bytes
from retrieval.errors import EmptyQueryError, InputError, UsageError

if TYPE_CHECKING:
    from retrieval.query.batch import QueryText


def asked_queries(words: Sequence[str], path: str | None) -> list[QueryText]:
    """Return what was asked: one query from the words, or the batch of a file.

    Args:
        words: The arguments that are no options; ``-`` is standard input.
        path: A file of queries, ``-`` for standard input.

    Raises:
        UsageError: Nothing was asked, or it was said in two ways.
        EmptyQueryError: The query is empty.
        InputError: It is no text, or the file cannot be read.
    """
    from retrieval.query.batch import QueryText, read_queries

    if len(words) > 1:
        raise UsageError(
            f"A query is one argument; {len(words)} were given.",
            fix=f'Put it in quotes: retrieve query "{" ".join(words)}"',
        )
    if bool(words) == bool(path):
        found = "Both TEXT and --queries were given" if words else "There is nothing to search for"
        raise UsageError(
            f"{found}; one of TEXT and --queries is expected.",
            fix='Try: retrieve query "positive review"',
        )
    source = path or words[0]
    if source == "-":
        return read_queries(stdin_bytes())
    if path:
        return read_queries(path)
    if not source.strip():
        raise EmptyQueryError("The query is empty.", fix="Give it at least one word.")
    try:
        source.encode()
    except UnicodeEncodeError:
        raise InputError(
            f"The query is not valid {sys.getfilesystemencoding()} text: {source!a}.",
            fix="Check the encoding of your terminal.",
        ) from None
    return [QueryText("1", source)]
