"""``retrieve train biencoder``."""

from __future__ import annotations

from typing import Any

import click

from retrieval.cli.answer import write_report
from retrieval.cli.call import Call
from retrieval.cli.observer import CommandObserver
from retrieval.cli.options import debug_option, json_option, offline_option
from retrieval.cli.training.options import made_options, train_options, validation_of
from retrieval.errors import UsageError

_HELP = """\
Train a bi-encoder: texts to vectors, for what they are to be near to.

DATA are JSON Lines, CSV or TSV (also .gz). Pairs (sentence1, sentence2, and a score or a
label) are for softmax, cosine, contrastive and ranking; texts with a label (text, label) for
the others. --beir takes queries and judgments of a BEIR folder for ranking and contrastive.

\b
  retrieve train biencoder reviews.csv --objective dummy-cosine --output models/praise
  retrieve train biencoder sts.csv --objective cosine --top-score 5 --output models/sts
  retrieve train biencoder --beir scifact --objective ranking --output models/scifact
"""

OBJECTIVES = (
    "softmax",
    "cosine",
    "dummy-cosine",
    "dummy-softmax",
    "same-label-pairs",
    "opposite-pairs",
    "contrastive",
    "ranking",
)


@click.command("biencoder", help=_HELP)
@click.argument("files", nargs=-1, metavar="[DATA]...")
@click.option("--objective", type=click.Choice(OBJECTIVES), required=True, help="What is learned.")
@click.option(
    "--output", required=True, metavar="FOLDER", help="Folder to publish; must not exist."
)
@click.option(
    "--base", metavar="NAME|PATH", help="Model to start from; the bundled one by default."
)
@click.option(
    "--pooling",
    type=click.Choice(["cls", "mean", "max"]),
    help="How tokens become one vector; as the base has it by default.",
)
@click.option("--beir", metavar="FOLDER", help="BEIR folder to train on, instead of files.")
@click.option(
    "--split", default="train", show_default=True, metavar="SPLIT", help="Its split to train on."
)
@click.option(
    "--validation",
    default="0.1",
    show_default=True,
    metavar="SHARE|FILE|SPLIT",
    help="Share of rows to hold out, a file of others, or a split of the BEIR folder.",
)
@click.option("--first-field", metavar="FIELD", help="Field of a pair's first text.")
@click.option("--second-field", metavar="FIELD", help="Field of a pair's second text.")
@click.option("--text-field", metavar="FIELD", help="Field of a labelled text.")
@click.option("--label-field", metavar="FIELD", help="Field of the label, class or score.")
@click.option("--positive", metavar="LABEL", help="Label that comes close to the dummy text.")
@click.option(
    "--negative-target",
    type=click.Choice(["0", "-1"]),
    default="0",
    show_default=True,
    help="Cosine of all other texts to the dummy text.",
)
@click.option("--token", default="<s>", show_default=True, metavar="TEXT", help="The dummy text.")
@click.option(
    "--top-score",
    type=float,
    default=1.0,
    show_default=True,
    metavar="S",
    help="Score that counts as a cosine of 1.",
)
@train_options
@offline_option
@json_option
@debug_option
@click.pass_obj
def biencoder(
    call: Call,
    /,
    *,
    files: tuple[str, ...],
    objective: str,
    output: str,
    base: str | None,
    pooling: str | None,
    beir: str | None,
    split: str,
    validation: str,
    first_field: str | None,
    second_field: str | None,
    text_field: str | None,
    label_field: str | None,
    positive: str | None,
    negative_target: str,
    token: str,
    top_score: float,
    offline: bool,
    **training: Any,
) -> None:
    """Train, and tell how it went."""
    if bool(files) == (beir is not None):
        raise UsageError(
            "Rows come from files or from a BEIR folder; both were named."
            if files
            else "Nothing to train on was named.",
            fix="Name files, or a folder with --beir.",
        )
    from retrieval.train.biencoder.options import (
        BiencoderOptions,
        Objective,
        Pooling,
        RowFields,
    )
    from retrieval.train.biencoder.training import train_biencoder

    options = BiencoderOptions(
        objective=Objective(objective),
        base=base,
        offline=offline,
        pooling=None if pooling is None else Pooling(pooling),
        validation=validation_of(validation),
        split=split,
        fields=RowFields(
            first=first_field, second=second_field, text=text_field, label=label_field
        ),
        positive=positive,
        negative_target=float(negative_target),
        token=token,
        top_score=top_score,
        train=made_options(training),
    )
    with CommandObserver() as observer:
        card = train_biencoder(list(files) or str(beir), output, options, observer=observer)
    if call.as_json:
        write_report({"folder": output, **card.to_json()})
    else:
        from retrieval.cli.training.card_table import write_card

        write_card(output, card)
