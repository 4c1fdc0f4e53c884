"""The use case of training a classifier: from rows to a folder that tells classes."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from retrieval.fsops import Files
from retrieval.observer import tell
from retrieval.records import JsonValue
from retrieval.train.base import Base, find_base
from retrieval.train.card import TrainingCard
from retrieval.train.classifier.network import Network
from retrieval.train.classifier.options import ClassifierOptions, Head
from retrieval.train.classifier.rows import ClassifierRows, read_classifier_rows
from retrieval.train.classifier.task import ClassifierTask
from retrieval.train.loop import Clock
from retrieval.train.plan import Plan
from retrieval.train.progress import SILENT_TRAINING, TrainObserver
from retrieval.train.row_files import named_files
from retrieval.train.running import run_training

_USAGE = {
    Head.CLS: """\
## Use

```
retrieve classify {name} FILE
```

```python
from transformers import pipeline
pipeline("text-classification", "{name}", truncation=True)("A text.")
```""",
    Head.MEAN: """\
## Use

```
retrieve classify {name} FILE
```

```python
import torch
from sentence_transformers import SentenceTransformer
model = SentenceTransformer("{name}")
names = model[0].auto_model.config.id2label
logits = model.encode(["A text."], convert_to_tensor=True)  # one a class
[names[int(one)] for one in logits.argmax(dim=1)], torch.softmax(logits, dim=1)
```""",
}


def train_classifier(
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    options: ClassifierOptions | None = None,
    *,
    observer: TrainObserver = SILENT_TRAINING,
) -> TrainingCard:
    """Train a classifier on labelled texts and publish it as a folder.

    The same call again goes on where a killed one was, and ends with the same weights.

    Args:
        data: Files of rows with a text and a class: JSON Lines, CSV or TSV, also ``.gz``.
        output: The folder to be; it must not exist. ``classify`` reads it, and the library
            of its head does.
        options: How to train; None for the usual way.
        observer: Follows the work.

    Returns:
        The training card, as kept in the folder's ``training.json``.

    Raises:
        InputError: Files, fields or rows cannot be used, or there is one class only.
        UsageError: Options do not fit the rows, or the output is there already.
        ModelError: The base cannot be used.
        TrainingError: The loss is no number, or the model is of no use; nothing is kept.
        InterruptedWorkError: Stopped by Ctrl-C; the same call goes on from there.
        LockedError, FileSystemError: Something could not be written; checkpoints are kept.
    """
    chosen = options or ClassifierOptions()
    rows = read_classifier_rows(named_files(data), chosen)
    return train_on_rows(rows, Path(output), chosen, observer=observer)


def train_on_rows(
    rows: ClassifierRows,
    output: Path,
    options: ClassifierOptions,
    *,
    observer: TrainObserver,
    files: Files | None = None,
    clock: Clock = time.monotonic,
) -> TrainingCard:
    """Train a classifier on rows and publish it; see ``train_classifier``."""
    tell(observer, rows)
    base = find_base(options.base, offline=options.offline)
    settings: dict[str, JsonValue] = {**options.settings(), "classes": [*rows.classes]}
    if rows.positive:
        settings["positive"] = rows.positive
    plan = Plan(
        kind="classifier",
        objective=f"classes from {options.head}",
        base=base.facts,
        rows=rows.facts,
        settings=settings,
        options=options.train,
    )
    return run_training(
        plan,
        lambda: _make_task(base, rows, options, observer),
        output,
        usage=_USAGE[options.head].format(name=output.name),
        observer=observer,
        files=files,
        clock=clock,
    )


def _make_task(
    base: Base, rows: ClassifierRows, options: ClassifierOptions, observer: TrainObserver
) -> ClassifierTask:
    train = options.train
    network = Network(base, head=options.head, classes=rows.classes, max_length=train.max_length)
    if network.missing:
        observer.note(
            f"{base.facts.name} has no weights for {', '.join(network.missing[:4])}; they are"
            " drawn at random and learned."
        )
    return ClassifierTask(network, rows, batch_size=train.batch_size, seed=train.seed)
