"""The use case of training a cross-encoder: from pairs to a folder that scores pairs."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from retrieval.fsops import Files
from retrieval.observer import tell
from retrieval.train.base import find_base
from retrieval.train.card import TrainingCard
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.rows import CrossencoderRows, read_crossencoder_rows
from retrieval.train.crossencoder.task import CrossencoderTask
from retrieval.train.loop import Clock
from retrieval.train.plan import Plan
from retrieval.train.progress import SILENT_TRAINING, TrainObserver
from retrieval.train.row_files import named_files
from retrieval.train.running import run_training

_USAGE = """\
## Use

```python
from sentence_transformers import CrossEncoder
CrossEncoder("{name}").predict([("A query.", "A text.")])  # in [0, 1], higher is better
```"""


def train_crossencoder(
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    options: CrossencoderOptions | None = None,
    *,
    observer: TrainObserver = SILENT_TRAINING,
) -> TrainingCard:
    """Train a cross-encoder on scored pairs and publish it as a folder.

    The same call again goes on where a killed one was, and ends with the same weights.

    Args:
        data: Files of rows with two texts and a score or label: JSON Lines, CSV or TSV, also
            ``.gz``.
        output: The folder to be; it must not exist. It loads with sentence-transformers'
            ``CrossEncoder``.
        options: How to train; None for the usual way.
        observer: Follows the work.

    Returns:
        The training card, as kept in the folder's ``training.json``.

    Raises:
        InputError: Files, fields or rows cannot be used, or every score is the same.
        UsageError: Options do not fit the rows, or the output is there already.
        ModelError: The base cannot be used.
        TrainingError: The loss is no number, or the model is of no use; nothing is kept.
        InterruptedWorkError: Stopped by Ctrl-C; the same call goes on from there.
        LockedError, FileSystemError: Something could not be written; checkpoints are kept.
    """
    chosen = options or CrossencoderOptions()
    rows = read_crossencoder_rows(named_files(data), chosen)
    return train_on_pairs(rows, Path(output), chosen, observer=observer)


def train_on_pairs(
    rows: CrossencoderRows,
    output: Path,
    options: CrossencoderOptions,
    *,
    observer: TrainObserver,
    files: Files | None = None,
    clock: Clock = time.monotonic,
) -> TrainingCard:
    """Train a cross-encoder on pairs, wherever they came from; see ``train_crossencoder``."""
    tell(observer, rows)
    base = find_base(options.base, offline=options.offline)
    train = options.train
    plan = Plan(
        kind="crossencoder",
        objective="graded scores" if rows.graded else "relevance of pairs",
        base=base.facts,
        rows=rows.facts,
        settings=options.settings(),
        options=train,
    )
    return run_training(
        plan,
        lambda: CrossencoderTask(
            base,
            rows,
            max_length=train.max_length,
            batch_size=train.batch_size,
            seed=train.seed,
        ),
        output,
        usage=_USAGE.format(name=output.name),
        observer=observer,
        files=files,
        clock=clock,
    )
