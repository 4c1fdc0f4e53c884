"""Training a cross-encoder to rerank: kept by how it ranks, published only if that is better."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.fsops import Files
from retrieval.records import JsonValue
from retrieval.rerank.learned import CHECK_NAME, BlendEntry
from retrieval.train.base import Base, find_base
from retrieval.train.card import TrainingCard
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.ranked import RankedLists, learned_blend
from retrieval.train.crossencoder.rows import CrossencoderRows
from retrieval.train.crossencoder.task import CrossencoderTask
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
        lists: Whose candidates they are.
        settings: How they were mined, as JSON values.
    """

    rows: CrossencoderRows
    lists: RankedLists
    settings: Mapping[str, JsonValue]


class RankingTask(CrossencoderTask):
    """Learns pairs, and is measured by how it ranks the candidates of judged queries.

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
        self._lists = mined.lists
        self._chance = train.seed
        self._found: BlendEntry | None = None

    def validate(self) -> Validation | None:
        """Measure rankings by the reranker alone, and by a blend of equal shares."""
        scores, lists = self.held_out_scores(), self._lists
        value = float(lists.values(scores).mean())
        half = float(lists.values(lists.blended(scores, 0.5)).mean())
        return Validation(measure=str(lists.measure), value=value, also={"blended by halves": half})

    def fault(self) -> str:
        """Say that all scores are alike, or that the first stage alone is as good."""
        scores = self.held_out_scores()
        collapsed = self._collapse(scores)
        if collapsed:
            return collapsed
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
    for note in mined.rows.notes:
        observer.note(note)
    for warning in mined.rows.warnings:
        observer.warn(warning)
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
