"""The use case of learning a concept from labels of an index; nothing is encoded anew."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.artefact import Concept, FitReport
from retrieval.concept.calibration import calibrate
from retrieval.concept.crossfit import (
    FOLDS,
    average_precision,
    crossfit,
    ranker_of,
    stratified_folds,
)
from retrieval.concept.figure import Figure
from retrieval.concept.fit import choose_strength, contrast_direction, fit_rows
from retrieval.concept.promise import cuts_of
from retrieval.concept.rows import DocumentRows, Unit
from retrieval.engine.concepts.labelled import Labelled, find_labelled
from retrieval.engine.concepts.options import FitOptions
from retrieval.errors import UsageError
from retrieval.observer import Observer, tell
from retrieval.query.learned import document_rows
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder

MOST_SAMPLED = 20_000
"""Documents of the corpus that scores are standardised over; more are sampled."""


def learn(
    snapshot: Snapshot,
    encoder: Encoder,
    options: FitOptions,
    *,
    index: str,
    observer: Observer,
) -> Concept:
    """Fit a concept and measure it out of fold.

    Args:
        snapshot: The generation to learn from.
        encoder: Its model, for the texts alone.
        options: Labels and how to fit.
        index: Name of the index.
        observer: Told what was decided, and warned.

    Returns:
        The concept, as version 0: it is not kept yet.

    Raises:
        UsageError, InputError: As ``find_labelled``.
    """
    found = find_labelled(snapshot, options, index=index)
    tell(observer, found)
    texts = options.texts or (options.name,)
    for_them = encoder.encode_queries(list(texts))
    prior: NDArray[np.float64] | None = None
    if options.against:
        prior = contrast_direction(for_them, encoder.encode_queries(list(options.against)))
    documents = document_rows(snapshot, found.places, options.unit)
    corpus = sample_corpus(snapshot, options.unit, seed=options.seed)
    observer.progress("fitting", 0, None, "models")
    tuning = stratified_folds(
        found.labels, found.groups, FOLDS, np.random.default_rng(options.seed)
    )
    strength = choose_strength(documents, found.labels, prior=prior, held_out=tuning == 0)
    solution = fit_rows(documents, found.labels, prior=prior, strength=strength)
    ranker = ranker_of(solution, corpus)
    crossed = crossfit(
        documents,
        found.labels,
        found.groups,
        corpus,
        prior=prior,
        start=solution,
        seed=options.seed,
    )
    calibrated = calibrate(crossed.scores[0], found.labels, crossed.fold_of, seed=options.seed)
    report = FitReport(
        labels=len(found.labels),
        positives=int(found.labels.sum()),
        base_rate=float(found.labels.mean()),
        repetitions=len(crossed.scores),
        average_precision=_figure(found, crossed.scores, options.seed),
        text=_figure(found, documents.scores(for_them[0]), options.seed),
        contrast=None
        if prior is None
        else _figure(found, documents.scores(prior.astype(np.float32)), options.seed),
        calibration=calibrated.errors,
        strength=strength,
        warnings=found.warnings,
    )
    now = datetime.datetime.now(datetime.UTC)
    return Concept(
        name=options.name,
        version=0,
        created=now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        model=snapshot.manifest.model.fingerprint,
        index=index,
        generation=snapshot.generation,
        unit=options.unit,
        texts=texts,
        against=options.against,
        source=found.source,
        positive=found.positive,
        negative=options.negative,
        labels_are=options.labels_are,
        prevalence=options.prevalence,
        imported=False,
        seed=options.seed,
        ranker=ranker,
        folds=crossed.rankers,
        doc_ids=found.doc_ids,
        labels=found.labels,
        fold_of=crossed.fold_of,
        curve=calibrated.curve,
        cuts=cuts_of(crossed, ranker, found.labels, corpus),
        report=report,
    )


def sample_corpus(snapshot: Snapshot, unit: Unit, *, seed: int) -> DocumentRows:
    """Return the documents of an index that a search can find, or 20,000 of them at random.

    Raises:
        UsageError: There are none.
    """
    counts = [np.flatnonzero(~(segment.deleted | segment.empty)) for segment in snapshot.segments]
    segments = np.repeat(np.arange(len(counts)), [len(one) for one in counts])
    ordinals = np.concatenate([np.empty(0, dtype=np.int64), *counts])
    if not len(ordinals):
        raise UsageError("The index has no document with a text.")
    chosen = np.arange(len(ordinals))
    if len(ordinals) > MOST_SAMPLED:
        generator = np.random.default_rng(seed)
        chosen = np.sort(generator.choice(len(ordinals), MOST_SAMPLED, replace=False))
    places = [
        Place(segment, ordinal)
        for segment, ordinal in zip(
            segments[chosen].tolist(), ordinals[chosen].tolist(), strict=True
        )
    ]
    return document_rows(snapshot, places, unit)


def _figure(found: Labelled, scores: NDArray[np.float64], seed: int) -> Figure:
    return Figure(**asdict(average_precision(found.labels, scores, seed=seed)))
