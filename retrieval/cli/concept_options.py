"""Options that fitting a concept and labelling for one share."""

from __future__ import annotations

import click

texts_option = click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="TEXT",
    help="What is looked for, in words; may be repeated; the name by default.",
)
against_option = click.option(
    "--against",
    multiple=True,
    metavar="TEXT",
    help="What is not looked for; may be repeated. Helps most with few labels.",
)
unit_option = click.option(
    "--unit",
    type=click.Choice(["document", "passage"]),
    default="document",
    show_default=True,
    help="Rank means of documents, or best passages.",
)
fit_seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, metavar="N", help="Of folds and intervals."
)
