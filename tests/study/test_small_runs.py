"""Systems of the study on a few rows with a tiny model: what they give has the right form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.study import news, sentiment
from bench.study.encoding import base_vectors, used_vectors
from bench.study.splits import Split
from bench.study.work import Work
from tests.train.models import labelled_lines, topic_lines


def toy(lines: list[tuple[str, str]]) -> Split:
    rows = np.arange(len(lines))
    return Split(
        name="toy",
        texts=tuple(text for text, _ in lines),
        labels=tuple(label for _, label in lines),
        train=rows[:48],
        validation=rows[48:60],
        test=rows[60:],
        full=48,
        told="made",
    )


def work_in(folder: Path, base: Path) -> Work:
    return Work(folder=folder, seeds=1, epochs=1, base=str(base), told=lambda _: None)


@pytest.mark.parametrize("name", ["dummy-cosine", "classifier-mean", "cross-encoder"])
def test_a_trained_system_scores_every_row_that_is_asked(
    name: str, tmp_path: Path, tiny_base: Path
) -> None:
    split = toy(labelled_lines(84))
    (system,) = [one for one in sentiment.SYSTEMS if one.name == name]
    runner = sentiment.Runner(split, work_in(tmp_path, tiny_base))
    found = runner.run(system, 0)
    assert found.arrays["validation"].shape == (12,)
    assert found.arrays["test"].shape == (24,)
    assert np.isfinite(found.arrays["test"]).all()
    assert len(set(found.arrays["test"].tolist())) > 1
    assert found.facts["train_s"] > 0
    assert found.facts["rank_25k_s"] > 0


def test_frozen_systems_need_no_training(tmp_path: Path, tiny_base: Path) -> None:
    split = toy(labelled_lines(84))
    runner = sentiment.Runner(split, work_in(tmp_path, tiny_base))
    for system in sentiment.SYSTEMS:
        # the words of the contrasts are all unknown to the tiny model
        if not system.trains and "contrast" not in system.name:
            assert runner.run(system, 0).arrays["test"].shape == (24,), system.name
    assert not (tmp_path / "models").exists()


def test_categories_are_scored_in_the_order_of_the_classes(tmp_path: Path, tiny_base: Path) -> None:
    split = toy(topic_lines(84))
    work = work_in(tmp_path, tiny_base)
    rows = base_vectors("toy", split.texts, work)
    for scores in (news.nearest_class(rows, split), news.one_against_rest(rows, split)):
        assert scores.shape == (24, 3)
    columns = np.arange(12.0).reshape(4, 3)
    labels = ["sport", "film", "food"]
    np.testing.assert_array_equal(news.in_order(columns, labels, split), columns[:, [1, 2, 0]])


def test_a_sample_of_the_tests_says_so_and_no_other_text_is_encoded(
    tmp_path: Path, tiny_base: Path
) -> None:
    split = toy(labelled_lines(84))
    some = split.with_rows(20).with_tests(8)
    assert (len(some.train), len(some.validation), len(some.test)) == (20, 2, 8)
    assert set(some.test.tolist()) < set(split.test.tolist())
    np.testing.assert_array_equal(some.test, split.with_tests(8).test)
    assert "a sample of 8 of 24 of the test, validated on 2 of 12" in some.told
    assert split.with_tests(24) is split
    work = work_in(tmp_path, tiny_base)
    rows = used_vectors(some, work)
    assert np.flatnonzero(rows.any(axis=1)).tolist() == some.used.tolist()
    np.testing.assert_allclose(rows[some.test], used_vectors(split, work)[some.test], atol=1e-6)


def test_vectors_are_encoded_once(tmp_path: Path, tiny_base: Path) -> None:
    told: list[str] = []
    work = Work(folder=tmp_path, base=str(tiny_base), told=told.append)
    first = base_vectors("toy", ["good film", "bad soup"], work)
    again = base_vectors("toy", ["good film", "bad soup"], work)
    np.testing.assert_array_equal(first, again)
    assert len(told) == 1
