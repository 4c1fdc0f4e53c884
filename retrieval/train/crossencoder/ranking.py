"""Training a cross-encoder to rerank: kept by how it ranks, published only if that is better."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.crossencoder_folder import require_crossencoder
from retrieval.errors import RetrievalError
from retrieval.fsops import Files
from retrieval.observer import tell
from retrieval.records import JsonValue
from retrieval.rerank.learned import CHECK_NAME, BlendEntry
from retrieval.train.base import Base, find_base
from retrieval.train.batches import bucketed
from retrieval.train.card import TrainingCard
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.ranked import RankedLists, learned_blend
from retrieval.train.crossencoder.rows import CrossencoderRows
from retrieval.train.crossencoder.task import LEAST_SPREAD, CrossencoderTask
from retrieval.train.loop import Clock
from retrieval.train.plan import Plan
from retrieval.train.progress import TrainObserver
from retrieval.train.running import run_training
from retrieval.train.task import Task, Validation

_USAGE = """\
## Use

```
retrieve query "a question" --rerank {name}
```

It is an ordinary `CrossEncoder` folder of sentence-transformers, too. The weight that it was
blended with its first stage by is below, under Checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRows:
    """Pairs to learn from, and judged queries to validate on.

    Attributes:
        rows: The pairs; those held out are the candidates of ``lists``, in order.
        groups: int64 (pairs to learn from,), ascending: pairs of one query that compete. Their
            targets sum to 1.
        lists: Whose candidates they are.
        settings: How they were mined, as JSON values.
    """

    rows: CrossencoderRows
    groups: NDArray[np.int64]
    lists: RankedLists
    settings: Mapping[str, JsonValue]


class RankingTask(CrossencoderTask):
    """Learns which passage of a group is best, and is measured by how it ranks candidates.

    The loss of a group is the cross-entropy of its targets t and the softmax of its scores z,
    ``-sum t log softmax(z)`` (Cao et al., 2007); with one relevant passage among hard ones it
    is the localized contrastive estimation of Gao et al. (2021).

    Args:
        base: The model to start from.
        mined: What to learn from and to validate on.
        options: How to train.
    """

    def __init__(self, base: Base, mined: RankingRows, options: CrossencoderOptions) -> None:
        train = options.train
        super().__init__(
            base,
            mined.rows,
            max_length=train.max_length,
            batch_size=train.batch_size,
            seed=train.seed,
        )
        self._starts = np.flatnonzero(np.diff(mined.groups, prepend=-1))
        self._ends = np.append(self._starts[1:], len(mined.groups))
        self._lists = mined.lists
        self._chance = train.seed
        self._found: BlendEntry | None = None

    def batches(self, epoch: int) -> Sequence[NDArray[np.int64]]:
        """Return every group once, those of like length together; a step has one at least."""
        widest = int((self._ends - self._starts).max())
        lengths = np.maximum.reduceat(self._train.lengths, self._starts)
        generator = np.random.default_rng([self._seed, epoch])
        return [
            np.concatenate([np.arange(self._starts[one], self._ends[one]) for one in step])
            for step in bucketed(lengths, max(self._batch_size // widest, 1), generator)
        ]

    def loss(self, rows: NDArray[np.int64], epoch: int) -> Any:
        """Return the mean cross-entropy of the groups that the rows make."""
        import torch

        device = self._device()
        logits = self._forward(self._train.tensors(rows.tolist(), device)).float().squeeze(1)
        targets = torch.from_numpy(self._rows.train.targets[rows]).float().to(device)
        borders = np.flatnonzero(np.isin(rows, self._starts))[1:].tolist()
        losses = [
            -(target * torch.log_softmax(scores, 0)).sum()
            for target, scores in zip(
                torch.tensor_split(targets, borders),
                torch.tensor_split(logits, borders),
                strict=True,
            )
        ]
        return torch.stack(losses).mean()

    def validate(self) -> Validation | None:
        """Measure rankings by the reranker alone, and by a blend of equal shares."""
        scores, lists = self.held_out_scores(), self._lists
        value = float(lists.values(scores).mean())
        half = float(lists.values(lists.blended(scores, 0.5)).mean())
        return Validation(measure=str(lists.measure), value=value, also={"blended by halves": half})

    def fault(self) -> str:
        """Say that all scores are alike, or that the first stage alone is as good."""
        scores = self.held_out_scores()
        if scores.std() < LEAST_SPREAD:  # of logits: only their differences are learned
            return "it gives every pair nearly the same score"
        self._found = found = learned_blend(self._lists, scores, seed=self._chance)
        if found.difference > 0:
            return ""
        return (
            f"with it {found.measure} is {found.value:.4f}, and {found.first:.4f} with its first"
            f" stage alone ({found.first_stage}), on the same {found.queries:,} validation queries"
            f" (difference {found.difference:+.4f}, 95 % interval {found.low:+.4f} to"
            f" {found.high:+.4f}; by the reranker alone {found.rerank:.4f})"
        )

    def checks(self) -> dict[str, Any]:
        """Return the learned weight and the figures beside the first stage, for the card."""
        return {} if self._found is None else {CHECK_NAME: self._found.to_json()}


def starts_as_crossencoder(model: str | None, *, offline: bool) -> bool:
    """Tell whether a model to start from gives one score of two texts already.

    Raises:
        RetrievalError: As ``find_base``.
    """
    base = find_base(model, offline=offline)
    try:
        require_crossencoder(base.folder, base.facts.name)
    except RetrievalError:
        return False
    return True


def train_ranking(
    mined: RankingRows,
    output: Path,
    options: CrossencoderOptions,
    *,
    observer: TrainObserver,
    files: Files | None = None,
    clock: Clock = time.monotonic,
) -> TrainingCard:
    """Train a reranker on mined pairs and publish it, if it is better than its first stage.

    Args:
        mined: What to learn from and to validate on.
        output: The folder to be; it must not exist.
        options: Base and training; what concerns files of pairs is not looked at.
        observer: Follows the work.
        files: The file operations; None for those of this machine.
        clock: Seconds from any start.

    Returns:
        The training card; its ``checks`` hold a ``BlendEntry``.

    Raises:
        TrainingError: It does not beat its first stage on the validation queries, or is of no
            use otherwise; nothing is kept.
        RetrievalError: As ``train_crossencoder``.
    """
    tell(observer, mined.rows)
    base = find_base(options.base, offline=options.offline)
    plan = Plan(
        kind="crossencoder",
        objective="reranking",
        base=base.facts,
        rows=mined.rows.facts,
        settings=mined.settings,
        options=options.train,
    )

    def checks(task: Task) -> Mapping[str, Any]:
        return task.checks() if isinstance(task, RankingTask) else {}

    return run_training(
        plan,
        lambda: RankingTask(base, mined, options),
        output,
        usage=_USAGE.format(name=output.name),
        observer=observer,
        checks=checks,
        files=files,
        clock=clock,
    )
