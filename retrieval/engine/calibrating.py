"""The use case of learning what the scores of text queries are worth, as probabilities.

What is known of a document without a judgment decides what counts:

- *complete* judgments name every relevant document, so that the others are not relevant: every
  one of the first 100 hits of every judged query is a label.
- Otherwise a document without a judgment is unknown, and left out. That is honest only where
  hardly any hit is unknown, for hits that somebody judged are not like those that nobody did; so
  of the first 10 hits of the queries at least 80 % have to be judged, and only these are labels.

Labels are then a random sample of such hits, as concepts know it, and the probability is the
chance that a hit with this score is relevant, for queries such as those judged.
"""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.calibration import Calibrated, CalibrationErrors, brier, calibrate, log_loss
from retrieval.engine.benchmark.judgments import JudgmentOptions
from retrieval.engine.benchmark.mode_system import ranked_run
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.engine.judged_folds import FOLDS, judged_folds
from retrieval.errors import InputError, UsageError
from retrieval.observer import SILENT, Observer
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.query.probability import terms_of
from retrieval.store.local import LocalStore
from retrieval.store.score_curve import ScoreCurve

COMPLETE_DEPTH = 100
"""Hits of a query that count where judgments are complete."""
JUDGED_DEPTH = 10
"""Hits of a query that count where they are not."""
LEAST_JUDGED = 0.8
"""Share of these that has to be judged."""
LEAST_OF_A_KIND = 20
"""Relevant hits, and others, that have to be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateReport:
    """A curve from scores to probabilities, and what it is worth on other queries.

    Attributes:
        index: Name of the index.
        generation: The generation that has the curve; the old one if nothing was stored.
        stored: Whether it was stored.
        mode: By what documents were ranked.
        ranking: The fusion, weight and parameters that it holds for, in words.
        curve: ``platt`` or ``isotonic``.
        queries: Judged queries.
        groups: Groups of queries that share no relevant document; folds are made of these.
        folds: How many folds.
        depth: Hits of each query that could count.
        complete: Whether documents without a judgment were counted as not relevant.
        judged_share: Share of the first ten hits that have a judgment of their own.
        hits: Hits the curve was fitted to.
        relevant: Relevant ones among them.
        errors: How far probabilities are off, each query's by the curve of the other folds.
        base_brier: Brier score of saying the share of relevant hits of the other folds always.
        base_log_loss: Log loss of saying that.
        judgments: Where the judgments come from.
        judgments_sha256: Their hash.
    """

    index: str
    generation: int
    stored: bool
    mode: str
    ranking: str
    curve: str
    queries: int
    groups: int
    folds: int
    depth: int
    complete: bool
    judged_share: float
    hits: int
    relevant: int
    errors: CalibrationErrors
    base_brier: float
    base_log_loss: float
    judgments: str
    judgments_sha256: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {"schema_version": 1, **asdict(self)}


@dataclass(frozen=True, slots=True, eq=False)
class _Labels:
    """Judged hits: scores, float64 (n,), relevant or not, bool (n,), and folds, int32 (n,)."""

    scores: NDArray[np.float64]
    relevant: NDArray[np.bool_]
    fold_of: NDArray[np.int32]


def calibrate_mode(
    index: Index,
    *,
    mode: str | ModeOptions | None = None,
    judgments: JudgmentOptions | None = None,
    complete: bool = False,
    seed: int = 0,
    store: bool = True,
    observer: Observer = SILENT,
) -> CalibrateReport:
    """Learn the probabilities of text queries' hits from judged queries.

    The curve is Platt's, or from 1,000 hits one of any rising shape if that is better across folds.
    Figures are cross-validated: queries that share a relevant document are in one fold.

    Args:
        index: The open index; moved on to the generation that has the curve.
        mode: By what documents are ranked; a search by another way has no probabilities.
        judgments: Where judgments come from; of a BEIR folder the split ``train`` by default.
        complete: Whether every relevant document is judged, so that the others are not.
        seed: Of folds and simulated floors, at least 0.
        store: Whether to keep the curve in the index.
        observer: Follows the work.

    Raises:
        UsageError: Labels instead of judged queries, or too few hits are judged.
        InputError: Too few queries, or a file is missing or malformed.
        WordsMissingError, LockedError, FileSystemError: Nothing was stored.
    """
    options = ModeOptions.named(mode)
    judged = judged_folds(index, judgments, seed=seed, learned="a curve")
    task, folds = judged.task, judged.folds
    fold_of = dict(zip(task.qrels.query_ids, folds.tolist(), strict=True))
    observer.progress("ranking", 0, 1, "modes")
    labels, share = _labels(index, task, options, fold_of, complete=complete)
    _check(labels)
    found = calibrate(labels.scores, labels.relevant, labels.fold_of, seed=seed)
    base = _base_rates(labels)
    terms = terms_of(index.snapshot, options)
    digest = task.qrels.digest
    if store:
        LocalStore(index.path).put_curve(
            _entry(terms, found, labels, len(folds), complete=complete, digest=digest)
        )
        index.refresh()
    return CalibrateReport(
        index=index.name,
        generation=index.snapshot.generation,
        stored=store,
        mode=options.mode.value,
        ranking=_in_words(terms),
        curve=found.curve.kind.value,
        queries=len(folds),
        groups=judged.groups,
        folds=FOLDS,
        depth=COMPLETE_DEPTH if complete else JUDGED_DEPTH,
        complete=complete,
        judged_share=share,
        hits=len(labels.scores),
        relevant=int(labels.relevant.sum()),
        errors=found.errors,
        base_brier=brier(base, labels.relevant),
        base_log_loss=log_loss(base, labels.relevant),
        judgments=task.judgments,
        judgments_sha256=digest,
    )


def _labels(
    index: Index, task: Task, options: ModeOptions, fold_of: dict[str, int], *, complete: bool
) -> tuple[_Labels, float]:
    """Return the hits that count, and the share of the first ten that are judged."""
    snapshot = index.snapshot
    _ = snapshot.words if options.mode is not SearchMode.DENSE else None  # before a model is loaded
    rows = None
    if options.mode is not SearchMode.LEXICAL:
        rows = index.encoder.encode_queries([one.text for one in task.queries])
    depth = COMPLETE_DEPTH if complete else JUDGED_DEPTH
    run = ranked_run(options.mode.value, snapshot, task, rows, depth=depth, options=options)
    scores: list[float] = []
    relevant: list[bool] = []
    folds: list[int] = []
    first = judged = 0
    for query_id in task.qrels.query_ids:
        grades = task.qrels.grades_of(query_id)
        for rank, (doc_id, score) in enumerate(run.ranking(query_id)):
            known = doc_id in grades
            first += rank < JUDGED_DEPTH
            judged += known and rank < JUDGED_DEPTH
            if known or complete:
                scores.append(score)
                relevant.append(grades.get(doc_id, 0) >= 1)
                folds.append(fold_of[query_id])
    share = judged / first if first else 0.0
    if not complete and share < LEAST_JUDGED:
        raise UsageError(
            f"{share:.0%} of the first {JUDGED_DEPTH} hits of the judged queries have a judgment;"
            f" at least {LEAST_JUDGED:.0%} are needed, as those that nobody judged are unlike the"
            " others.",
            fix="Judge these hits; or say --complete, if every document without a judgment is not"
            " relevant.",
        )
    columns = _Labels(
        np.array(scores), np.array(relevant, dtype=bool), np.array(folds, dtype=np.int32)
    )
    return columns, share


def _check(labels: _Labels) -> None:
    relevant = int(labels.relevant.sum())
    others = len(labels.scores) - relevant
    if min(relevant, others) < LEAST_OF_A_KIND:
        raise InputError(
            f"{relevant} of the judged hits are relevant and {others} are not; at least"
            f" {LEAST_OF_A_KIND} of each are needed.",
            fix="Judge more queries.",
        )
    for fold in range(FOLDS):
        left = labels.relevant[labels.fold_of != fold]
        if left.all() or not left.any():
            raise InputError(
                "All relevant hits, or all others, are of queries that share relevant documents.",
                fix="Judge more queries.",
            )


def _base_rates(labels: _Labels) -> NDArray[np.float64]:
    """Return for each hit the share of relevant ones in the other folds: float64 (n,)."""
    chances = np.empty(len(labels.scores))
    for fold in range(FOLDS):
        own = labels.fold_of == fold
        chances[own] = labels.relevant[~own].mean()
    return chances


def _entry(
    terms: tuple[str, str, float | None, float, float],
    found: Calibrated,
    labels: _Labels,
    queries: int,
    *,
    complete: bool,
    digest: str,
) -> ScoreCurve:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    mode, fusion, weight, k1, b = terms
    return ScoreCurve(
        mode=mode,
        fusion=fusion,
        weight=weight,
        k1=k1,
        b=b,
        kind=found.curve.kind.value,
        slope=found.curve.slope,
        intercept=found.curve.intercept,
        scores=tuple(found.curve.scores.tolist()),
        values=tuple(found.curve.values.tolist()),
        hits=len(labels.scores),
        relevant=int(labels.relevant.sum()),
        queries=queries,
        complete=complete,
        judgments_sha256=digest,
        created=now.replace("+00:00", "Z"),
    )


def _in_words(terms: tuple[str, str, float | None, float, float]) -> str:
    mode, fusion, weight, k1, b = terms
    if mode == SearchMode.DENSE:
        return "cosine similarity"
    bm25 = f"BM25, k1 {k1:g}, b {b:g}"
    if mode == SearchMode.LEXICAL:
        return bm25
    fused = "reciprocal ranks" if weight is None else f"{fusion}, weight of meaning {weight:g}"
    return f"{fused}; {bm25}"
