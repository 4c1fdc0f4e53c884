"""``retrieve train classifier``: texts to one of several classes."""

from __future__ import annotations

from typing import Any

import click

from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option, offline_option
from retrieval.cli.training.card_table import show_card
from retrieval.cli.training.options import (
    base_option,
    made_options,
    output_option,
    train_options,
    validation_of,
    validation_option,
)

_HELP = """\
Train a classifier on labelled texts: JSON Lines, CSV or TSV, also .gz.

The result is a folder that retrieve classify reads. With --head cls it is an ordinary
sequence classifier of transformers, with --head mean one of sentence-transformers. The same
command again goes on where a killed one was.

\b
  retrieve train classifier films.csv --output genres
  retrieve train classifier train.jsonl --validation dev.jsonl --head mean --output genres
"""


@click.command("classifier", help=_HELP)
@click.argument("files", nargs=-1, required=True, metavar="DATA...")
@click.option(
    "--head",
    type=click.Choice(["cls", "mean"]),
    default="cls",
    show_default=True,
    help="What the layer of classes sees: the first token, or the mean of all.",
)
@click.option("--text-field", metavar="NAME", help="Field of the text; found by name otherwise.")
@click.option("--label-field", metavar="NAME", help="Field of the class; found by name otherwise.")
@click.option("--positive", metavar="CLASS", help="Of two classes, the one whose AP is measured.")
@output_option
@base_option
@validation_option
@train_options
@offline_option
@json_option
@debug_option
@click.pass_obj
def classifier(
    call: Call,
    /,
    *,
    files: tuple[str, ...],
    output: str,
    base: str | None,
    validation: str,
    head: str,
    text_field: str | None,
    label_field: str | None,
    positive: str | None,
    offline: bool,
    **training: Any,
) -> None:
    """Train, and tell how it went."""
    from retrieval.train.classifier.options import ClassifierOptions, Head
    from retrieval.train.classifier.training import train_classifier

    options = ClassifierOptions(
        base=base,
        offline=offline,
        validation=validation_of(validation),
        head=Head(head),
        text_field=text_field,
        label_field=label_field,
        positive=positive,
        train=made_options(training),
    )
    with CommandObserver() as observer:
        card = train_classifier(files, output, options, observer=observer)
    show_card(call, card, output)
