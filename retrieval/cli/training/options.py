"""Options that every training has, and how its end is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from retrieval.cli.answer import write_report, write_table
from retrieval.cli.call import Call
from retrieval.cli.figures import count, duration
from retrieval.cli.options import Count, Decorated

if TYPE_CHECKING:
    from retrieval.train.card import TrainingCard
    from retrieval.train.options import TrainOptions

_NAMES = (
    "epochs",
    "batch_size",
    "learning_rate",
    "warmup",
    "weight_decay",
    "max_length",
    "validations",
    "seed",
    "device",
    "precision",
)


def training_options(command: Decorated) -> Decorated:
    """Give a command the options of ``TrainOptions``, ``--output`` and ``--base`` among them."""
    options = (
        click.option(
            "--output", required=True, metavar="FOLDER", help="Folder to be; it must not exist."
        ),
        click.option(
            "--base",
            metavar="NAME|PATH",
            help="Model to start from; the bundled one by default.",
        ),
        click.option(
            "--validation",
            default="0.1",
            show_default=True,
            metavar="SHARE|FILE",
            help="Share of the rows to validate on, or a file of them; 0 for none.",
        ),
        click.option(
            "--epochs",
            type=Count(1),
            default=2,
            show_default=True,
            metavar="N",
            help="How often every row is seen.",
        ),
        click.option(
            "--batch-size",
            type=Count(1),
            default=32,
            show_default=True,
            metavar="N",
            help="Rows a step.",
        ),
        click.option(
            "--learning-rate",
            type=float,
            default=5e-5,
            show_default=True,
            metavar="R",
            help="The highest one, after the warm-up.",
        ),
        click.option(
            "--warmup",
            type=float,
            default=0.1,
            show_default=True,
            metavar="SHARE",
            help="Share of the steps in which the rate rises.",
        ),
        click.option(
            "--weight-decay",
            type=float,
            default=0.01,
            show_default=True,
            metavar="W",
            help="Of AdamW, on matrices.",
        ),
        click.option(
            "--max-length",
            type=Count(3),
            default=128,
            show_default=True,
            metavar="N",
            help="Tokens of a text that are seen.",
        ),
        click.option(
            "--validations",
            type=Count(1),
            default=1,
            show_default=True,
            metavar="N",
            help="How often an epoch is validated.",
        ),
        click.option(
            "--patience",
            type=Count(0),
            default=2,
            show_default=True,
            metavar="N",
            help="Stop after so many validations that are not better; 0 for never.",
        ),
        click.option(
            "--seed",
            type=Count(0),
            default=0,
            show_default=True,
            metavar="N",
            help="Of the order of rows, dropout, new layers and the split.",
        ),
        click.option(
            "--device",
            type=click.Choice(["auto", "cpu", "cuda", "mps"]),
            default="auto",
            show_default=True,
            help="Where to train.",
        ),
        click.option(
            "--precision",
            type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
            default="auto",
            show_default=True,
            help="In which numbers products are computed.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def train_options(given: dict[str, Any]) -> TrainOptions:
    """Take the options of ``training_options`` out of what a command was given.

    Raises:
        UsageError: A value lies outside its range.
    """
    from retrieval.train.options import TrainOptions

    patience = given.pop("patience")
    chosen = {name: given.pop(name) for name in _NAMES}
    return TrainOptions(patience=patience or None, **chosen)


def validation_of(text: str) -> float | str:
    """Return a share if the text is a number, else the path it is."""
    try:
        return float(text)
    except ValueError:
        return text


def show_card(call: Call, card: TrainingCard, output: str, *, then: str) -> None:
    """Write the training card as JSON, or what matters of it with the command that uses it.

    Args:
        call: The run.
        card: What came out.
        output: The folder.
        then: A command to go on with.
    """
    if call.as_json:
        write_report({"output": output, "card": card.to_json()})
        return
    best = f"{card.measure} {card.best:.4f} after step {card.best_step:,}" if card.measure else ""
    last = card.curve[-1] if card.curve else None
    chosen = next((one for one in card.curve if one.step == card.best_step), last)
    also = chosen.also if chosen is not None else {}
    write_table(
        [
            ("trained", output),
            ("best", best),
            ("with it", ", ".join(f"{name} {value:.4f}" for name, value in also.items())),
            ("rows", f"{card.rows['rows']:,} trained, {card.rows['validation_rows']:,} validated"),
            ("took", f"{duration(card.seconds)}, {count(card.steps, 'step')}, {card.device}"
             f" in {card.precision}"),
            ("next", then),
        ]
    )  # fmt: skip
