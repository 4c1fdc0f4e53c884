from __future__ import annotations

import numpy as np
import pytest

from retrieval.concept.fit import (
    choose_strength,
    contrast_direction,
    direction_of,
    fit_rows,
    prior_length,
)
from retrieval.concept.rows import DocumentRows
from retrieval.concept.solver import Solution
from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.vectors import document_means, unit_rows
from tests.concept.samples import DIM, two_kinds


def test_a_contrast_is_the_difference_of_means() -> None:
    rows = np.eye(4, dtype=np.float32)
    assert contrast_direction(rows[:1], rows[1:2]) == pytest.approx(
        np.array([1, -1, 0, 0]) / np.sqrt(2)
    )
    assert contrast_direction(rows[:1], rows[:0]) == pytest.approx(np.array([1, 0, 0, 0]))
    with pytest.raises(UsageError, match="mean the same"):
        contrast_direction(rows[:2], rows[:2])
    with pytest.raises(UsageError, match="at least one text"):
        contrast_direction(rows[:0], rows[:2])


def test_a_good_prior_helps_most_where_labels_are_few() -> None:
    rest, truth = two_kinds(2000, seed=0)
    prior = np.eye(DIM)[0]
    gains = []
    for count in (20, 200):
        found = []
        for seed in range(1, 6):
            documents, labels = two_kinds(count, seed=seed)
            for given in (None, prior):
                direction = direction_of(fit_rows(documents, labels, prior=given, strength=1.0))
                scored = ScoredLabels.from_columns(truth, rest.scores(direction))
                found.append(scored.average_precision())
        gains.append(np.mean(found[1::2]) - np.mean(found[::2]))
    assert gains[0] > gains[1] > -0.005
    assert gains[0] > 0.03
    assert prior_length(20) > prior_length(1000)


def test_a_document_counts_once_however_many_passages_it_has() -> None:
    documents, labels = two_kinds(30, seed=7)
    times = np.arange(30) % 3 + 1
    long = DocumentRows(
        rows=np.repeat(documents.rows, times, axis=0),
        starts=np.concatenate(([0], np.cumsum(times))),
    )
    one = fit_rows(documents, labels, prior=None, strength=1.0)
    many = fit_rows(long, labels, prior=None, strength=1.0)
    assert many.weights == pytest.approx(one.weights, abs=1e-3)
    assert long.scores(documents.rows[0]) == pytest.approx(documents.scores(documents.rows[0]))


def test_taking_documents_keeps_their_rows_together() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    documents = DocumentRows(rows=rows, starts=np.array([0, 1, 4, 6]))
    taken = documents.take(np.array([2, 1]))
    assert taken.rows.tolist() == rows[[4, 5, 1, 2, 3]].tolist()
    assert taken.starts.tolist() == [0, 2, 5]
    assert taken.owners.tolist() == [0, 0, 1, 1, 1]


def test_the_mean_of_passages_is_of_unit_length() -> None:
    rows = unit_rows(np.random.default_rng(0).standard_normal((6, 4)))
    means = document_means(rows, np.array([0, 1, 4, 6]))
    assert (means[0] == rows[0]).all()
    assert means[1] == pytest.approx(unit_rows(rows[1:4].mean(axis=0)[np.newaxis])[0], abs=1e-6)
    assert np.linalg.norm(means, axis=1) == pytest.approx(np.ones(3), abs=1e-6)


def test_c_is_1_for_few_labels_and_chosen_for_many() -> None:
    few, labels = two_kinds(100, seed=8)
    assert choose_strength(few, labels, prior=None, held_out=np.arange(100) % 5 == 0) == 1.0
    many, labels = two_kinds(1500, seed=9, apart=0.0)
    chosen = choose_strength(many, labels, prior=None, held_out=np.arange(1500) % 5 == 0)
    assert chosen == 0.25  # labels that say nothing are best not listened to


def test_labels_that_say_nothing_have_no_direction() -> None:
    with pytest.raises(UsageError, match="no direction"):
        direction_of(Solution(weights=np.zeros(DIM), intercept=0.0))
