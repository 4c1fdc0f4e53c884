"""Out of fold: every labelled document scored by a model that did not see its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.fit import choose_strength, curvature_of, direction_of, fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.concept.solver import Solution
from retrieval.errors import UsageError
from retrieval.evaluate import weighted
from retrieval.evaluate.bootstrap import Interval, macro_interval

FOLDS = 5
REPETITIONS = 10
EASED_LABELS = 400
"""Labels from which inverting the curvature once saves more than it takes."""
MANY_LABELS = 2000
"""Labels above which there are two repetitions: how they are split hardly matters then."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranker:
    """A direction with what makes its scores comparable with those of another.

    Attributes:
        direction: float32 (dim,), unit.
        center: Mean score of the corpus.
        scale: Standard deviation of the corpus's scores, above 0.
    """

    direction: NDArray[np.float32]
    center: float
    scale: float

    def standardised(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return scores as standard deviations above the corpus's mean."""
        return (scores - self.center) / self.scale

    def score(self, documents: DocumentRows) -> NDArray[np.float64]:
        """Return the standardised score of each document."""
        return self.standardised(documents.scores(self.direction))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crossfit:
    """Repeated out-of-fold scores of labelled documents.

    Attributes:
        scores: float64 (repetitions, documents), standardised over the corpus.
        fold_of: int32 (documents,), the fold of each in the first repetition.
        rankers: The models of the first repetition; number f did not see fold f.
    """

    scores: NDArray[np.float64]
    fold_of: NDArray[np.int32]
    rankers: tuple[Ranker, ...]


def ranker_of(solution: Solution, corpus: DocumentRows) -> Ranker:
    """Return the direction of a solution, standardised over a corpus (or a sample of it)."""
    return rankers_of([solution], corpus)[0]


def rankers_of(solutions: Sequence[Solution], corpus: DocumentRows) -> list[Ranker]:
    """Return the directions of solutions, each standardised over the corpus."""
    directions = np.stack([direction_of(one) for one in solutions])
    scores = corpus.scores_of_many(directions).astype(np.float64)
    return [
        Ranker(direction=direction, center=float(center), scale=max(float(scale), 1e-9))
        for direction, center, scale in zip(
            directions, scores.mean(axis=0), scores.std(axis=0), strict=True
        )
    ]


def stratified_folds(
    labels: NDArray[np.bool_],
    groups: NDArray[np.int64],
    folds: int,
    generator: np.random.Generator,
) -> NDArray[np.int32]:
    """Deal groups of documents into folds, each label evenly.

    Args:
        labels: bool (n,); one label a group.
        groups: int64 (n,), documents of one group (such as equal texts) stay together.
        folds: How many.
        generator: Shuffles the groups.

    Returns:
        int32 (n,), from 0.

    Raises:
        UsageError: A label has fewer groups than there are folds.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    fold_of = np.empty(len(first), dtype=np.int32)
    for value in (True, False):
        own = np.flatnonzero(labels[first] == value)
        if len(own) < folds:
            kind = "positive" if value else "negative"
            raise UsageError(
                f"There are {len(own)} {kind} labels of different texts; {folds} are the least.",
                fix="Label more documents.",
            )
        fold_of[generator.permutation(own)] = np.arange(len(own)) % folds
    return fold_of[group]


def crossfit(
    documents: DocumentRows,
    labels: NDArray[np.bool_],
    groups: NDArray[np.int64],
    corpus: DocumentRows,
    *,
    prior: NDArray[np.float64] | None,
    start: Solution,
    seed: int,
) -> Crossfit:
    """Score every labelled document by models that did not see it.

    Above 1,000 labels each model chooses its own C within what it sees (nested), so that
    the choice is part of what is measured.

    Args:
        documents: Labelled documents.
        labels: bool (documents,).
        groups: int64 (documents,), equal texts have equal numbers.
        corpus: The corpus, or a random sample of it, labelled or not.
        prior: Unit direction to shrink towards; None for none.
        start: The solution of all documents: where every model starts, never where it ends.
        seed: Of the folds.

    Raises:
        UsageError: Fewer than five different texts have one of the labels.
    """
    generator = np.random.default_rng(seed)
    repetitions = REPETITIONS if len(documents) <= MANY_LABELS else 2
    scores = np.empty((repetitions, len(documents)))
    kept_folds = np.zeros(len(documents), dtype=np.int32)
    kept_rankers: list[Ranker] = []
    # the models hardly differ in how they bend, so one inverse eases the solving of all
    eased = curvature_of(documents, start) if len(documents) >= EASED_LABELS else None
    for repetition in range(repetitions):
        fold_of = stratified_folds(labels, groups, FOLDS, generator)
        solutions = []
        for fold in range(FOLDS):
            seen = np.flatnonzero(fold_of != fold)
            part = documents.take(seen)
            strength = choose_strength(
                part,
                labels[seen],
                prior=prior,
                held_out=fold_of[seen] == (fold + 1) % FOLDS,
                start=start,
                eased=eased,
            )
            solutions.append(
                fit_rows(
                    part,
                    labels[seen],
                    prior=prior,
                    strength=strength,
                    start=start,
                    eased=eased,
                )
            )
        rankers = rankers_of(solutions, corpus)
        for fold, ranker in enumerate(rankers):
            left = np.flatnonzero(fold_of == fold)
            scores[repetition, left] = ranker.score(documents.take(left))
        if repetition == 0:
            kept_folds, kept_rankers = fold_of, rankers
    return Crossfit(scores=scores, fold_of=kept_folds, rankers=tuple(kept_rankers))


def average_precision(
    labels: NDArray[np.bool_], scores: NDArray[np.float64], *, seed: int
) -> Interval:
    """Return AP of one or several rankings of the same documents, with its interval.

    The value is the mean of the AP of each ranking, not the AP of mean scores, which
    would be that of an ensemble nobody uses. Documents are resampled, the same for every
    ranking (Efron and Tibshirani 1993).

    Args:
        labels: bool (n,).
        scores: float64 (rankings, n) or (n,).
        seed: Of the resamples.
    """
    rankings = np.atleast_2d(scores)
    relevant = np.repeat(labels[np.newaxis], len(rankings), axis=0)
    return macro_interval(relevant, rankings, weighted.average_precision, seed=seed)
