from __future__ import annotations

import numpy as np
import pytest

from retrieval.concept import crossfit as crossfit_module
from retrieval.concept.crossfit import (
    FOLDS,
    Crossfit,
    average_precision,
    crossfit,
    ranker_of,
    rankers_of,
    stratified_folds,
)
from retrieval.concept.fit import choose_strength, fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import ScoredLabels
from tests.concept.samples import alone, two_kinds


def test_every_fold_has_its_share_of_each_label_and_groups_stay_together() -> None:
    labels = np.repeat([True, False], [30, 70])
    groups = np.concatenate([np.arange(15).repeat(2), np.arange(100, 170)])
    fold_of = stratified_folds(labels, groups, FOLDS, np.random.default_rng(0))
    assert [int((labels & (fold_of == fold)).sum()) for fold in range(FOLDS)] == [6] * 5
    assert [int((~labels & (fold_of == fold)).sum()) for fold in range(FOLDS)] == [14] * 5
    assert (fold_of[:30:2] == fold_of[1:30:2]).all()


def test_fewer_texts_than_folds_are_refused() -> None:
    labels = np.repeat([True, False], [10, 30])
    groups = np.concatenate([np.zeros(10, dtype=np.int64), np.arange(1, 31)])
    with pytest.raises(UsageError, match="1 positive labels of different texts"):
        stratified_folds(labels, groups, FOLDS, np.random.default_rng(0))


def test_labels_that_say_nothing_are_worth_the_base_rate_out_of_fold() -> None:
    found, flattering = [], []
    for seed in range(8):
        documents, _ = two_kinds(60, seed=seed)
        labels = np.random.default_rng(seed + 100).random(60) < 0.5
        start = fit_rows(documents, labels, prior=None, strength=1.0)
        crossed = crossfit(
            documents, labels, alone(60), documents, prior=None, start=start, seed=seed
        )
        found.append(average_precision(labels, crossed.scores, seed=0).value - labels.mean())
        own = ranker_of(start, documents).score(documents)
        inside = ScoredLabels.from_columns(labels, own).average_precision()
        flattering.append(inside - labels.mean())
    assert abs(np.mean(found)) < 0.06
    assert np.mean(flattering) > 0.2


def test_a_fold_model_is_the_one_fitted_without_its_fold() -> None:
    documents, labels = two_kinds(60, seed=11)
    start = fit_rows(documents, labels, prior=None, strength=1.0)
    crossed = crossfit(documents, labels, alone(60), documents, prior=None, start=start, seed=4)
    assert crossed.scores.shape == (10, 60)
    for fold, ranker in enumerate(crossed.rankers):
        seen = np.flatnonzero(crossed.fold_of != fold)
        again = fit_rows(documents.take(seen), labels[seen], prior=None, strength=1.0)
        assert ranker.direction == pytest.approx(ranker_of(again, documents).direction, abs=1e-3)
        left = crossed.fold_of == fold
        assert crossed.scores[0, left] == pytest.approx(ranker.score(documents)[left])


def test_equal_texts_do_not_tell_on_each_other() -> None:
    documents, _ = two_kinds(40, seed=12)
    labels = np.arange(40) % 2 == 0
    twice = DocumentRows.of_means(np.repeat(documents.rows, 2, axis=0))
    labels = np.repeat(labels, 2)

    def figure(groups: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
        start = fit_rows(twice, labels, prior=None, strength=1.0)
        crossed = crossfit(twice, labels, groups, twice, prior=None, start=start, seed=0)
        return average_precision(labels, crossed.scores, seed=0).value

    assert figure(alone(80)) > figure(np.arange(40, dtype=np.int64).repeat(2)) + 0.1


def test_the_figure_is_the_mean_over_repetitions_not_that_of_their_mean() -> None:
    labels = np.array([True, False, True, False])
    scores = np.array([[4.0, 3.0, 2.0, 1.0], [4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]])
    each = [ScoredLabels.from_columns(labels, one).average_precision() for one in scores]
    found = average_precision(labels, scores, seed=0)
    assert found.value == pytest.approx(np.mean(each))
    assert found.low <= found.value <= found.high


def test_many_labels_choose_c_within_what_each_model_sees() -> None:
    documents, labels = two_kinds(2600, seed=13, apart=0.0)
    start = fit_rows(documents, labels, prior=None, strength=1.0)
    crossed = crossfit(documents, labels, alone(2600), documents, prior=None, start=start, seed=0)
    assert len(crossed.scores) == 2
    seen = np.flatnonzero(crossed.fold_of != 0)
    part = documents.take(seen)
    strength = choose_strength(part, labels[seen], prior=None, held_out=crossed.fold_of[seen] == 1)
    again = fit_rows(part, labels[seen], prior=None, strength=strength)
    assert crossed.rankers[0].direction == pytest.approx(
        ranker_of(again, documents).direction, abs=1e-3
    )


def test_many_labels_are_crossed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    documents, labels = two_kinds(crossfit_module.EASED_LABELS, seed=11)
    start = fit_rows(documents, labels, prior=None, strength=1.0)
    count = alone(len(labels))

    def crossed() -> Crossfit:
        return crossfit(documents, labels, count, documents, prior=None, start=start, seed=0)

    eased = crossed()
    monkeypatch.setattr(crossfit_module, "EASED_LABELS", 10**9)
    plain = crossed()
    assert eased.scores == pytest.approx(plain.scores, abs=2e-3)


def test_scales_are_those_of_each_direction_alone() -> None:
    rows, labels = two_kinds(60, seed=12)
    documents = DocumentRows(rows=rows.rows, starts=np.array([0, 1, 4, 10, 30, 60]))
    solutions = [
        fit_rows(rows, labels, prior=None, strength=strength) for strength in (0.1, 1.0, 10.0)
    ]
    for solution, found in zip(solutions, rankers_of(solutions, documents), strict=True):
        scores = documents.scores(found.direction)
        assert len(scores) == 5
        assert found.center == pytest.approx(scores.mean(), abs=1e-6)
        assert found.scale == pytest.approx(scores.std(), abs=1e-6)
        assert (found.direction == ranker_of(solution, documents).direction).all()
