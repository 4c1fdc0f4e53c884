"""Options that every ``retrieve train`` has, and what they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.options import Count, Decorated

if TYPE_CHECKING:
    from retrieval.train.options import TrainOptions

_OPTIONS = {
    "epochs": click.option(
        "--epochs", type=Count(1), default=2, show_default=True, metavar="N",
        help="How often every row is seen.",
    ),
    "batch_size": click.option(
        "--batch-size", type=Count(1), default=32, show_default=True, metavar="N",
        help="Rows a step.",
    ),
    "learning_rate": click.option(
        "--learning-rate", type=float, default=5e-5, show_default=True, metavar="RATE",
        help="The highest learning rate, after the warm-up.",
    ),
    "warmup": click.option(
        "--warmup", type=float, default=0.1, show_default=True, metavar="SHARE",
        help="Share of the steps in which the learning rate rises.",
    ),
    "max_length": click.option(
        "--max-length", type=Count(3), default=128, show_default=True, metavar="N",
        help="Tokens of a text that are seen in training.",
    ),
    "validations": click.option(
        "--validations", type=Count(1), default=1, show_default=True, metavar="N",
        help="How often an epoch is validated.",
    ),
    "patience": click.option(
        "--patience", type=Count(0), default=2, show_default=True, metavar="N",
        help="Validations without a better value before it stops early; 0 for never.",
    ),
    "seed": click.option(
        "--seed", type=Count(0), default=0, show_default=True, metavar="N",
        help="Of the order of rows, dropout and splits.",
    ),
    "device": click.option(
        "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto",
        show_default=True, help="Where to train.",
    ),
    "precision": click.option(
        "--precision", type=click.Choice(["auto", "fp32", "bf16", "fp16"]), default="auto",
        show_default=True, help="In which numbers; auto takes the faster one that is safe.",
    ),
}  # fmt: skip


output_option = click.option(
    "--output", required=True, metavar="FOLDER", help="Folder to publish; must not exist."
)
base_option = click.option(
    "--base", metavar="NAME|PATH", help="Model to start from; the bundled one by default."
)
validation_option = click.option(
    "--validation",
    default="0.1",
    show_default=True,
    metavar="SHARE|FILE",
    help="Share of rows to hold out, or a file of others.",
)


def train_options(function: Decorated) -> Decorated:
    """Give a command the options of every training; they arrive by the names of the record."""
    for option in reversed(_OPTIONS.values()):
        function = option(function)
    return function


def tuning_options(function: Decorated) -> Decorated:
    """Give a command that has a seed of its own the options of a training."""
    for name, option in reversed(_OPTIONS.items()):
        if name != "seed":
            function = option(function)
    return function


def made_options(given: Mapping[str, Any]) -> TrainOptions:
    """Return the record that the options make.

    Raises:
        UsageError: A value lies outside its range.
    """
    from retrieval.train.options import TrainOptions

    told = dict(given)
    told["patience"] = told["patience"] or None
    return TrainOptions(**told)


def validation_of(text: str) -> float | str:
    """Return a share of rows if the text is a number, else the text: a file or a split."""
    try:
        return float(text)
    except ValueError:
        return text
