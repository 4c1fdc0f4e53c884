from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.bootstrap import (
    Interval,
    macro_difference_interval,
    macro_interval,
    mean_interval,
    mean_intervals,
    stratified_interval,
)
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.evaluate.weighted import OnRows, area_under_roc, average_precision, precision_at


def ap(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    return ScoredLabels.from_columns(labels, scores).average_precision()


def ranked(count: int, relevant: int, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    chance = np.random.default_rng(seed)
    labels = chance.permutation(count) < relevant
    return labels, chance.normal(size=count).round(1) + labels


def test_the_interval_of_a_mean_equals_resampling_by_hand() -> None:
    values = np.random.default_rng(0).random(40)
    found = mean_interval(values, seed=1, resamples=20_000)
    chance = np.random.default_rng(2)
    means = [values[chance.integers(0, 40, 40)].mean() for _ in range(20_000)]
    assert found.value == pytest.approx(values.mean())
    width = found.high - found.low
    assert found.low == pytest.approx(np.quantile(means, 0.025), abs=0.03 * width)
    assert found.high == pytest.approx(np.quantile(means, 0.975), abs=0.03 * width)


def test_a_known_mean_is_covered_as_often_as_said() -> None:
    """1,000 samples of 100: by chance 0.95 comes out as 0.95 +- 0.02 (three deviations)."""
    chance = np.random.default_rng(3)
    covered = 0
    for seed in range(1000):
        found = mean_interval(chance.exponential(size=100), seed=seed, resamples=400)
        covered += found.low <= 1.0 <= found.high
    assert 0.91 <= covered / 1000 <= 0.97


def test_the_level_is_the_share_of_resamples_inside() -> None:
    values = np.random.default_rng(4).normal(size=400)
    error = values.std() / math.sqrt(400)
    for level, deviations in ((0.5, 0.674), (0.9, 1.645), (0.99, 2.576)):
        found = mean_interval(values, seed=5, level=level)
        assert found.high - found.low == pytest.approx(2 * deviations * error, rel=0.05)


def test_all_measures_use_the_same_resamples() -> None:
    values = np.random.default_rng(6).random((3, 50))
    together = mean_intervals(values, seed=7, resamples=500)
    for row, one in zip(values, together, strict=True):
        alone = mean_interval(row, seed=7, resamples=500)
        assert dataclasses.asdict(alone) == pytest.approx(dataclasses.asdict(one), abs=1e-12)
    shifted = mean_interval(values[0] + 1.0, seed=7, resamples=500)
    assert shifted.low == pytest.approx(together[0].low + 1.0)


def test_equal_values_give_an_interval_of_no_width() -> None:
    assert mean_interval([0.1] * 30, seed=0) == Interval(value=0.1, low=0.1, high=0.1)
    assert mean_interval([0.7], seed=0) == Interval(value=0.7, low=0.7, high=0.7)


def test_seeds_decide() -> None:
    values = np.random.default_rng(8).random(30)
    assert mean_interval(values, seed=1) == mean_interval(values, seed=1)
    assert mean_interval(values, seed=1) != mean_interval(values, seed=2)
    labels, scores = ranked(60, 20, 9)
    one = stratified_interval(labels, scores, average_precision, seed=1)
    assert one == stratified_interval(labels, scores, average_precision, seed=1)
    assert one != stratified_interval(labels, scores, average_precision, seed=2)


def test_counting_copies_equals_measuring_them() -> None:
    """The fast way and the general one see the same resamples, so they agree exactly."""
    labels, scores = ranked(300, 60, 10)
    fast = stratified_interval(labels, scores, average_precision, seed=11, resamples=200)
    general = stratified_interval(labels, scores, OnRows(ap), seed=11, resamples=200)
    assert dataclasses.asdict(fast) == pytest.approx(dataclasses.asdict(general), abs=1e-12)
    assert fast.value == pytest.approx(ap(labels, scores), abs=1e-12)
    assert fast.low < fast.value < fast.high


def test_the_general_way_sees_real_scores_and_each_stratum_kept_whole() -> None:
    labels, scores = ranked(50, 12, 12)
    seen: list[tuple[int, int, set[float], set[float]]] = []

    def measure(relevant: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
        of_relevant = set(score[relevant].tolist())
        seen.append((len(score), int(relevant.sum()), of_relevant, set(score[~relevant].tolist())))
        assert (np.diff(score) <= 0).all()
        return 0.0

    stratified_interval(labels, scores, OnRows(measure), seed=0, resamples=40)
    assert len(seen) == 41
    assert {(count, relevant) for count, relevant, _, _ in seen} == {(50, 12)}
    assert all(one <= set(scores[labels].tolist()) for _, _, one, _ in seen)
    assert all(other <= set(scores[~labels].tolist()) for _, _, _, other in seen)
    assert len({frozenset(one) for _, _, one, _ in seen}) > 30


def test_the_interval_over_documents_equals_resampling_by_hand() -> None:
    labels, scores = ranked(120, 40, 13)
    found = stratified_interval(labels, scores, average_precision, seed=14, resamples=4000)
    chance = np.random.default_rng(15)
    relevant, other = np.flatnonzero(labels), np.flatnonzero(~labels)
    values = []
    for _ in range(4000):
        drawn = np.concatenate((chance.choice(relevant, 40), chance.choice(other, 80)))
        values.append(ap(labels[drawn], scores[drawn]))
    width = found.high - found.low
    assert found.low == pytest.approx(np.quantile(values, 0.025), abs=0.06 * width)
    assert found.high == pytest.approx(np.quantile(values, 0.975), abs=0.06 * width)


def test_a_known_area_under_the_curve_is_covered_about_as_often_as_said() -> None:
    """Scores N(1, 1) and N(0, 1) have an area of Phi(1 / sqrt 2)."""
    area = (1 + math.erf(0.5)) / 2
    chance = np.random.default_rng(16)
    labels = np.arange(300) < 100
    covered = 0
    for seed in range(300):
        scores = chance.normal(size=300) + labels
        found = stratified_interval(labels, scores, area_under_roc, seed=seed, resamples=300)
        covered += found.low <= area <= found.high
    assert 0.90 <= covered / 300 <= 0.985


def test_label_queries_share_each_resample() -> None:
    """With one query the other's mirror image, what one gains on a resample the other has."""
    labels, scores = ranked(200, 80, 17)
    mirrored = macro_interval(
        np.stack((labels, ~labels)), np.stack((scores, -scores)), area_under_roc, seed=1
    )
    alone = stratified_interval(labels, scores, area_under_roc, seed=1)
    assert mirrored.value == pytest.approx(alone.value)
    assert mirrored.high - mirrored.low == pytest.approx(alone.high - alone.low, rel=0.15)


def test_the_macro_figure_is_the_mean_over_queries() -> None:
    chance = np.random.default_rng(18)
    classes = chance.integers(0, 4, 150)
    labels = classes == np.arange(4)[:, np.newaxis]
    scores = chance.normal(size=(4, 150)) + labels
    found = macro_interval(labels, scores, average_precision, seed=2, resamples=100)
    wanted = np.mean([ap(*one) for one in zip(labels, scores, strict=True)])
    assert found.value == pytest.approx(wanted)
    general = macro_interval(labels, scores, OnRows(ap), seed=2, resamples=100)
    assert dataclasses.asdict(found) == pytest.approx(dataclasses.asdict(general), abs=1e-12)


def test_every_query_keeps_its_number_of_relevant_documents() -> None:
    labels = np.arange(30) // 10 == np.arange(3)[:, np.newaxis]
    seen = set()

    def measure(relevant: NDArray[np.bool_], _: NDArray[np.float64]) -> float:
        seen.add((len(relevant), int(relevant.sum())))
        return 0.0

    macro_interval(labels, np.zeros((3, 30)), OnRows(measure), seed=0, resamples=40)
    assert seen == {(30, 10)}


def test_a_system_beside_itself_differs_by_nothing() -> None:
    labels, scores = ranked(100, 30, 19)
    found = macro_difference_interval(
        labels[np.newaxis], scores[np.newaxis], scores[np.newaxis], average_precision, seed=3
    )
    assert found == Interval(value=0.0, low=0.0, high=0.0)


def test_the_difference_of_systems_is_paired() -> None:
    labels, scores = ranked(400, 150, 20)
    better = scores + 0.2 * labels
    found = macro_difference_interval(
        labels[np.newaxis], scores[np.newaxis], better[np.newaxis], average_precision, seed=4
    )
    assert found.value == pytest.approx(ap(labels, better) - ap(labels, scores))
    assert 0.0 < found.low < found.value < found.high
    alone = stratified_interval(labels, scores, average_precision, seed=4)
    assert found.high - found.low < (alone.high - alone.low) / 2


def test_any_number_of_documents_is_resampled_in_blocks() -> None:
    labels, scores = ranked(30_000, 9_000, 21)
    found = stratified_interval(labels, scores, precision_at(10_000), seed=5, resamples=150)
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.03


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"level": 1.0}, "level of an interval is 1"),
        ({"level": 0.0}, "level of an interval is 0"),
        ({"resamples": 39}, "at least 40"),
        ({"resamples": 100, "level": 0.99}, "at least 200"),
    ],
)
def test_options_that_say_nothing_are_refused(options: dict[str, float], match: str) -> None:
    with pytest.raises(UsageError, match=match):
        mean_interval([1.0, 2.0], seed=0, **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=match):
        stratified_interval(
            np.array([True, False]),
            np.zeros(2),
            average_precision,
            seed=0,
            **options,  # type: ignore[arg-type]
        )


def test_forty_resamples_are_enough_for_the_usual_level() -> None:
    assert mean_interval([1.0, 2.0], seed=0, resamples=40).low >= 1.0


def test_values_that_have_no_interval_are_refused() -> None:
    with pytest.raises(UsageError, match="at least one query"):
        mean_interval([], seed=0)
    with pytest.raises(UsageError, match="NaN"):
        mean_interval([1.0, math.nan], seed=0)
    with pytest.raises(UsageError, match="one a query"):
        mean_interval([[1.0, 2.0]], seed=0)
    with pytest.raises(UsageError, match="measures, queries"):
        mean_intervals([1.0, 2.0], seed=0)
    with pytest.raises(UsageError, match="queries, n"):
        macro_interval(np.array([True]), np.array([1.0]), average_precision, seed=0)
    with pytest.raises(UsageError, match="neither number is 0"):
        stratified_interval(np.empty(0, dtype=bool), np.empty(0), average_precision, seed=0)
    with pytest.raises(UsageError, match="Score nan"):
        stratified_interval(np.array([True]), np.array([math.nan]), average_precision, seed=0)
