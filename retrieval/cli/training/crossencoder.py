"""``retrieve train crossencoder``: two texts, read together, to one score."""

from __future__ import annotations

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
Train a cross-encoder on pairs of texts with a score or label.

Rows of JSON Lines, CSV or TSV, also .gz, have two texts (query and passage, sentence1 and
sentence2, ...) and a score from 0 to 1, or 0 and 1 alone. The result is an ordinary
CrossEncoder folder of sentence-transformers. The same command again goes on where a killed
one was.

\b
  retrieve train crossencoder pairs.jsonl --output reranker
  retrieve train crossencoder stsb.csv --top-score 5 --output similarity
"""


@click.command("crossencoder", help=_HELP)
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option("--first-field", metavar="NAME", help="Field of the first text; found by name.")
@click.option("--second-field", metavar="NAME", help="Field of the second text; found by name.")
@click.option("--label-field", metavar="NAME", help="Field of the score or label; found by name.")
@click.option(
    "--top-score",
    type=float,
    default=1.0,
    show_default=True,
    metavar="S",
    help="Score that counts as 1.",
)
@training_options
@offline_option
@json_option
@debug_option
@click.pass_obj
def crossencoder(call: Call, /, *, data: tuple[str, ...], **given: Any) -> None:
    """Train, and tell what came out."""
    from retrieval.train.crossencoder.options import CrossencoderOptions
    from retrieval.train.crossencoder.training import train_crossencoder

    output = given.pop("output")
    train = train_options(given)
    validation = validation_of(given.pop("validation"))
    options = CrossencoderOptions(train=train, validation=validation, **given)
    with CommandObserver() as observer:
        card = train_crossencoder(data, output, options, observer=observer)
    then = f"from sentence_transformers import CrossEncoder; CrossEncoder({output!r})"
    show_card(call, card, output, then=then)
