"""``retrieve train``: models that learn from rows."""

from __future__ import annotations

import click

from retrieval.cli.options import debug_option
from retrieval.cli.training.classifier import classifier
from retrieval.cli.training.crossencoder import crossencoder

_HELP = """\
Train models on rows of files.

The result is an ordinary folder of its library, with a training card beside the weights.
A training that was interrupted goes on when the same command is given again.

\b
  retrieve train classifier films.csv --output genres
  retrieve train crossencoder pairs.jsonl --output reranker
"""


@click.group("train", help=_HELP)
@debug_option
def command() -> None:
    """Hold the commands below."""


command.add_command(classifier)
command.add_command(crossencoder)
