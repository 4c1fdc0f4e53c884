"""The options that any kind of query takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.options import recall_option
from retrieval.cli.query_options.bundle import bundle
from retrieval.cli.query_options.filters import where_given
from retrieval.cli.query_options.reranking import rerank_given
from retrieval.cli.query_options.words import why_no_words, words_given

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
    recall_option,
)


def refinements(given: dict[str, Any]) -> Refinements:
    """Take these options, and the others that refine, out of a command's keywords.

    Raises:
        FilterError: A filter cannot be read.
    """
    where, words = where_given(given), words_given(given)
    rerank = rerank_given(given)
    return {
        "min_score": given.pop("min_score"),
        "recall": given.pop("recall"),
        "where": where,
        "rerank": rerank,
        **words,
    }


def why_none(index: Index, refine: Refinements) -> str:
    """Say why a query has no hits, as the end of a sentence."""
    if not any(one.live_documents for one in index.snapshot.manifest.segments):
        return f"there are no documents in {index.name}"
    where = refine.get("where")
    if where is not None and not index.count(where):
        return f"no document of {index.name} fits the filter {where}"
    words = why_no_words(refine)
    if words:
        return f"no document of {index.name} {words}, and fits the rest"
    least = refine.get("min_score")
    if least is not None:
        return f"no document of {index.name} scores {least:g} or more"
    fitting = f"no document of {index.name}" + (" that fits the filter" if where else "")
    return f"{fitting} has anything in common with it, function words aside"
