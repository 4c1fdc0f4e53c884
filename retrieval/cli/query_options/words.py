"""The options that say which words a document has to hold, and which it must not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.query_options.bundle import bundle
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.query.search_options import Refinements

word_options = bundle(
    click.option(
        "--phrase",
        "phrases",
        multiple=True,
        metavar="TEXT",
        help="Only documents in which the words of TEXT stand next to each other.",
    ),
    click.option(
        "--without",
        multiple=True,
        metavar="TEXT",
        help="Leave out documents that hold all words of TEXT.",
    ),
    click.option(
        "--syntax",
        is_flag=True,
        help='Read the query with operators: "quoted phrase", +word, -word, -"phrase".',
    ),
)


def words_given(given: dict[str, Any]) -> Refinements:
    """Take which words are asked for out of the keywords of a command."""
    return {"phrases": given.pop("phrases"), "without": given.pop("without")}


def syntax_given(given: dict[str, Any], *, is_plain: bool) -> bool:
    """Take ``--syntax`` out of the keywords of a command.

    Raises:
        UsageError: It was given, and the query is more than plain texts.
    """
    syntax: bool = given.pop("syntax")
    if syntax and not is_plain:
        raise UsageError(
            "--syntax reads plain texts; concepts, --also, --against, --like, --more and --less"
            " are no texts.",
            fix="Say with --phrase and --without which words are asked for.",
        )
    return syntax


def why_no_words(refine: Refinements) -> str:
    """Return what is said of documents where words were asked for; empty where none were."""
    phrases, without = refine.get("phrases"), refine.get("without")
    told = [
        *(["holds what --phrase asks for"] if phrases else []),
        *(["holds nothing of what --without names"] if without else []),
    ]
    return " and ".join(told)
