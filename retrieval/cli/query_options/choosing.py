"""The options that say what a hit is, and whether hits are to differ and to be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.options import Count
from retrieval.cli.query_options.bundle import bundle

if TYPE_CHECKING:
    from retrieval.query.search_options import Refinements

_USUAL = 0.7  # query.diversity.DEFAULT_RELEVANCE, which costs numpy

choosing_options = bundle(
    click.option(
        "--unit",
        type=click.Choice(["document", "passage"]),
        help="What a hit is: a document by its best passage (the default), or a passage.",
    ),
    click.option(
        "--max-per-doc",
        type=Count(1),
        metavar="N",
        help="With --unit passage: most passages of one document; any number by default.",
    ),
    click.option(
        "--diversify",
        type=float,
        is_flag=False,
        flag_value=_USUAL,
        metavar="[LAMBDA]",
        help="Choose hits that differ; LAMBDA, 0 to 1, is the weight of relevance, 0.7 if left"
        " out.",
    ),
    click.option("--explain", is_flag=True, help="Say of each hit why it is where it is."),
)


def chosen(given: dict[str, Any]) -> Refinements:
    """Take what these options were given out of the keywords of a command."""
    return {
        "unit": given.pop("unit") or "document",
        "max_per_doc": given.pop("max_per_doc"),
        "diversify": given.pop("diversify"),
        "explain": given.pop("explain"),
    }
