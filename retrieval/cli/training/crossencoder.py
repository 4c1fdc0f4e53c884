"""``retrieve train crossencoder``: two texts, read together, to one score."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, home_option, json_option, offline_option
from retrieval.cli.training.card_table import show_card
from retrieval.cli.training.mining_options import MINING, mined_options, mining_options
from retrieval.cli.training.options import (
    base_option,
    made_options,
    output_option,
    train_options,
    validation_of,
    validation_option,
)
from retrieval.errors import UsageError

RERANKER_TOKENS = 256
"""Tokens of a pair that are seen by a reranker in training, if nobody says: most passages' all."""

_HELP = """\
Train a cross-encoder on pairs of texts with a score or label.

Rows of JSON Lines, CSV or TSV, also .gz, have two texts (query and passage, sentence1 and
sentence2, ...) and a score from 0 to 1, or 0 and 1 alone. The result is an ordinary
CrossEncoder folder of sentence-transformers. The same command again goes on where a killed
one was.

With --beir a reranker learns from the judgments of BEIR folders instead: relevant passages,
and hard negatives that a hybrid search of an index finds. It is published only if it ranks
validation queries, which share no relevant document with those trained on, better than that
search alone; the weight that it is best blended by is kept with it. --validation is then a
share of the queries, or another split.

\b
  retrieve train crossencoder pairs.jsonl --output reranker
  retrieve train crossencoder stsb.csv --top-score 5 --output similarity
  retrieve train crossencoder --beir scifact --split train --output reranker
"""


@click.command("crossencoder", help=_HELP)
@click.argument("files", nargs=-1, metavar="[DATA]...")
@click.option(
    "--beir",
    "folders",
    multiple=True,
    metavar="FOLDER",
    help="Learn to rerank from this BEIR folder; may be repeated.",
)
@mining_options
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
@home_option
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
    folders: tuple[str, ...],
    home: str,
    offline: bool,
    **others: Any,
) -> None:
    """Train, and tell how it went."""
    from retrieval.train.crossencoder.options import CrossencoderOptions

    mining = {name: others.pop(name) for name in MINING if name in others}
    if bool(files) == bool(folders):
        raise UsageError(
            "Pairs come from files, or are mined from BEIR folders with --beir; "
            + ("both were given." if files else "neither was given."),
            fix="Name files of pairs, or --beir FOLDER.",
        )
    fields = (first_field, second_field, label_field)
    if folders and (any(fields) or said("top_score")):
        raise UsageError(
            "--first-field, --second-field, --label-field and --top-score say how files of pairs"
            " are read, and --beir reads none.",
            fix="Leave them out.",
        )
    if folders and not said("max_length"):
        others["max_length"] = RERANKER_TOKENS
    options = CrossencoderOptions(
        base=base,
        offline=offline,
        validation=validation_of(validation),
        first_field=first_field,
        second_field=second_field,
        label_field=label_field,
        top_score=top_score,
        train=made_options(others),
    )
    with CommandObserver() as observer:
        if folders:
            from retrieval.engine.reranking.training import train_reranker

            card = train_reranker(
                folders,
                output,
                options,
                mining=mined_options(mining, validation),
                indexes=mining["indexes"],
                home=home,
                observer=observer,
            )
        else:
            if any(said(name) for name in mining):
                raise UsageError(
                    "--index, --split, --negatives, --answers, --imitations, --depth, --margin,"
                    " --candidates, --judged-only and --metric say how pairs are mined, and go"
                    " with --beir."
                )
            from retrieval.train.crossencoder.training import train_crossencoder

            card = train_crossencoder(files, output, options, observer=observer)
    show_card(call, card, output)


def said(name: str) -> bool:
    """Tell whether somebody said what an option is."""
    source = click.get_current_context().get_parameter_source(name)
    return source is not ParameterSource.DEFAULT
