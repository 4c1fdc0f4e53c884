"""The options of commands that learn from judged queries, and the index they learn for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import home_option, index_option, model_option, offline_option
from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.engine import Index, JudgmentOptions

_OPTIONS = (
    index_option,
    home_option,
    click.option("--qrels", metavar="FILE", help="Judgments: TREC, BEIR or JSON Lines."),
    click.option("--queries", metavar="FILE", help="Texts of the judged queries."),
    click.option("--beir", metavar="FOLDER", help="Index this BEIR folder if needed and use it."),
    click.option(
        "--split", metavar="NAME", help="Part of a BEIR folder's judgments; train by default."
    ),
    model_option,
    offline_option,
)


def judged_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def open_judged(given: dict[str, Any], observer: CommandObserver) -> tuple[Index, JudgmentOptions]:
    """Take what these options were given out of the keywords of a command.

    Args:
        given: The keywords.
        observer: Follows slow work.

    Returns:
        The open index, and where its judgments come from.

    Raises:
        UsageError: Options that do not go together, or several indexes and none named.
        InputError, DamagedIndexError, ModelError: It cannot be opened.
    """
    index, home, beir = given.pop("index"), given.pop("home"), given.pop("beir")
    model, offline = given.pop("model"), given.pop("offline")
    if beir is not None and index is not None:
        raise UsageError(
            "--beir names its index itself; --index names another.", fix="Leave one of them out."
        )
    from retrieval import engine

    judgments = engine.JudgmentOptions(
        qrels=given.pop("qrels"), queries=given.pop("queries"), split=given.pop("split")
    )
    if beir is not None:
        opened = engine.open_beir(beir, home=home, model=model, offline=offline, observer=observer)
        return opened, judgments
    # what changes an index is never aimed at one by guessing
    path, _ = engine.find_index(index, home, interactive=False)
    return engine.open(path, model=model, offline=offline, observer=observer), judgments
