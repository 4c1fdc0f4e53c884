"""The use case of learning how much meaning and how much words should count."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.engine.benchmark.judgments import JudgmentOptions
from retrieval.engine.benchmark.mode_system import ranked_run
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.engine.judged_folds import FOLDS, judged_folds
from retrieval.evaluate.bootstrap import mean_interval
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.paired import compare
from retrieval.observer import SILENT, Observer
from retrieval.query.modes import DEFAULT_WEIGHT, ModeOptions, SearchMode
from retrieval.store.fusion import FusionEntry
from retrieval.store.local import LocalStore

WEIGHTS = tuple(round(0.05 * step, 2) for step in range(21))
"""Weights of meaning that are tried."""
DEPTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneReport:
    """What was learned, and what it is worth on queries that it was not learned from.

    Attributes:
        index: Name of the index.
        generation: The generation that has the weight; the old one if nothing was stored.
        stored: Whether it was stored.
        weight: The best weight of meaning on all queries.
        measure: The measure it is the best by.
        queries: Judged queries.
        groups: Groups of queries that share no relevant document; folds are made of these.
        folds: How many folds.
        value: Mean of the measure, each query by the weight that the other folds chose.
        low: Lower end of its 95 % bootstrap interval.
        high: Upper end.
        fold_weights: What each fold's others chose.
        default_weight: The weight without tuning.
        default_value: Its mean.
        difference: ``value`` minus ``default_value``.
        difference_low: Lower end of the 95 % interval of the difference.
        difference_high: Upper end.
        by_weight: Mean of the measure on all queries, by weight.
        judgments: Where the judgments come from.
        judgments_sha256: Their hash.
    """

    index: str
    generation: int
    stored: bool
    weight: float
    measure: str
    queries: int
    groups: int
    folds: int
    value: float
    low: float
    high: float
    fold_weights: tuple[float, ...]
    default_weight: float
    default_value: float
    difference: float
    difference_low: float
    difference_high: float
    by_weight: tuple[tuple[float, float], ...]
    judgments: str
    judgments_sha256: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema_version": 1, **asdict(self)}


def tune(
    index: Index,
    *,
    judgments: JudgmentOptions | None = None,
    measure: str = "nDCG@10",
    seed: int = 0,
    store: bool = True,
    observer: Observer = SILENT,
) -> TuneReport:
    """Learn the weight of meaning in hybrid searches of an index from judged queries.

    Weights from 0 to 1 in steps of 0.05 are tried; of equal ones the nearest to the default
    is taken. The figure is cross-validated: queries that share a relevant document are in one
    fold, and each fold is graded by the weight that is best on the others.

    Args:
        index: The open index; moved on to the generation that has the weight.
        judgments: Where judgments come from; of a BEIR folder the split ``train`` by default.
        measure: What the weight is to be best by.
        seed: Of folds and intervals, at least 0.
        store: Whether to keep the weight in the index.
        observer: Follows the work.

    Raises:
        UsageError: Labels instead of judged queries, or an unknown measure.
        InputError: Too few queries, or a file is missing or malformed.
        WordsMissingError, LockedError, FileSystemError: Nothing was stored.
    """
    asked = Measure.parse(measure)
    judged = judged_folds(index, judgments, seed=seed, learned="a weight")
    task, folds = judged.task, judged.folds
    values = _values(index, task, asked, observer)
    chosen = [_best(values[:, folds != fold]) for fold in range(FOLDS)]
    held_out = values[np.array(chosen)[folds], np.arange(len(folds))]
    default = values[WEIGHTS.index(DEFAULT_WEIGHT)]
    interval = mean_interval(held_out, seed=seed)
    beside = compare(default, held_out, seed=seed)
    best = _best(values)
    digest = task.qrels.digest
    if store:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        entry = FusionEntry(
            weight=WEIGHTS[best],
            measure=str(asked),
            queries=len(folds),
            judgments_sha256=digest,
            created=now.replace("+00:00", "Z"),
        )
        LocalStore(index.path).put_fusion(entry)
        index.refresh()
    return TuneReport(
        index=index.name,
        generation=index.snapshot.generation,
        stored=store,
        weight=WEIGHTS[best],
        measure=str(asked),
        queries=len(folds),
        groups=judged.groups,
        folds=FOLDS,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        fold_weights=tuple(WEIGHTS[at] for at in chosen),
        default_weight=DEFAULT_WEIGHT,
        default_value=float(default.mean()),
        difference=beside.difference,
        difference_low=beside.low,
        difference_high=beside.high,
        by_weight=tuple(zip(WEIGHTS, values.mean(axis=1).tolist(), strict=True)),
        judgments=task.judgments,
        judgments_sha256=digest,
    )


def _values(index: Index, task: Task, measure: Measure, observer: Observer) -> NDArray[np.float64]:
    """Return the measure of every query by every weight: float64 (weights, queries)."""
    snapshot = index.snapshot
    _ = snapshot.words  # before a model is loaded
    rows = index.encoder.encode_queries([one.text for one in task.queries])
    depth = measure.parameters.cutoff or DEPTH
    values = []
    for at, weight in enumerate(WEIGHTS):
        observer.progress("tuning", at, len(WEIGHTS), "weights")
        options = ModeOptions(mode=SearchMode.HYBRID, weight=weight)
        run = ranked_run("hybrid", snapshot, task, rows, depth=depth, options=options)
        values.append(evaluate(task.qrels, run, [measure]).of(measure))
    return np.stack(values)


def _best(values: NDArray[np.float64]) -> int:
    """Return the weight of the greatest mean; of equal ones the nearest to the default."""
    means = values.mean(axis=1).tolist()
    return min(
        range(len(WEIGHTS)),
        key=lambda at: (-round(means[at], 9), abs(WEIGHTS[at] - DEFAULT_WEIGHT), at),
    )
