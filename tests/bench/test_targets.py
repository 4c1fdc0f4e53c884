"""Targets are read from words, figures from results."""

from __future__ import annotations

import pytest

from bench import provenance, targets
from bench.targets import Figure, Row, figure, reaches


@pytest.mark.parametrize(
    ("target", "value", "reached"),
    [
        (">= 15", 15.0, True),
        (">= 15", 14.9, False),
        ("<= 1.6", 1.6, True),
        ("<= 1.6", 1.61, False),
        ("< 1", 1.0, False),
        ("> 1", 1.0, False),
        ("0.645 +- 0.002", 0.6451, True),
        ("0 +- 0.002", -0.003, False),
        ("about 0.66", 0.1, None),
        ("", 0.1, None),
    ],
)
def test_a_target_in_words_is_reached_or_not(
    target: str, value: float, reached: bool | None
) -> None:
    assert reaches(target, value) is reached


def test_a_target_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="at least five"):
        reaches("at least five", 5.0)


def test_every_target_can_be_read() -> None:
    for row in targets.rows():
        reaches(row.target, 1.0)


def test_no_figure_stands_twice() -> None:
    places = [(row.result, row.figure, row.over) for row in targets.rows()]
    assert len(set(places)) == len(places)


def test_every_result_that_is_there_has_every_figure_asked_of_it() -> None:
    results = targets.read_results(provenance.RESULTS)
    optional = {"figures/documents_per_second/sentence_transformers_onnx"}
    sized = ("figures/1000000/", "figures/10000000/")
    missing = [
        (row.result, row.figure)
        for row in targets.rows()
        if row.result in results
        and row.figure not in optional
        and not row.figure.startswith(sized)
        and figure(row, results) is None
    ]
    assert not missing


def test_rounds_give_a_range_and_single_figures_none() -> None:
    rounds = {"median": 2.0, "min": 1.0, "max": 3.0, "runs": 5}
    results = {"one": {"figures": {"a": rounds, "b": 0.5}}}
    assert figure(Row("one", "figures/a", "a"), results) == Figure(
        value=2.0, low=1.0, high=3.0, runs=5
    )
    assert figure(Row("one", "figures/b", "b"), results) == Figure(value=0.5)
    assert figure(Row("one", "figures/c", "c"), results) is None
    assert figure(Row("other", "figures/a", "a"), results) is None


def test_parts_are_added_and_one_figure_is_told_over_another() -> None:
    results = {"one": {"figures": {"ours": {"own": 1.0, "mapped": 2.0}, "theirs": 6.0}}}
    assert figure(Row("one", "figures/ours", "a"), results) == Figure(value=3.0)
    half = Row("one", "figures/ours", "a", over="figures/theirs")
    assert figure(half, results) == Figure(value=0.5)
    assert figure(Row("one", "figures/ours", "a", over="figures/none"), results) is None
