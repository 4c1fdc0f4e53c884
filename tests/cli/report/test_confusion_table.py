from __future__ import annotations

import numpy as np
import pytest

from retrieval.cli.report.confusion_plot import confusion_png
from retrieval.cli.report.confusion_table import matrix_lines, write_classifier_report
from retrieval.evaluate.classifier_report import ClassifierReport, classifier_report


def report_of(classes: int, texts: int = 600) -> ClassifierReport:
    generator = np.random.default_rng(3)
    labels = [f"CLASS {one} OF NEWS" for one in range(classes)]
    truth = generator.integers(classes, size=texts)
    scores = generator.dirichlet(np.ones(classes), size=texts)
    scores[np.arange(texts), truth] += 0.05
    scores /= scores.sum(axis=1, keepdims=True)
    return classifier_report(
        [labels[one] for one in truth],
        scores,
        labels,
        model="m",
        source="s",
        label_field="label",
        runtime="onnxruntime",
    )


def test_counts_are_drawn_where_they_fit() -> None:
    assert matrix_lines([[90, 10], [1234, 0]], ["neg", "positive"], 40)[1:] == [  # type: ignore[index]
        "                  1     2",
        "1  neg           90    10",
        "2  positive   1,234     .",
    ]


def test_forty_one_classes_fit_eighty_columns_as_tenths() -> None:
    found = report_of(41)
    lines = matrix_lines(found.report.confusion, [f"class {one}" for one in range(41)], 80)
    assert lines is not None
    assert len(lines) == 1 + 2 + 41
    assert max(map(len, lines[1:])) <= 80
    assert lines[1].strip() == "1" * 10 + "2" * 10 + "3" * 10 + "4" * 2
    first = found.report.confusion[0]
    wanted = [
        "."
        if not one
        else "X"
        if one >= 0.95 * sum(first)
        else str(int(10 * one / sum(first) + 0.5))
        for one in first
    ]
    assert lines[3][-41:] == "".join(wanted)
    # the column's number stands above its cell
    assert lines[2].index("1") == lines[3].index(lines[3][-41:])


def test_a_matrix_that_fits_in_no_form_is_left_out() -> None:
    assert matrix_lines(report_of(41).report.confusion, ["a"] * 41, 44) is None


def test_a_row_without_texts_is_drawn() -> None:
    assert matrix_lines([[0, 0], [3, 1]], ["a", "b"], 5) is None
    lines = matrix_lines([[0, 0], [1000, 1]], ["a", "b"], 8)
    assert lines is not None
    assert [line[-2:] for line in lines[2:]] == ["..", "X0"]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("classes", [2, 5, 41])
def test_no_line_is_wider_than_the_terminal(
    columns: int, classes: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    write_classifier_report(report_of(classes))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    text = " ".join(" ".join(lines).split())
    assert f"{classes} classes" in text
    assert "mean of classes" in text
    assert ("too wide" in text) == (classes == 41 and columns == 40)


@pytest.mark.parametrize("classes", [2, 41])
def test_the_matrix_is_drawn_as_png(classes: int) -> None:
    assert confusion_png(report_of(classes)).startswith(b"\x89PNG")
