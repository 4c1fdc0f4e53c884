"""``--min-precision``: the largest top set whose precision is at least what was asked for.

A labelled random sample says how many documents above a cut are positive. Choosing the cut
by those numbers would make a plain bound too hopeful. So the cuts are fixed beforehand, as
shares of the corpus, from scores alone; each is tested, and the chance that any wrong one
passes is at most 10 %, whichever passes in the end: the fallback procedure of Wiens and
Dmitrienko (2005), which is valid for any dependence between the tests. Each cut is tested
by the exact binomial bound of Clopper and Pearson (1934). Testing cuts in a fixed order so
that the one chosen may depend on the labels is the idea of Angelopoulos et al. (2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.crossfit import Crossfit, Ranker
from retrieval.concept.rows import DocumentRows
from retrieval.errors import UsageError

LEVEL = 0.9
"""Confidence of a promise."""
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""Cuts that are tried, as shares of the corpus, smallest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What labels say of the documents above a score.

    Attributes:
        share: Share of the corpus above it when the concept was fitted.
        score: The cut, in standardised scores of the final model; documents from it on.
        positives: Positive labels above it, each out of fold.
        negatives: Other labels above it.
        all_positives: Positive labels in all.
        all_negatives: Other labels in all.
    """

    share: float
    score: float
    positives: int
    negatives: int
    all_positives: int
    all_negatives: int

    def lower_bound(self, miss: float, prevalence: float | None) -> float:
        """Return a precision that the true one is below with a chance of at most ``miss``.

        With a random sample it is the Clopper-Pearson bound of the share of positives among
        labels above the cut. With labels chosen by hand and a known prevalence q it is ``q t /
        (q t + (1 - q) f)``; t: lower bound of the share of positive labels above the cut; f:
        upper bound of the share of others; each with half of the chance. That is right where
        labels of each kind are typical of their kind.

        Args:
            miss: Inside (0, 1).
            prevalence: q, for chosen labels; None for a random sample.
        """
        if prevalence is None:
            return lower_share(self.positives, self.positives + self.negatives, miss)
        true = lower_share(self.positives, self.all_positives, miss / 2)
        false = 1.0 - lower_share(self.all_negatives - self.negatives, self.all_negatives, miss / 2)
        above = prevalence * true
        return above / (above + (1.0 - prevalence) * false) if above > 0.0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A top set whose precision is promised.

    Attributes:
        cut: Where it ends.
        bound: Lower bound of its precision at the level it was tested at.
    """

    cut: Cut
    bound: float


def cuts_of(
    crossed: Crossfit,
    final: Ranker,
    labels: NDArray[np.bool_],
    corpus: DocumentRows,
) -> tuple[Cut, ...]:
    """Count labels above every cut, each by the fold model that did not see it.

    A cut is a share of the corpus under each model's own scores, so that the scales of fold
    models and final model need not agree.

    Args:
        crossed: Out-of-fold scores; the first repetition is used.
        final: The model that will rank.
        labels: bool (n,).
        corpus: The corpus, or a random sample of it.
    """
    return counted_cuts(
        crossed.scores[0],
        labels,
        crossed.fold_of,
        folds=crossed.rankers,
        final=final,
        corpus=corpus,
        shares=SHARES,
    )


def counted_cuts(
    scores: NDArray[np.float64],
    labels: NDArray[np.bool_],
    scored_by: NDArray[np.int32],
    *,
    folds: Sequence[Ranker],
    final: Ranker,
    corpus: DocumentRows,
    shares: Sequence[float],
) -> tuple[Cut, ...]:
    """Count labels above cuts, each under the scores of the model that scored it.

    Args:
        scores: float64 (n,), standardised.
        labels: bool (n,).
        scored_by: int32 (n,), number of the fold model of each score; -1 for the final one.
        folds: The fold models.
        final: The model that will rank.
        corpus: The corpus, or a random sample of it.
        shares: Shares of the corpus, smallest first.
    """
    ranked = [np.sort(one.score(corpus))[::-1] for one in (*folds, final)]
    found = []
    for share in shares:
        last = max(int(np.ceil(share * len(corpus))), 1) - 1
        borders = np.array([one[last] for one in ranked])
        above = scores >= borders[scored_by]  # -1 is the final model, the last one
        positives = int((above & labels).sum())
        found.append(
            Cut(
                share=share,
                score=float(borders[-1]),
                positives=positives,
                negatives=int(above.sum()) - positives,
                all_positives=int(labels.sum()),
                all_negatives=int((~labels).sum()),
            )
        )
    return tuple(found)


def promise(
    cuts: Sequence[Cut], precision: float, *, prevalence: float | None = None
) -> Promise | None:
    """Return the largest top set whose precision is at least what is asked, with 90 % confidence.

    Every cut has an equal part of the 10 % to miss by; a cut that passes hands its part on to
    the next larger one.

    Args:
        cuts: Smallest first.
        precision: What is asked, inside (0, 1).
        prevalence: Share of positives in the corpus, where labels are no random sample.

    Returns:
        The set; None if labels are too few, or the concept too weak, to promise it.

    Raises:
        UsageError: The precision is not inside (0, 1).
    """
    if not 0.0 < precision < 1.0:
        raise UsageError(f"A precision of {precision} was asked for; it lies between 0 and 1.")
    best: Promise | None = None
    tried = list(cuts) if prevalence is not None else _testable(cuts, precision)
    part = (1.0 - LEVEL) / max(len(tried), 1)
    miss = 0.0
    for cut in tried:
        miss += part
        bound = cut.lower_bound(miss, prevalence)
        if bound >= precision:
            best = Promise(cut=cut, bound=bound)
        else:
            miss = 0.0
    return best


def _testable(cuts: Sequence[Cut], precision: float) -> list[Cut]:
    """Leave out cuts with too few labels above them to pass even if all were positive.

    How many there are does not depend on what they say, so the others may share the chance
    to miss among themselves.
    """
    kept = list(cuts)
    while kept:
        part = (1.0 - LEVEL) / len(kept)
        smallest = kept[0]
        if precision ** (smallest.positives + smallest.negatives) <= part:
            break
        kept = kept[1:]
    return kept


def lower_share(found: int, count: int, miss: float) -> float:
    """Return the lower bound of a share by Clopper and Pearson (1934).

    The share s for which at least ``found`` of ``count`` come up with the chance ``miss``.

    Args:
        found: Successes.
        count: Trials, at least ``found``.
        miss: Chance that the true share is lower, inside (0, 1).

    Returns:
        In [0, 1); 0 without successes.
    """
    if found == 0:
        return 0.0
    from scipy.stats import beta

    return float(beta.ppf(miss, found, count - found + 1))
