"""The use case of auditing a concept: a random sample is judged, and what it says is kept."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from retrieval.concept.artefact import Concept, LabelsAre
from retrieval.concept.audit import LEAST_JUDGED, TOPS, Audit, estimate
from retrieval.concept.promise import SHARES, counted_cuts
from retrieval.engine.concepts.drawing import draw
from retrieval.engine.concepts.fitting import sample_corpus
from retrieval.errors import InputError, UsageError
from retrieval.query.learned import scores_of
from retrieval.records import Document
from retrieval.store.reader import Snapshot

_TOLD = 5


def sample(snapshot: Snapshot, concept: Concept, count: int, seed: int) -> list[Document]:
    """Draw the documents to be judged, in the order to judge them in.

    Documents that the concept was fitted on are drawn like others: only the whole corpus
    gives an unbiased sample, and they are scored by models that did not see them.

    Raises:
        UsageError: Fewer than 20 are wanted or there, or the concept is another index's.
    """
    _check(concept, count, seed)
    places, population = draw(snapshot, count, seed=seed)
    if population < LEAST_JUDGED:
        raise UsageError(
            f"The index has {population} documents with a text; an audit needs {LEAST_JUDGED}."
        )
    return [snapshot.segments[one.segment].document(one.ordinal) for one in places]


def audited(
    snapshot: Snapshot,
    concept: Concept,
    judgments: Mapping[str, bool | None],
    *,
    count: int,
    seed: int,
    source: str,
) -> Concept:
    """Return a concept with what a judged random sample says of it.

    Args:
        snapshot: The generation that was drawn from.
        concept: The concept.
        judgments: What documents of the draw were judged, by id; None for skipped ones.
        count: Documents that were drawn.
        seed: Of the draw.
        source: Where judgments came from, in words.

    Raises:
        InputError: Documents were judged that were not drawn.
        UsageError: Fewer than 20 were judged, or what ``sample`` refuses.
    """
    _check(concept, count, seed)
    places, population = draw(snapshot, count, seed=seed)
    ids = [snapshot.doc_id(one) for one in places]
    _refuse_others(snapshot, judgments, ids, seed=seed)
    kept = [at for at, one in enumerate(ids) if judgments.get(one) is not None]
    if len(kept) < LEAST_JUDGED:
        raise UsageError(
            f"Too few judgments: {len(kept)} of {len(ids)} drawn documents were judged, the others"
            f" skipped; {LEAST_JUDGED} are the least.",
            fix="Judge more of them, or draw more with --count.",
        )
    labels = np.array([bool(judgments[ids[at]]) for at in kept])
    scores, scored_by = scores_of(snapshot, concept, [places[at] for at in kept])
    corpus = sample_corpus(snapshot, concept.unit, seed=concept.seed)
    tops, cuts = (
        counted_cuts(
            scores,
            labels,
            scored_by,
            folds=concept.folds,
            final=concept.ranker,
            corpus=corpus,
            shares=shares,
        )
        for shares in (TOPS, SHARES)
    )
    found = estimate(
        scores,
        concept.curve.probabilities(scores),
        labels,
        tops,
        as_they_are=concept.labels_are is LabelsAre.RANDOM,
        seed=seed,
    )
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    audit = Audit(
        created=now.replace("+00:00", "Z"),
        seed=seed,
        generation=snapshot.generation,
        population=population,
        drawn=len(ids),
        source=source,
        doc_ids=tuple(ids[at] for at in kept),
        labels=tuple(labels.tolist()),
        skipped=tuple(one for one in ids if judgments.get(one) is None),
        prevalence=found.prevalence,
        recalibration=found.recalibration,
        calibration=found.calibration,
        average_precision=found.average_precision,
        tops=found.tops,
        cuts=cuts,
    )
    return replace(concept, audit=audit, prevalence=None)


def given_prevalence(concept: Concept, prevalence: float) -> Concept:
    """Return a concept whose probabilities are for a share of positives that is known.

    Raises:
        UsageError: The share is not inside (0, 1), or the concept says it itself.
    """
    _refuse_another_index(concept)
    if not 0.0 < prevalence < 1.0:
        raise UsageError(f"The prevalence is {prevalence}; it is a share between 0 and 1.")
    if concept.labels_are is LabelsAre.RANDOM:
        raise UsageError(
            f"The labels of {concept.name!r} are a random sample, which says itself how frequent"
            " positives are.",
            fix="Leave out --prevalence.",
        )
    return replace(concept, prevalence=prevalence, audit=None)


def _check(concept: Concept, count: int, seed: int) -> None:
    if count < LEAST_JUDGED:
        raise UsageError(f"{count} documents are to be drawn; {LEAST_JUDGED} are the least.")
    if seed < 0:
        raise UsageError(f"The seed is {seed}; it cannot be negative.")
    _refuse_another_index(concept)


def _refuse_another_index(concept: Concept) -> None:
    if concept.imported:
        raise UsageError(
            f"{concept.name!r} was fitted on another index, {concept.index}; what it learned from"
            " is not here.",
            fix="Fit it here, or audit it there.",
        )


def _refuse_others(
    snapshot: Snapshot, judgments: Mapping[str, bool | None], ids: Sequence[str], *, seed: int
) -> None:
    drawn = set(ids)
    others = [one for one in judgments if one not in drawn]
    if not others:
        return
    unknown = [one for one in others if snapshot.find(one) is None]
    named, what = (unknown, "are not in the index") if unknown else (others, "were not drawn")
    told = ", ".join(map(repr, named[:_TOLD])) + (", ..." if named[_TOLD:] else "")
    raise InputError(
        f"{len(named)} of {len(judgments)} judged documents {what}: {told}.",
        fix=f"Only what was drawn is a random sample: use the --seed (here {seed}) and --count"
        f" (here {len(ids)}) of the draw, or draw again if the index has changed.",
    )
