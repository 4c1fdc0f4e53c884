"""The options that say how hits are reranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.options import Count
from retrieval.cli.query_options.bundle import bundle
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.rerank.options import RerankOptions

DEFAULT = "cross-encoder/ms-marco-MiniLM-L6-v2"

reranking_options = bundle(
    click.option(
        "--rerank",
        metavar="[MODEL]",
        is_flag=False,
        flag_value=DEFAULT,
        help=f"Rerank with a cross-encoder: a folder, or a name on the hub; by default {DEFAULT}."
        " Give it behind TEXT, or as --rerank=MODEL.",
    ),
    click.option(
        "--candidates",
        type=Count(1),
        metavar="N",
        help="With --rerank: documents to read again; 100.",
    ),
    click.option(
        "--rerank-timeout",
        type=float,
        metavar="SECONDS",
        help="With --rerank: for each query; the first stage orders what is not read by then.",
    ),
    click.option(
        "--rerank-weight",
        type=float,
        metavar="W",
        help="With --rerank: its share of the score, 0 to 1; by default the model's own, or 0.75.",
    ),
    click.option(
        "--rerank-only",
        is_flag=True,
        help="With --rerank: rank by its score alone instead of a blend with the first stage.",
    ),
)


def check_text_is_left(
    rerank: str | bool | RerankOptions | None, words: Sequence[str], queries: str | None
) -> None:
    """Refuse a command whose text was taken for the name of the reranker.

    Raises:
        UsageError: There is a reranker and nothing to search for.
    """
    if rerank is None or words or queries:
        return
    from retrieval.rerank.options import RerankOptions

    named = rerank.model if isinstance(rerank, RerankOptions) else rerank
    raise UsageError(
        f"There is nothing to search for: what follows --rerank is its model, here {named!r}.",
        fix="Give the text first, as in: retrieve query TEXT --rerank",
    )


def rerank_given(given: dict[str, Any]) -> RerankOptions | None:
    """Take what these options were given out of the keywords of a command.

    Raises:
        UsageError: A number is out of range, or an option comes without ``--rerank``.
    """
    model = given.pop("rerank")
    told: dict[str, Any] = {
        "candidates": given.pop("candidates"),
        "timeout_s": given.pop("rerank_timeout"),
        "weight": given.pop("rerank_weight"),
        "only": given.pop("rerank_only") or None,
    }
    told = {name: value for name, value in told.items() if value is not None}
    if model is None:
        if told:
            raise UsageError(
                "--candidates, --rerank-timeout, --rerank-weight and --rerank-only say how to"
                " rerank.",
                fix="Add --rerank, or leave them out.",
            )
        return None
    if not model.strip():
        raise UsageError("The name of the reranker is empty.")
    from retrieval.rerank.options import RerankOptions

    return RerankOptions(model=model, **told)
