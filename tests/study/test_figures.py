"""Figures of systems: thresholds come from validation rows, tests are only measured on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.study import authors
from bench.study.authors import AUTHORS, Essays, by_majority, run
from bench.study.authors import SYSTEMS as AUTHOR_SYSTEMS
from bench.study.binary import binary_figures, difference
from bench.study.news import NEAR_SYNONYMS, class_figures, cluster_figures, synonyms
from bench.study.similarity import correlation
from bench.study.work import Outcome, Work
from retrieval.vectors import unit_rows

TRUTH = np.array([True, False] * 20)


def scored(test: NDArray[Any], validation: NDArray[Any]) -> Outcome:
    return Outcome(arrays={"test": test, "validation": validation})


def test_a_threshold_comes_from_validation_rows() -> None:
    perfect = TRUTH.astype(float)
    shifted = scored(perfect + 10, perfect)
    found = binary_figures([shifted], TRUTH, TRUTH)
    assert found["AP"]["mean"] == 1.0
    # each test row lies above the threshold, which validation rows put between 0 and 1
    assert found["accuracy"]["mean"] == 0.5
    assert found["F1"]["mean"] == pytest.approx(2 / 3, abs=1e-4)


def test_runs_are_averaged_and_their_range_told() -> None:
    perfect = TRUTH.astype(float)
    found = binary_figures([scored(perfect, perfect), scored(-perfect, perfect)], TRUTH, TRUTH)[
        "AP"
    ]
    assert found["max"] == 1.0
    assert found["mean"] == pytest.approx((found["min"] + 1.0) / 2, abs=1e-4)
    assert found["low"] <= found["mean"] <= found["high"]


def test_a_system_differs_from_itself_by_nothing() -> None:
    one = [scored(TRUTH + np.random.default_rng(0).normal(size=40), TRUTH.astype(float))]
    assert difference(one, one, TRUTH) == {"mean": 0.0, "low": 0.0, "high": 0.0, "runs": 1}


def test_near_synonyms_count_as_one_category() -> None:
    classes = ["ARTS", "ARTS & CULTURE", "TECH"]
    truth = ["ARTS", "ARTS & CULTURE", "TECH", "TECH"]
    scores = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]], dtype=float)
    found = class_figures([Outcome(arrays={"test": scores})], truth, classes)
    assert found["accuracy"]["mean"] == 0.25
    assert found["merged_accuracy"]["mean"] == 0.75
    assert found["confusion"] == [[0, 1, 0], [1, 0, 0], [1, 0, 1]]


def test_no_category_has_two_near_synonyms() -> None:
    names = [name for group in NEAR_SYNONYMS for name in group]
    assert len(set(names)) == len(names)
    assert synonyms(["PARENTING", "TECH"]) == ["PARENTS", "TECH"]


def test_clusters_are_matched_to_classes() -> None:
    arrays = {"groups": np.array([1, 1, 0, 0]), "silhouette": np.full(4, 0.5)}
    found = cluster_figures([Outcome(arrays=arrays)], ["a", "a", "b", "b"], ["a", "b"])
    assert found["accuracy"]["mean"] == 1.0
    assert found["silhouette"]["mean"] == 0.5


def test_correlation_has_an_interval_around_it() -> None:
    gold = np.arange(30.0)
    test = gold + np.random.default_rng(0).normal(scale=5, size=30)
    found = correlation([Outcome(arrays={"test": test})], gold)
    assert found["low"] < found["mean"] < found["high"]


def passages() -> tuple[Essays, NDArray[Any]]:
    """Return nine essays of four passages, each author pointing elsewhere, one disputed."""
    generator = np.random.default_rng(0)
    names = [*AUTHORS, *AUTHORS, *AUTHORS, "DISPUTED"]
    owners = np.repeat(np.arange(len(names)), 4)
    middle = np.eye(8)[[AUTHORS.index(one) if one in AUTHORS else 2 for one in names]]
    rows = unit_rows(middle[owners] + generator.normal(scale=0.1, size=(len(owners), 8)))
    essays = Essays(
        numbers=tuple(range(1, len(names) + 1)),
        authors=tuple(names),
        passages=tuple(map(str, owners)),
        owners=owners,
    )
    return essays, rows


@pytest.mark.parametrize("name", ["frozen-classifier", "concepts"])
def test_authors_apart_are_told_apart(name: str, tmp_path: Path) -> None:
    essays, rows = passages()
    (system,) = [one for one in AUTHOR_SYSTEMS if one.name == name]
    scores = run(system, essays, rows, Work(folder=tmp_path)).arrays["essays"]
    given = [AUTHORS[at] for at in scores.argmax(axis=1)]
    assert given == [*AUTHORS, *AUTHORS, *AUTHORS, "MADISON"]


def test_parts_deal_out_each_author_and_each_essay_once() -> None:
    essays, _ = passages()
    parts = essays.parts(3)
    assert sorted(at for part in parts for at in part) == essays.known
    assert [sorted(essays.authors[at] for at in part) for part in parts] == [list(AUTHORS)] * 3
    assert sorted(essays.parts(len(essays.known))) == [[at] for at in essays.known]


def test_fine_tuning_never_learns_from_what_it_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    essays, rows = passages()
    judged: list[int] = []

    def tuned(
        essays: Essays, learned: NDArray[Any], asked: NDArray[Any], work: Work, part: str
    ) -> Outcome:
        of_learned = set(essays.owners[learned].tolist())
        assert not of_learned & set(essays.owners[asked].tolist())
        assert of_learned <= set(essays.known)
        judged.extend(asked.tolist())
        scores = np.ones((len(asked), len(AUTHORS)))
        facts = {"device": "cpu", "train_s": 1.0, "kept_epochs": [float(len(judged))]}
        return Outcome(arrays={"test": scores}, facts=facts)

    monkeypatch.setattr(authors, "fine_tuned", tuned)
    monkeypatch.setattr(authors, "PARTS_ON_CPU", 2)
    monkeypatch.setattr("bench.study.training.has_card", lambda: False)
    (system,) = [one for one in AUTHOR_SYSTEMS if one.trains]
    found = run(system, essays, rows, Work(folder=tmp_path, told=lambda _: None))
    assert sorted(judged) == list(range(len(essays.passages)))
    assert found.facts["parts"] == 2
    assert found.facts["train_s"] == 3.0
    assert len(set(found.facts["kept_epochs"])) == 3


def test_the_majority_is_that_of_what_was_learned_from() -> None:
    rows = np.zeros((2, 3), dtype=np.float32)
    found = by_majority(rows, np.array(["JAY", "JAY", "MADISON"]), rows)
    assert found.argmax(axis=1).tolist() == [AUTHORS.index("JAY")] * 2
