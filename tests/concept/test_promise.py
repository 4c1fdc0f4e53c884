from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from retrieval.concept.crossfit import Ranker, crossfit, ranker_of
from retrieval.concept.fit import fit_rows
from retrieval.concept.promise import SHARES, Cut, counted_cuts, cuts_of, lower_share, promise
from retrieval.errors import UsageError
from tests.concept.samples import DIM, alone, two_kinds


def cut(share: float, positives: int, negatives: int) -> Cut:
    return Cut(
        share=share,
        score=1 - share,
        positives=positives,
        negatives=negatives,
        all_positives=200,
        all_negatives=200,
    )


def test_the_bound_of_a_share_is_the_exact_one() -> None:
    for found, count in ((9, 10), (45, 50), (100, 100), (1, 7)):
        bound = lower_share(found, count, 0.1)
        assert binom.sf(found - 1, count, bound) == pytest.approx(0.1)
    assert lower_share(0, 10, 0.1) == 0.0


def test_the_largest_set_that_passes_is_promised() -> None:
    cuts = [cut(0.1, 60, 0), cut(0.2, 118, 2), cut(0.4, 180, 60)]
    found = promise(cuts, 0.9)
    assert found is not None
    assert found.cut.share == 0.2
    assert found.bound >= 0.9
    assert promise([cut(0.1, 20, 0)], 0.9) is None  # 20 of 20 do not show 90 %
    assert promise([cut(0.1, 22, 0)], 0.9) is not None  # 0.9^22 < 0.1
    assert promise([], 0.9) is None


def test_a_failed_cut_does_not_hand_its_chance_on() -> None:
    # alone the second would pass at 10 %, not at its half of it
    second = cut(0.2, 22, 0)
    assert promise([cut(0.1, 20, 30), second], 0.9) is None
    assert promise([cut(0.1, 50, 0), second], 0.9) is not None


def test_cuts_that_could_not_pass_do_not_take_from_the_others() -> None:
    assert promise([cut(0.01, 1, 2), cut(0.02, 3, 2), cut(0.2, 22, 0)], 0.9) is not None


@pytest.mark.parametrize("precision", [0.0, 1.0, 1.5, -0.1])
def test_a_precision_that_cannot_be_is_refused(precision: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        promise([], precision)


@pytest.mark.parametrize(("count", "precision"), [(200, 0.95), (600, 0.97)])
def test_promises_fall_short_in_at_most_a_tenth_of_draws(count: int, precision: float) -> None:
    """The whole way: labels drawn, folds fitted, the cut chosen by what the labels say."""
    corpus, truth = two_kinds(4000, seed=0, apart=4.0)
    short = made = 0
    draws = 40
    for seed in range(draws):
        chosen = np.random.default_rng(seed).choice(4000, count, replace=False)
        documents, labels = corpus.take(chosen), truth[chosen]
        start = fit_rows(documents, labels, prior=None, strength=1.0)
        crossed = crossfit(
            documents, labels, alone(count), corpus, prior=None, start=start, seed=seed
        )
        final = ranker_of(start, corpus)
        found = promise(cuts_of(crossed, final, labels, corpus), precision)
        if found is not None:
            made += 1
            short += truth[final.score(corpus) >= found.cut.score].mean() < precision
    assert made > draws / 4
    assert short <= draws / 10


def test_choosing_the_best_looking_cut_would_fall_short() -> None:
    """Cuts whose true precision is just too low: the procedure holds, a naive choice does not."""
    generator = np.random.default_rng(0)
    ours = naive = 0
    draws = 1500
    for _ in range(draws):
        above = np.cumsum(generator.random((len(SHARES), 50)) < 0.89, axis=1)[:, -1].cumsum()
        cuts = [
            cut(share, int(found), 50 * at - int(found))
            for at, (share, found) in enumerate(zip(SHARES, above, strict=True), 1)
        ]
        ours += promise(cuts, 0.9) is not None
        naive += any(one.lower_bound(0.1, None) >= 0.9 for one in cuts)
    assert ours <= 0.1 * draws
    assert naive > 0.1 * draws


def test_a_known_prevalence_gives_a_bound_for_chosen_labels() -> None:
    generator = np.random.default_rng(1)
    short = made = 0
    true, false, prevalence = 0.6, 0.001, 0.02
    precision = prevalence * true / (prevalence * true + (1 - prevalence) * false)
    for _ in range(500):
        one = Cut(
            share=0.1,
            score=0.0,
            positives=int(generator.binomial(300, true)),
            negatives=int(generator.binomial(3000, false)),
            all_positives=300,
            all_negatives=3000,
        )
        bound = one.lower_bound(0.1, prevalence)
        made += bound > 0.5
        short += bound > precision
    assert short <= 50
    assert made > 400


def test_each_label_is_counted_under_the_border_of_the_model_that_scored_it() -> None:
    corpus, _ = two_kinds(100, seed=21)
    near, far = np.eye(DIM, dtype=np.float32)[:2]
    folds = [
        Ranker(direction=near, center=0.0, scale=0.01),
        Ranker(direction=far, center=0.5, scale=1),
    ]
    final = Ranker(direction=near, center=0.0, scale=1.0)
    models = [*folds, final]
    scored_by = np.array([0, 1, -1, 0, 1, -1], dtype=np.int32)
    borders = [float(np.sort(one.score(corpus))[::-1][9]) for one in models]  # a tenth of 100
    over = np.array([True, True, True, False, False, False])
    scores = np.array([borders[by] for by in scored_by]) + np.where(over, 1e-6, -1e-6)
    labels = np.array([True, True, False, True, False, False])
    (found,) = counted_cuts(
        scores, labels, scored_by, folds=folds, final=final, corpus=corpus, shares=[0.1]
    )
    assert (found.positives, found.negatives) == (2, 1)
    assert (found.all_positives, found.all_negatives) == (3, 3)
    assert found.score == pytest.approx(borders[-1])
