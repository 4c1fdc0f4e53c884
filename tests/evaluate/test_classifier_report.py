from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.evaluate.classifier_report import (
    ClassifierReport,
    class_average_precision,
    classifier_report,
)

ROWS = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.8, 0.2]])


def report(truth: list[str], labels: list[str] | None = None) -> ClassifierReport:
    return classifier_report(
        truth,
        ROWS[: len(truth)],
        labels or ["a", "b"],
        model="m",
        source="s",
        label_field="label",
        runtime="torch",
    )


def test_the_likeliest_class_counts() -> None:
    found = report(["a", "b", "b", "a"])
    assert found.report.accuracy == 0.75
    assert found.report.confusion == ((2, 0), (1, 1))
    assert found.unknown == 0


def test_each_class_ranks_every_text_by_its_probability() -> None:
    # by the probability of b: rows 2, 1, 3, 0; of b are rows 2 and 3
    found = class_average_precision(["a", "a", "b", "b"], ROWS, ["a", "b"])
    assert found[1] == pytest.approx((1 / 1 + 2 / 3) / 2)
    # by the probability of a: rows 0, 3, 1, 2; of a are rows 0 and 1
    assert found[0] == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_a_class_that_the_model_does_not_know_counts_as_wrong() -> None:
    found = report(["a", "c", "b", "a"])
    assert found.classes == ("a", "b", "c")
    assert found.unknown == 1
    assert found.report.accuracy == 0.75
    assert found.report.confusion == ((2, 0, 0), (0, 1, 0), (1, 0, 0))
    assert found.average_precision[2] is None


def test_a_class_without_texts_has_no_average_precision() -> None:
    assert report(["a", "a", "a", "a"]).average_precision == (1.0, None)


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="shape"):
        report(["a"], ["a", "b", "c"])
    with pytest.raises(UsageError):
        report([])
