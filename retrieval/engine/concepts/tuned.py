"""What a concept of a fine-tuned model is, and what it was worth on documents held out."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.artefact import Concept, FitReport, Method
from retrieval.concept.calibration import calibrate
from retrieval.concept.crossfit import FOLDS, Ranker, average_precision, stratified_folds
from retrieval.concept.figure import Figure
from retrieval.concept.head import SoftmaxHead
from retrieval.concept.rows import Unit
from retrieval.engine.concepts.fitting import sample_corpus
from retrieval.engine.concepts.labelled import Labelled
from retrieval.engine.concepts.options import FitOptions
from retrieval.query.learned import document_rows
from retrieval.store.reader import Snapshot


def tuned_concept(
    sibling: Path,
    found: Labelled,
    options: FitOptions,
    *,
    method: Method,
    token: NDArray[np.float32],
    head: SoftmaxHead | None,
    held_out: NDArray[np.int64],
    before: NDArray[np.float64],
) -> Concept:
    """Return the concept of a fine-tuned model, measured on documents held out.

    Args:
        sibling: The index of the fine-tuned model.
        found: The labelled documents, as of the original index.
        options: What the concept is called, and how labels came to be.
        method: How it was learned.
        token: float32 (dim,), unit vector of the token.
        head: What ranks instead of the token's vector; None for that.
        held_out: int64, which labelled documents were not trained on.
        before: float64, scores of those by the concept's text in the original index.

    Returns:
        The concept, as version 0: it is not kept yet.
    """
    snapshot = Snapshot.open(sibling)
    labels = found.labels[held_out]
    ids = [found.doc_ids[at] for at in held_out.tolist()]
    places = [place for place in map(snapshot.find, ids) if place is not None]

    def scores_of(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        if head is None:
            return (rows @ token).astype(np.float64)
        return head.log_odds(rows, token, found.positive)

    corpus = scores_of(sample_corpus(snapshot, Unit.DOCUMENT, seed=options.seed).rows)
    ranker = Ranker(
        direction=token,
        center=float(corpus.mean()),
        scale=max(float(corpus.std()), 1e-9),
    )
    after = scores_of(document_rows(snapshot, places, Unit.DOCUMENT).rows)
    generator = np.random.default_rng(options.seed)
    folds = stratified_folds(labels, found.groups[held_out], FOLDS, generator)
    calibrated = calibrate(ranker.standardised(after), labels, folds, seed=options.seed)

    def figure(scores: NDArray[np.float64]) -> Figure:
        return Figure(**asdict(average_precision(labels, scores, seed=options.seed)))

    report = FitReport(
        labels=len(found.labels),
        positives=int(found.labels.sum()),
        base_rate=float(labels.mean()),
        repetitions=1,
        average_precision=figure(after),
        text=figure(before),
        contrast=None,
        calibration=calibrated.errors,
        strength=0.0,
        warnings=(
            f"Figures are those of {len(held_out):,} documents held out, which also chose the"
            " weights that were kept.",
            *found.warnings,
        ),
    )
    now = datetime.datetime.now(datetime.UTC)
    return Concept(
        name=options.name,
        version=0,
        created=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        model=snapshot.manifest.model.fingerprint,
        index=sibling.name,
        generation=snapshot.generation,
        unit=Unit.DOCUMENT,
        texts=options.texts or (options.name,),
        against=(),
        source=found.source,
        positive=found.positive,
        negative=options.negative,
        labels_are=options.labels_are,
        prevalence=options.prevalence,
        imported=False,
        seed=options.seed,
        ranker=ranker,
        folds=(ranker,),
        doc_ids=found.doc_ids,
        labels=found.labels,
        fold_of=np.zeros(len(found.labels), dtype=np.int32),
        curve=calibrated.curve,
        cuts=(),
        report=report,
        method=method,
        head=head,
    )
