"""Results of a run go over those of before, and never take away what was better founded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.study.duplicates import folded, near_texts, shared_texts
from bench.study.results import merged, read_result, write_result
from bench.study.work import Outcome, Work


def system(value: float, **told: Any) -> dict[str, Any]:
    return {"AP": {"mean": value}, "from": {"runs": 1, **told}}


def test_another_system_is_added_and_the_same_one_replaced(tmp_path: Path) -> None:
    write_result(tmp_path, "news", {"a": {"systems": {"x": system(0.1), "y": system(0.2)}}})
    write_result(tmp_path, "news", {"a": {"systems": {"x": system(0.3)}}})
    systems = read_result(tmp_path, "news")["a"]["systems"]
    assert {name: one["AP"]["mean"] for name, one in systems.items()} == {"x": 0.3, "y": 0.2}


def test_a_subset_does_not_replace_a_full_run() -> None:
    before = {
        "split": {"train": 100},
        "systems": {"x": system(0.9)},
        "differences": {"x - y": {"mean": 0.5}},
    }
    now = {
        "split": {"train": 10},
        "systems": {"x": system(0.1, subset_rows=10, of_rows=100)},
        "differences": {"x - y": {"mean": 0.0}},
    }
    assert merged(before, now) == before


@pytest.mark.parametrize(
    "less",
    [{"epochs": 1, "of_epochs": 2}, {"runs": 1}, {"subset_tests": 10, "of_tests": 100}],
)
def test_less_does_not_replace_more(less: dict[str, int]) -> None:
    before = {"systems": {"x": system(0.9, runs=5)}}
    now = {"systems": {"x": system(0.1, **{"runs": 5, **less})}}
    assert merged(before, now) == before
    assert merged(now, before) == before


def test_a_full_run_replaces_a_subset() -> None:
    before = {"systems": {"x": system(0.1, subset_rows=10, of_rows=100)}}
    now = {"systems": {"x": system(0.9)}}
    assert merged(before, now) == now


def test_a_kept_outcome_is_not_made_again(tmp_path: Path) -> None:
    work = Work(folder=tmp_path, told=lambda _: None)
    made: list[int] = []

    def make() -> Outcome:
        made.append(1)
        return Outcome(arrays={"test": np.arange(3.0)}, facts={"train_s": 1.5})

    assert work.finished("a/b/c", 1) == []
    first = work.kept("a/b/c", 0, make)
    assert len(work.finished("a/b/c", 1)) == 1
    assert work.finished("a/b/c", 2) == []
    again = work.kept("a/b/c", 0, make)
    assert len(made) == 1
    assert again.facts == first.facts
    assert again.facts["train_s"] == 1.5
    np.testing.assert_array_equal(again.arrays["test"], [0.0, 1.0, 2.0])


def test_other_choices_have_outcomes_of_their_own(tmp_path: Path) -> None:
    works = [
        Work(folder=tmp_path),
        Work(folder=tmp_path, rows=300),
        Work(folder=tmp_path, epochs=1),
        Work(folder=tmp_path, base="another"),
    ]
    assert len({one.choices() for one in works}) == len(works)


@pytest.mark.parametrize("other", ["A mess.", "a  MESS", "a mess!", "(a) mess"])
def test_case_punctuation_and_white_space_make_no_other_text(other: str) -> None:
    assert folded(other) == "a mess"


def test_texts_on_both_sides_are_counted() -> None:
    assert shared_texts(["A mess.", "Good"], ["a mess", "a mess!", "bad"]) == 2


def test_near_texts_are_counted_once_each() -> None:
    known = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    asked = np.array([[1, 0], [0.8, 0.6], [0.05, 0.99875]], dtype=np.float32)
    assert near_texts(known, asked) == 2
    assert near_texts(known[:0], asked) == 0
