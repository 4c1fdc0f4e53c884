from __future__ import annotations

import math
from dataclasses import replace

import pytest
from rich.cells import cell_len

from retrieval.cli.report import facts, wording
from retrieval.cli.report.footnotes import Footnotes
from retrieval.evaluate.results import Resampled
from tests.cli.report.samples import comparison, four_systems, one_label_query, result, system


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.6449, "0.645"), (1.0, "1.000"), (-0.0001, "0.000"), (-0.12, "-0.120"), (math.nan, "-")],
)
def test_values_have_three_decimals(value: float, shown: str) -> None:
    assert wording.figure(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0681, "+0.0681"), (-0.00004, "+0.0000"), (-0.2, "-0.2000"), (math.inf, "-")],
)
def test_differences_are_signed_and_have_four(value: float, shown: str) -> None:
    assert wording.difference(value) == shown


@pytest.mark.parametrize(
    ("p", "shown", "said"),
    [
        (0.0131, "0.013", "p = 0.013"),
        (0.00099, "<0.001", "p < 0.001"),
        (0.001, "0.001", "p = 0.001"),
        (1.0, "1.000", "p = 1.000"),
    ],
)
def test_small_p_values_are_bounded(p: float, shown: str, said: str) -> None:
    assert wording.p_value(p) == shown
    assert wording.p_words(p) == said


def test_a_mean_stands_before_its_interval() -> None:
    assert wording.with_interval(result(0.645, low=0.6011, high=0.6889)) == "0.645 [0.601, 0.689]"


def test_only_the_adjusted_p_value_makes_a_difference_significant() -> None:
    assert wording.is_significant(comparison("a", "AP", 0.1, p_value=0.2, p_holm=0.0499))
    assert not wording.is_significant(comparison("a", "AP", 0.1, p_value=0.01, p_holm=0.05))
    assert not wording.is_significant(comparison("a", "AP", 0.1, p_value=None, p_holm=None))


def test_a_trace_of_ties_is_not_none() -> None:
    assert wording.share(0.0123) == "1.2 %"
    assert wording.share(0.0001) == "<0.1 %"


def test_long_names_are_cut_in_the_middle_and_keep_their_mark() -> None:
    one = system("a" * 50 + "-first", 0.5, in_sample=True)
    assert wording.name_of(one, 20).endswith("-first IN-SAMPLE")
    assert cell_len(wording.name_of(one, 20)) <= 20 + len(" IN-SAMPLE")
    assert cell_len(wording.shortened("映画" * 20, 11)) <= 11
    assert wording.shortened("short", 5) == "short"


def test_footnotes_are_shared_by_equal_sentences() -> None:
    notes = Footnotes()
    assert [notes.sign(text) for text in ("x", "", "y", "x")] == ["a", "", "b", "a"]
    assert list(notes) == [("a", "x"), ("b", "y")]
    more = [notes.sign(f"note {number}") for number in range(26)]
    assert more[-3:] == ["z", "aa", "ab"]


def test_intervals_say_what_was_drawn() -> None:
    assert facts.interval_words(four_systems()) == "95 % bootstrap over queries"
    by_both = {
        "AP": result(0.5),
        "silhouette": result(0.1, resampled=Resampled.DOCUMENTS),
    }
    mixed = four_systems(systems=(replace(system("dense", 0.5), measures=by_both),))
    words = facts.interval_words(mixed)
    assert words == "95 % bootstrap over queries for AP; over documents for silhouette"


def test_the_mean_of_a_measure_of_clusters_is_over_documents() -> None:
    report = one_label_query()
    label = report.systems[0].measures["AP"]
    assert facts.judged_words(report, label) == "1 judged query"
    groups = result(0.1, judged=2132, resampled=Resampled.DOCUMENTS)
    assert facts.judged_words(report, groups) == "2,132 documents"


def test_provenance_is_told_in_a_line_and_in_full() -> None:
    report = four_systems()
    assert facts.provenance_words(report) == (
        "index scifact, generation 3, model all-MiniLM-L6-v2, seed 20240501"
    )
    rows = dict(facts.provenance_rows(report))
    assert rows["versions.numpy"] == "2.4.6"
    assert rows["machine.simd"] == "avx2, avx512f"
    assert rows["dirty"] == "no"
    assert rows["parent"] == "none"
