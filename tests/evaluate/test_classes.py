from __future__ import annotations

import json

import pytest

from retrieval.errors import UsageError
from retrieval.evaluate.classes import class_report

TRUTH = ["cat", "cat", "cat", "dog", "dog", "owl"]
GIVEN = ["cat", "cat", "dog", "dog", "cat", "dog"]


def test_scores_of_each_class_equal_their_formulas() -> None:
    report = class_report(TRUTH, GIVEN)
    cat, dog, owl = report.classes
    assert (cat.label, cat.support) == ("cat", 3)
    assert (cat.precision, cat.recall) == pytest.approx((2 / 3, 2 / 3))
    assert (dog.precision, dog.recall, dog.support) == pytest.approx((1 / 3, 1 / 2, 2))
    assert dog.f1 == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert (owl.precision, owl.recall, owl.f1, owl.support) == (0.0, 0.0, 0.0, 1)
    assert report.accuracy == pytest.approx(3 / 6)
    assert report.documents == 6


def test_averages_count_classes_alike_or_by_support() -> None:
    report = class_report(TRUTH, GIVEN)
    assert report.macro.recall == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert report.weighted.recall == pytest.approx((3 * 2 / 3 + 2 * 1 / 2 + 0) / 6)
    assert report.macro.precision == pytest.approx((2 / 3 + 1 / 3 + 0) / 3)
    assert report.weighted.precision == pytest.approx((3 * 2 / 3 + 2 * 1 / 3 + 0) / 6)
    f1 = [one.f1 for one in report.classes]
    assert report.macro.f1 == pytest.approx(sum(f1) / 3)
    assert report.weighted.f1 == pytest.approx((3 * f1[0] + 2 * f1[1]) / 6)


def test_the_confusion_matrix_has_truth_in_rows() -> None:
    assert class_report(TRUTH, GIVEN).confusion == ((2, 1, 0), (1, 1, 0), (0, 1, 0))


def test_what_has_no_value_is_zero_and_said() -> None:
    report = class_report(["a", "b"], ["a", "c"], labels=["c", "b", "a", "d"])
    assert [one.label for one in report.classes] == ["c", "b", "a", "d"]
    assert report.undefined == (
        "precision of 'b'",
        "precision of 'd'",
        "recall of 'c'",
        "recall of 'd'",
        "F1 of 'd'",
    )
    assert class_report(["a", "b"], ["b", "a"]).undefined == ()


def test_labels_that_look_like_numbers_stay_labels() -> None:
    report = class_report(["10", "9"], ["10", "10"])
    assert [one.label for one in report.classes] == ["10", "9"]
    assert report.confusion == ((1, 0), (1, 0))


def test_the_report_is_json() -> None:
    report = class_report(TRUTH, GIVEN)
    read = json.loads(json.dumps(report.to_json()))
    assert read["classes"][0]["label"] == "cat"
    assert read["confusion"] == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert read["macro"]["f1"] == report.macro.f1
    assert read["undefined"] == ["precision of 'owl'"]


def test_one_class_alone_is_reported() -> None:
    assert class_report(["a", "a"], ["a", "a"]).accuracy == 1.0


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="2 true and 1 predicted"):
        class_report(["a", "b"], ["a"])
    with pytest.raises(UsageError, match="0 true"):
        class_report([], [])


def test_classes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="'b' occurs"):
        class_report(["a", "b"], ["a", "a"], labels=["a"])
    with pytest.raises(UsageError, match="'a' more than once"):
        class_report(["a"], ["a"], labels=["a", "b", "a"])
