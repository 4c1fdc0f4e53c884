"""The use case of training a bi-encoder: from rows to a folder that encodes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from retrieval.errors import UsageError
from retrieval.fsops import Files
from retrieval.observer import tell
from retrieval.train.base import Base, find_base
from retrieval.train.biencoder.dummy import DummyCosineTask, DummySoftmaxTask
from retrieval.train.biencoder.embedder import Embedder
from retrieval.train.biencoder.examples import LabelledTexts, Pairs
from retrieval.train.biencoder.general import general_search, require_collection
from retrieval.train.biencoder.label_pairs import LabelPairsTask
from retrieval.train.biencoder.options import BiencoderOptions, Objective
from retrieval.train.biencoder.pairs import (
    ContrastiveTask,
    CosineTask,
    PairTask,
    RankingTask,
    SoftmaxTask,
)
from retrieval.train.biencoder.rows import (
    TrainingRows,
    class_names,
    read_training_rows,
)
from retrieval.train.biencoder.task import BiencoderTask
from retrieval.train.card import TrainingCard
from retrieval.train.loop import Clock
from retrieval.train.plan import Plan
from retrieval.train.progress import SILENT_TRAINING, TrainObserver
from retrieval.train.row_files import named_files
from retrieval.train.running import run_training
from retrieval.train.task import Task

_PAIR_TASKS: Mapping[Objective, type[PairTask]] = {
    Objective.SOFTMAX: SoftmaxTask,
    Objective.COSINE: CosineTask,
    Objective.CONTRASTIVE: ContrastiveTask,
    Objective.RANKING: RankingTask,
}
_USAGE = """\
## Use

```
retrieve index FILE --model {name}
```

```python
from sentence_transformers import SentenceTransformer
model = SentenceTransformer("{name}")
```"""


def train_biencoder(
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    options: BiencoderOptions,
    *,
    observer: TrainObserver = SILENT_TRAINING,
) -> TrainingCard:
    """Train a bi-encoder on rows of files and publish it as a folder.

    The same call again goes on where a killed one was, and ends with the same weights.

    Args:
        data: Files (JSON Lines, CSV or TSV, also ``.gz``), or a BEIR folder.
        output: The folder to be; it must not exist. It loads with sentence-transformers,
            and as the model of ``build``.
        options: What is learned and how.
        observer: Follows the work.

    Returns:
        The training card, as kept in the folder's ``training.json``.

    Raises:
        InputError: Files or rows cannot be used.
        UsageError: Options do not fit the rows, or the output is there already.
        ModelError: The base cannot be used.
        TrainingError: The loss is no number, or the model collapsed; nothing is kept.
        InterruptedWorkError: Stopped by Ctrl-C; the same call goes on from there.
        LockedError, FileSystemError: Something could not be written; checkpoints are kept.
    """
    rows = read_training_rows(named_files(data), options)
    return train_on_rows(rows, Path(output), options, observer=observer)


def train_on_rows(
    rows: TrainingRows,
    output: Path,
    options: BiencoderOptions,
    *,
    observer: TrainObserver,
    check_beir: Path | None = None,
    files: Files | None = None,
    clock: Clock = time.monotonic,
) -> TrainingCard:
    """Train a bi-encoder on rows and publish it; see ``train_biencoder``.

    With ``check_beir`` the card tells how well the model finds the documents of a BEIR folder
    before and after.
    """
    if check_beir is not None:
        require_collection(check_beir)  # before hours of training, not after
    tell(observer, rows)
    base = find_base(options.base, offline=options.offline)
    settings = options.settings()
    if rows.positive:
        settings["positive"] = rows.positive
    plan = Plan(
        kind="biencoder",
        objective=options.objective,
        base=base.facts,
        rows=rows.facts,
        settings=settings,
        options=options.train,
    )

    def checks(task: Task) -> Mapping[str, Any]:
        if check_beir is None or not isinstance(task, BiencoderTask):
            return {}
        return {"general_search": general_search(task.embedder, base, check_beir, observer)}

    return run_training(
        plan,
        lambda: make_task(base, rows, options),
        output,
        usage=_USAGE.format(name=output.name),
        observer=observer,
        checks=checks,
        files=files,
        clock=clock,
    )


def make_task(base: Base, rows: TrainingRows, options: BiencoderOptions) -> Task:
    """Load the base and put it together with its rows."""
    objective, train = options.objective, options.train
    embedder = Embedder(base, pooling=options.pooling, max_length=train.max_length)
    steps: dict[str, Any] = {"batch_size": train.batch_size, "seed": train.seed}
    if isinstance(rows.train, Pairs) and isinstance(rows.held_out, Pairs):
        return _PAIR_TASKS[objective](
            embedder,
            rows.train,
            rows.held_out,
            asymmetric=rows.asymmetric,
            classes=class_names(rows.train) if objective.has_head else (),
            **steps,
        )
    if not (isinstance(rows.train, LabelledTexts) and isinstance(rows.held_out, LabelledTexts)):
        raise UsageError("Rows to train on and rows to validate on are not of one kind.")
    texts: tuple[Any, ...] = (embedder, rows.train, rows.held_out)
    dummy: dict[str, Any] = {"token": options.token, "positive": rows.positive, **steps}
    match objective:
        case Objective.DUMMY_COSINE:
            return DummyCosineTask(*texts, negative_target=options.negative_target, **dummy)
        case Objective.DUMMY_SOFTMAX:
            return DummySoftmaxTask(*texts, classes=class_names(rows.train), **dummy)
        case _:
            opposite = objective is Objective.OPPOSITE_PAIRS
            return LabelPairsTask(*texts, other_target=-1.0 if opposite else 0.0, **steps)
