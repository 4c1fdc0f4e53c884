"""The options that make a direction of a query: more texts, and documents as examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.observer import CommandObserver
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.lookup import Answered
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.batch import QueryText
    from retrieval.query.direction import Wish
    from retrieval.query.search_options import Refinements

_PARTS = ("also", "against", "like", "more", "less")

direction_options = bundle(
    click.option("--also", multiple=True, metavar="TEXT", help="Other words for the same."),
    click.option(
        "--against",
        multiple=True,
        metavar="TEXT",
        help="What is not meant: ranks by the difference.",
    ),
    click.option("--like", multiple=True, metavar="ID", help="Find documents like this one."),
    click.option(
        "--more", multiple=True, metavar="ID", help="Move the query towards this document."
    ),
    click.option("--less", multiple=True, metavar="ID", help="Move the query away from it."),
)


def direction_parts(given: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Take what these options were given out of the keywords of a command; empty for nothing."""
    parts = {name: given.pop(name) for name in _PARTS}
    return parts if any(parts.values()) else {}


def wish_of(asked: Sequence[QueryText], parts: dict[str, tuple[str, ...]]) -> Wish:
    """Return what was asked for as a record.

    Raises:
        UsageError: There are several texts, or parts that do not go together.
    """
    from retrieval.query.direction import Wish

    if len(asked) > 1:
        raise UsageError(
            "Standard input holds several queries; --also, --against, --like, --more and --less"
            " shape one.",
            fix="Give one query.",
        )
    return Wish(text=asked[0].text if asked else "", **parts)


@dataclass(frozen=True, slots=True)
class WishLookup:
    """One query that is more than a text."""

    wish: Wish

    def search(
        self, index: Index, k: int, refine: Refinements, observer: CommandObserver
    ) -> list[Answered]:
        """Ask with the direction of the wish; see ``Lookup.search``."""
        direction = index.direction(self.wish)
        hits = index.search_direction(direction, k, **refine)
        return [Answered(hits=hits, query=self.wish.text, row=direction.row)]
