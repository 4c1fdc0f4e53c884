"""The options that say how pairs to learn reranking from are mined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.options import Count, Decorated
from retrieval.cli.training.options import validation_of

if TYPE_CHECKING:
    from retrieval.engine.reranking.options import MiningOptions

_OPTIONS = {
    "split": click.option(
        "--split", default="train", show_default=True, metavar="NAME",
        help="With --beir: the judgments to learn from.",
    ),
    "indexes": click.option(
        "--index", "indexes", multiple=True, metavar="NAME|PATH",
        help="With --beir: the index to search, one a folder; made or reused if not given.",
    ),
    "negatives": click.option(
        "--negatives", type=Count(1), default=4, show_default=True, metavar="N",
        help="With --beir: hard negatives for each relevant passage.",
    ),
    "answers": click.option(
        "--answers", type=Count(0), default=1, show_default=True, metavar="N",
        help="With --beir: answers to other queries for each relevant passage.",
    ),
    "imitations": click.option(
        "--imitations", type=Count(0), default=None, metavar="N",
        help="With --beir: sentences of the corpus for each relevant passage, whose order by the"
        " first stage is learned too; by default 2, and 0 if --base is a cross-encoder.",
    ),
    "depth": click.option(
        "--depth", type=Count(1), default=50, show_default=True, metavar="N",
        help="With --beir: documents of a query that they are drawn from.",
    ),
    "margin": click.option(
        "--margin", type=float, default=0.05, show_default=True, metavar="SHARE",
        help="With --beir: how far below the relevant one's score an unjudged negative must be.",
    ),
    "candidates": click.option(
        "--candidates", type=Count(2), default=30, show_default=True, metavar="N",
        help="With --beir: documents of a validation query that are ranked.",
    ),
    "judged_only": click.option(
        "--judged-only", is_flag=True,
        help="With --beir: rank only judged documents of it, as in re-ranking sets.",
    ),
    "metric": click.option(
        "--metric", default="nDCG@10", show_default=True, metavar="NAME",
        help="With --beir: what rankings are measured by, such as AP.",
    ),
}  # fmt: skip

MINING = tuple(_OPTIONS)
"""Names of the options, as they arrive."""


def mining_options(function: Decorated) -> Decorated:
    """Give a command the options."""
    for option in reversed(_OPTIONS.values()):
        function = option(function)
    return function


def mined_options(given: Mapping[str, Any], validation: str) -> MiningOptions:
    """Return the record that the options make.

    Args:
        given: The options by the names of ``MINING``.
        validation: Share of the queries, or the name of a split.

    Raises:
        UsageError: A value lies outside its range.
    """
    from retrieval.engine.reranking.options import MiningOptions

    told = {name: value for name, value in given.items() if name != "indexes"}
    measure = told.pop("metric")
    return MiningOptions(validation=validation_of(validation), measure=measure, **told)
