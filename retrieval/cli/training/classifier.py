"""``retrieve train classifier``: texts to one of several classes."""

from __future__ import annotations

import shlex
from typing import Any

import click

from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option, offline_option
from retrieval.cli.training.options import (
    show_card,
    train_options,
    training_options,
    validation_of,
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
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
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
@training_options
@offline_option
@json_option
@debug_option
@click.pass_obj
def classifier(call: Call, /, *, data: tuple[str, ...], **given: Any) -> None:
    """Train, and tell what came out."""
    from retrieval.train.classifier.options import ClassifierOptions
    from retrieval.train.classifier.training import train_classifier

    output = given.pop("output")
    train = train_options(given)
    validation = validation_of(given.pop("validation"))
    options = ClassifierOptions(train=train, validation=validation, **given)
    with CommandObserver() as observer:
        card = train_classifier(data, output, options, observer=observer)
    then = f"{call.program} classify {shlex.quote(output)} FILE"
    show_card(call, card, output, then=then)
