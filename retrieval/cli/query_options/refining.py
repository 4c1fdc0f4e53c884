"""The options that any kind of query takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.reranking import rerank_given

if TYPE_CHECKING:
    from retrieval.engine import Index
    from retrieval.query.search_options import Refinements

refining_options = bundle(
    click.option(
        "--min-score",
        type=float,
        metavar="X",
        help="Leave out documents that score less.",
    ),
)


def refinements(given: dict[str, Any]) -> Refinements:
    """Take what these options were given out of the keywords of a command."""
    return {"min_score": given.pop("min_score"), "rerank": rerank_given(given)}


def why_none(index: Index, refine: Refinements) -> str:
    """Say why a query has no hits, as the end of a sentence."""
    if not any(one.live_documents for one in index.snapshot.manifest.segments):
        return f"there are no documents in {index.name}"
    least = refine.get("min_score")
    if least is not None:
        return f"no document of {index.name} scores {least:g} or more"
    return f"no document of {index.name} has anything in common with it, function words aside"
