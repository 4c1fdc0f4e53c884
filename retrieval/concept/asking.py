"""What to ask next: choosing the documents whose labels teach most.

First both ends of a ranking by text, until there are five labels of each kind; then documents
near the border of what was learned so far (uncertainty sampling, Lewis and Gale (1994); Settles
(2009) surveys it). Of the 20 nearest to the border the one least like those labelled is asked, so
that no two questions are nearly the same (a diversity guard, as in Brinker (2003)). Every fifth
question is about the best document without a label, which finds rare positives sooner.

AP on documents that were not asked about, mean of 3 draws (all-MiniLM-L6-v2, no test rows;
rt_polarity, half of it positive, and the 2.4 % of huffpost headlines on travel), by number of
labels, without texts against:

================================  =================================  ===========================
way                               rt_polarity: 20, 50, 100, 200      travel: 20, 50, 100, 200
================================  =================================  ===========================
random                            .615, .708, .754, .779             .111, .153, .201, .282
nearest to the border             .621, .703, .760, .782             .396, .441, .502, .532
least like the others, of 20      .650, .684, .720, .749             .354, .423, .508, .537
the same, every fifth the best    .673, .727, .762, .778             .354, .434, .509, .540
================================  =================================  ===========================

Where both kinds are frequent it is no better than random; where one is rare it saves most labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.crossfit import ranker_of, stratified_folds
from retrieval.concept.fit import FIXED_STRENGTH, fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.concept.solver import Solution
from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.vectors import document_means

OF_A_KIND = 5
"""Labels of each kind before the border is asked about, and before AP is told."""
BEST_EVERY = 5
"""One question in so many is about the best unlabelled document, not the border."""
SHORTLIST = 20
"""Candidates that the one least like what is labelled is taken of."""
FOLDS = 5
REMEMBERED = 10
"""Labels between two models that are compared to see whether labels still change anything."""
SETTLED = 0.99
"""Agreement (kappa) of such models from which they are taken for the same."""
TIMES = 3
"""Comparisons in a row, over which agreement is averaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far labelling has come.

    Attributes:
        labels: Documents labelled.
        positives: Positive ones among them.
        average_precision: Of the labelled documents, each scored by a model that did not see
            it; None below five of a kind. Of labels that were chosen: harder than the corpus.
        agreement: Mean kappa of the last three comparisons with the model of ten labels
            before; None while there are fewer.
        settled: Whether more labels hardly change what is found.
    """

    labels: int
    positives: int
    average_precision: float | None
    agreement: float | None
    settled: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Mark:
    """What a model with so many labels takes for positive: bool (pool,)."""

    labels: int
    found: NDArray[np.bool_]


class Labelling:
    """Chooses questions, takes answers, and learns as it goes.

    Args:
        pool: Documents that may be asked about.
        first: float64 (dim,), direction of the text or contrast that is asked from first.
        prior: float64 (dim,), unit direction to shrink towards; None for none.
        seed: Of the folds that AP is told of.
    """

    def __init__(
        self,
        pool: DocumentRows,
        first: NDArray[np.float64],
        *,
        prior: NDArray[np.float64] | None,
        seed: int,
    ) -> None:
        self._pool = pool
        self._means = document_means(pool.rows, pool.starts)
        self._first = pool.scores(first.astype(np.float32))
        self._prior = prior
        self._seed = seed
        self._labels: dict[int, bool] = {}
        self._skipped: list[int] = []
        self._nearest = np.full(len(pool), -np.inf)
        self._solution: Solution | None = None
        self._marks: list[_Mark] = []
        self._kappas: list[float] = []

    @property
    def labels(self) -> dict[int, bool]:
        """What each document was labelled, by its number in the pool, in the order given."""
        return dict(self._labels)

    def choose(self) -> int | None:
        """Return the number of the document to ask about next; None when there is none left."""
        open_ones = np.ones(len(self._pool), dtype=bool)
        open_ones[[*self._labels, *self._skipped]] = False
        candidates = np.flatnonzero(open_ones)
        if not len(candidates):
            return None
        positives = sum(self._labels.values())
        negatives = len(self._labels) - positives
        if min(positives, negatives) < OF_A_KIND:
            scores = self._first if self._solution is None else self._log_odds()
            # the end of the kind that is scarcer
            wanted = scores if positives <= negatives else -scores
            key = -wanted[candidates]
        elif len(self._labels) % BEST_EVERY == 0:
            key = -self._log_odds()[candidates]
        else:
            key = np.abs(self._log_odds()[candidates])
        short = candidates[np.argsort(key, kind="stable")[:SHORTLIST]]
        return int(short[np.argmin(self._nearest[short])])

    def begin_with(self, labels: Mapping[int, bool]) -> None:
        """Take labels of before, by number in the pool, and learn from them once.

        Raises:
            UsageError: There are labels already.
        """
        if self._labels:
            raise UsageError("Labels of before come first.")
        if labels:
            self._labels = dict(labels)
            self._nearest = (self._means @ self._means[list(labels)].T).max(axis=1)
            self._learn(None)

    def answer(self, number: int, label: bool | None) -> None:
        """Take what a document was labelled, and learn from it.

        Args:
            number: Of the document in the pool.
            label: None where it was skipped: it is not asked about again.
        """
        if label is None:
            self._skipped.append(number)
            return
        self._labels[number] = label
        self._nearest = np.maximum(self._nearest, self._means @ self._means[number])
        self._learn(self._solution)

    def undo(self, number: int) -> None:
        """Take back what a document was labelled, or that it was skipped.

        Raises:
            UsageError: Nothing was said of it.
        """
        if number in self._skipped:
            self._skipped.remove(number)
            return
        if number not in self._labels:
            raise UsageError(f"Nothing was said of document {number}.")
        del self._labels[number]
        labelled = self._means[list(self._labels)]
        self._nearest = (
            (self._means @ labelled.T).max(axis=1)
            if len(labelled)
            else np.full(len(self._pool), -np.inf)
        )
        while self._marks and self._marks[-1].labels > len(self._labels):
            self._marks.pop()
            if self._kappas:
                self._kappas.pop()
        self._learn(None)

    def progress(self) -> Progress:
        """Tell how far labelling has come."""
        last = self._kappas[-TIMES:]
        agreement = float(np.mean(last)) if len(last) == TIMES else None
        positives = sum(self._labels.values())
        return Progress(
            labels=len(self._labels),
            positives=positives,
            average_precision=self._average_precision(positives),
            agreement=agreement,
            settled=agreement is not None and agreement >= SETTLED,
        )

    def _learn(self, start: Solution | None) -> None:
        """Fit anew, and compare with the model of ten labels before."""
        values = np.array(list(self._labels.values()), dtype=np.bool_)
        self._solution = None
        if values.any() and not values.all():
            documents = self._pool.take(np.array(list(self._labels), dtype=np.int64))
            self._solution = fit_rows(
                documents, values, prior=self._prior, strength=FIXED_STRENGTH, start=start
            )
        before = self._marks[-1].labels if self._marks else 0
        if len(self._labels) - before >= REMEMBERED:
            found = np.zeros(len(self._pool), dtype=bool)
            if self._solution is not None:
                found = self._log_odds() > 0.0
            if self._marks:
                self._kappas.append(kappa(self._marks[-1].found, found))
            self._marks.append(_Mark(len(self._labels), found))

    def _log_odds(self) -> NDArray[np.float64]:
        solution = self._solution
        if solution is None:
            return self._first
        return self._pool.scores(solution.weights.astype(np.float32)) + solution.intercept

    def _average_precision(self, positives: int) -> float | None:
        """Return out-of-fold AP over five folds, dealt once."""
        if min(positives, len(self._labels) - positives) < OF_A_KIND:
            return None
        numbers = np.array(list(self._labels), dtype=np.int64)
        values = np.array(list(self._labels.values()), dtype=np.bool_)
        generator = np.random.default_rng(self._seed)
        fold_of = stratified_folds(values, numbers, FOLDS, generator)
        scores = np.empty(len(numbers))
        for fold in range(FOLDS):
            left = fold_of == fold
            solution = fit_rows(
                self._pool.take(numbers[~left]),
                values[~left],
                prior=self._prior,
                strength=FIXED_STRENGTH,
                start=self._solution,
            )
            model = ranker_of(solution, self._pool)
            scores[left] = model.score(self._pool.take(numbers[left]))
        return ScoredLabels.from_columns(values, scores).average_precision()


def kappa(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return how far two divisions agree beyond chance (Cohen (1960)), at most 1.

    Two that put everything on one side agree by chance alone: 0.

    As a sign to stop asking: Bloodgood and Vijay-Shanker (2009), who average it over the last
    three models and stop at 0.99.

    Args:
        one: bool (n,), n at least 1.
        other: bool (n,).
    """
    agreed = float((one == other).mean())
    p, q = float(one.mean()), float(other.mean())
    chance = p * q + (1.0 - p) * (1.0 - q)
    return 0.0 if chance >= 1.0 else (agreed - chance) / (1.0 - chance)
