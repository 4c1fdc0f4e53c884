"""``retrieve train``: learn a model from rows, and publish it as a folder."""

from __future__ import annotations

import click

from retrieval.cli.options import debug_option
from retrieval.cli.training.biencoder import biencoder
from retrieval.cli.training.classifier import classifier
from retrieval.cli.training.crossencoder import crossencoder
from retrieval.cli.training.report import report

_HELP = """\
Train a model on rows of texts, and publish it as a folder.

A training that was interrupted goes on where it was when the same command is given again,
and ends with the same weights. Beside the weights lies a training card: training.json and
README.md.

\b
  retrieve train biencoder reviews.csv --objective dummy-cosine --output models/praise
  retrieve index reviews.csv --model models/praise
  retrieve train classifier films.csv --output models/genres
  retrieve train crossencoder pairs.jsonl --output models/reranker
  retrieve train report models/praise models/genres --png curves.png
"""


@click.group("train", help=_HELP)
@debug_option
def command() -> None:
    """Hold the commands below."""


command.add_command(biencoder)
command.add_command(classifier)
command.add_command(crossencoder)
command.add_command(report)
