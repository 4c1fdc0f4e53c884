from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.concept.asking import OF_A_KIND, Labelling, kappa
from retrieval.concept.rows import DocumentRows
from retrieval.errors import UsageError
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.vectors import unit_rows
from tests.concept.samples import DIM, two_kinds

FIRST = np.eye(DIM)[0]


def begun(
    count: int = 400, share: float = 0.5, **options: float
) -> tuple[Labelling, DocumentRows, NDArray[np.bool_]]:
    pool, truth = two_kinds(count, seed=2, share=share, **options)
    return Labelling(pool, FIRST, prior=None, seed=0), pool, truth


def labelled(labelling: Labelling, truth: NDArray[np.bool_], count: int) -> list[int]:
    asked = []
    for _ in range(count):
        number = labelling.choose()
        assert number is not None
        asked.append(number)
        labelling.answer(number, bool(truth[number]))
    return asked


def test_the_first_questions_come_from_both_ends_of_the_text_ranking() -> None:
    labelling, pool, _ = begun()
    scores = pool.scores(FIRST.astype(np.float32))
    top, bottom = np.sort(scores)[[-20, 19]]
    first = labelling.choose()
    assert first is not None
    assert scores[first] >= top
    labelling.answer(first, True)
    second = labelling.choose()
    assert second is not None
    assert scores[second] <= bottom


def test_then_the_border_is_asked_about() -> None:
    labelling, pool, truth = begun()
    labelled(labelling, truth, 24)
    labels = labelling.labels
    assert min(sum(labels.values()), 24 - sum(labels.values())) >= OF_A_KIND
    asked = labelled(labelling, truth, 20)
    # distance to the true border, which is between the two kinds on the first axis
    away = np.abs(pool.rows[:, 0])
    assert away[asked].mean() < 0.75 * away.mean()


def test_no_document_is_asked_about_twice() -> None:
    labelling, _, truth = begun(40)
    asked = labelled(labelling, truth, 40)
    assert sorted(asked) == list(range(40))
    assert labelling.choose() is None


def test_a_skipped_document_is_not_asked_about_again() -> None:
    labelling, _, _ = begun(30)
    number = labelling.choose()
    assert number is not None
    labelling.answer(number, None)
    assert labelling.choose() != number
    assert labelling.labels == {}
    labelling.undo(number)
    assert labelling.choose() == number


def test_nearly_equal_documents_are_not_asked_about_in_a_row() -> None:
    generator = np.random.default_rng(0)
    heart = generator.standard_normal(DIM)
    heart[0] = 9.0
    twins = unit_rows(heart + 1e-4 * generator.standard_normal((10, DIM)))
    others, _ = two_kinds(100, seed=4)
    pool = DocumentRows.of_means(np.concatenate([twins, others.rows]))
    labelling = Labelling(pool, FIRST, prior=None, seed=0)
    asked = labelled(labelling, np.ones(110, dtype=bool), 1)
    assert asked[0] < 10
    asked += labelled(labelling, pool.rows[:, 0] > 0, 10)
    assert sum(one < 10 for one in asked) == 1


def test_rare_positives_are_found_sooner_than_at_random() -> None:
    labelling, pool, truth = begun(3000, share=0.03, apart=5.0)
    labelled(labelling, truth, 60)
    assert sum(labelling.labels.values()) >= 15
    assert 60 * truth.mean() < 3
    solution = labelling._solution
    assert solution is not None
    scores = pool.scores(solution.weights.astype(np.float32))
    text = ScoredLabels.from_columns(truth, pool.scores(FIRST.astype(np.float32)))
    learned = ScoredLabels.from_columns(truth, scores)
    assert learned.average_precision() > text.average_precision() - 0.02


def test_what_is_taken_back_leaves_no_trace() -> None:
    labelling, pool, truth = begun()
    labelled(labelling, truth, 30)
    question, progress = labelling.choose(), labelling.progress()
    asked = labelled(labelling, truth, 21)
    for number in reversed(asked):
        labelling.undo(number)
    assert labelling.choose() == question
    assert labelling.progress().labels == 30
    assert labelling.progress().average_precision == pytest.approx(
        progress.average_precision, abs=1e-6
    )
    assert labelling.progress().agreement == progress.agreement
    with pytest.raises(UsageError, match="Nothing was said"):
        labelling.undo(asked[0])
    again = Labelling(pool, FIRST, prior=None, seed=0)
    again.begin_with(labelling.labels)
    assert again.choose() == question
    with pytest.raises(UsageError, match="come first"):
        again.begin_with({0: True})


def test_progress_tells_when_labels_stop_changing_anything() -> None:
    labelling, _, truth = begun(300, apart=14.0)
    labelled(labelling, truth, 2 * OF_A_KIND - 1)
    assert labelling.progress().average_precision is None
    labelled(labelling, truth, 71)
    told = labelling.progress()
    assert told.average_precision is not None
    assert told.average_precision > 0.9
    assert told.settled
    hard, _, noise = begun(300, apart=0.0)
    labelled(hard, noise, 80)
    assert not hard.progress().settled


def test_agreement_is_beyond_chance() -> None:
    one = np.array([True, True, False, False, False])
    assert kappa(one, one) == 1.0
    # agreed 3/5; chance 2/5 2/5 + 3/5 3/5 = 13/25
    other = np.array([True, False, True, False, False])
    assert kappa(one, other) == pytest.approx((0.6 - 0.52) / 0.48)
    assert kappa(np.zeros(4, dtype=bool), np.zeros(4, dtype=bool)) == 0.0
