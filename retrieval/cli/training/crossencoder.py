"""``retrieve train crossencoder``: two texts, read together, to one score."""

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
@click.argument("files", nargs=-1, required=True, metavar="DATA...")
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
@output_option
@base_option
@validation_option
@train_options
@offline_option
@json_option
@debug_option
@click.pass_obj
def crossencoder(
    call: Call,
    /,
    *,
    files: tuple[str, ...],
    output: str,
    base: str | None,
    validation: str,
    first_field: str | None,
    second_field: str | None,
    label_field: str | None,
    top_score: float,
    offline: bool,
    **training: Any,
) -> None:
    """Train, and tell how it went."""
    from retrieval.train.crossencoder.options import CrossencoderOptions
    from retrieval.train.crossencoder.training import train_crossencoder

    options = CrossencoderOptions(
        base=base,
        offline=offline,
        validation=validation_of(validation),
        first_field=first_field,
        second_field=second_field,
        label_field=label_field,
        top_score=top_score,
        train=made_options(training),
    )
    with CommandObserver() as observer:
        card = train_crossencoder(files, output, options, observer=observer)
    show_card(call, card, output)
