from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len

from retrieval.cli.report.terminal import write_bench
from retrieval.evaluate.results import BenchReport, SilhouetteFigure
from tests.cli.report import samples

Drawn = Callable[..., list[str]]


@pytest.fixture
def drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Drawn:
    def drawn(report: BenchReport, width: int = 80) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        write_bench(report)
        return capsys.readouterr().out.splitlines()

    return drawn


@pytest.mark.parametrize("sample", samples.EVERY, ids=lambda one: one.__name__)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    drawn: Drawn, sample: Callable[[], BenchReport], width: int
) -> None:
    lines = drawn(sample(), width)
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize("width", [40, 80, 120])
def test_every_figure_is_there_whole(drawn: Drawn, width: int) -> None:
    report = samples.four_systems()
    lines = drawn(report, width)
    for system in report.systems:
        for result in system.measures.values():
            shown = f"{result.mean:.3f} [{result.low:.3f}, {result.high:.3f}]"
            assert any(shown in line for line in lines), shown
    for one in report.comparisons:
        shown = f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"
        assert any(shown in line for line in lines), shown


def test_the_task_stands_first_and_the_provenance_last(drawn: Drawn) -> None:
    lines = drawn(samples.one_system(), 120)
    assert lines[0] == (
        "scifact/qrels/test.tsv, split test, 300 queries, 5,183 documents, depth 1,000,"
        " primary measure nDCG@10"
    )
    assert lines[-1] == "index scifact, generation 3, model all-MiniLM-L6-v2, seed 20240501"


def test_one_system_is_a_small_table(drawn: Drawn) -> None:
    lines = [line.rstrip() for line in drawn(samples.one_system(), 80)]
    assert lines[5:7] == [
        "measure  system  mean [95 % interval]    answered",
        "nDCG@10  dense   0.645 [0.601, 0.689]  298 of 300",
    ]


def test_cautions_and_notes_are_signs_with_sentences(drawn: Drawn) -> None:
    lines = drawn(samples.four_systems(), 120)
    shown = "\n".join(lines)
    assert "primary measure nDCG@10 (a) (b) (c) (d)" in " ".join(lines[:2])
    assert "(a) 6 of 300 queries have no relevant document." in lines
    assert "(b) 1 judgment names a document that the index does not have." in lines
    assert "(d) Grades of 1 and above count as relevant." in lines
    assert "0.601 [0.557, 0.645] (e)" in shown
    assert f"(e) {samples.CAUTION}" in lines


@pytest.mark.parametrize("width", [40, 80, 120])
def test_in_sample_is_shouted_wherever_the_system_is_named(drawn: Drawn, width: int) -> None:
    report = samples.four_systems()
    shown = " ".join(" ".join(drawn(report, width)).split())
    # its line among the systems, two measures, two comparisons
    assert shown.count("IN-SAMPLE") == 5
    honest = replace(report, systems=tuple(replace(one, in_sample=False) for one in report.systems))
    assert "IN-SAMPLE" not in " ".join(drawn(honest, width))


def test_an_in_sample_baseline_is_shouted_too(drawn: Drawn) -> None:
    report = samples.four_systems()
    first, *rest = report.systems
    lines = drawn(replace(report, systems=(replace(first, in_sample=True), *rest)), 120)
    assert any(line.startswith("compared with dense IN-SAMPLE") for line in lines)


def test_ties_are_told_only_where_there_are_some(drawn: Drawn) -> None:
    shown = "\n".join(drawn(samples.four_systems(), 120))
    assert shown.count("of hits tied") == 1
    assert "lexical, index scifact; 1.2 % of hits tied" in shown


def test_a_refused_test_says_why(drawn: Drawn) -> None:
    lines = drawn(samples.one_label_query(), 80)
    shown = "\n".join(lines)
    assert "none (a)" in shown
    assert "(a) The test needs 20 queries; there is 1." in lines
    assert "Holm over" not in shown


def test_labels_are_shown_as_a_classifier_would_be(drawn: Drawn) -> None:
    lines = [line.split() for line in drawn(samples.one_label_query(), 80)]
    row = "positive dense 2,132 0.498 0.610 0.689 at 0.213 0.580 at 0.246"
    assert row.split() in lines


def test_a_silhouette_is_told_in_a_sentence(drawn: Drawn) -> None:
    shown = "\n".join(drawn(samples.four_systems(), 120))
    assert "3 groups by field category, mean silhouette 0.194; best positive 0.326, worst" in shown
    empty = SilhouetteFigure(grouped_by="field x", mean=0.0, groups=())
    assert "silhouette" not in "\n".join(drawn(samples.one_system(silhouette=empty), 120))


def test_documents_are_left_out_where_only_files_were_compared(drawn: Drawn) -> None:
    report = samples.one_system(task=replace(samples.TASK, documents=None))
    assert "documents" not in drawn(report, 120)[0]


def test_different_depths_are_told_system_by_system(drawn: Drawn) -> None:
    report = samples.one_system(
        systems=(
            samples.system("a", 0.5, depth=10),
            samples.system("b", 0.5, depth=None),
        )
    )
    shown = "\n".join(drawn(report, 120))
    assert "depth by system" in shown
    assert "a, index scifact; depth 10\n" in shown.replace("  ", "").replace(" \n", "\n")
    assert "every document ranked" in shown


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_text_steers_the_terminal(drawn: Drawn, width: int) -> None:
    shown = "\n".join(drawn(samples.hostile(), width))
    assert not set(shown) & {"\x1b", "\x00", "\u202e"}
    assert "<script>" in shown


def test_a_report_without_anything_is_still_a_report(drawn: Drawn) -> None:
    report = replace(samples.nothing_to_show(), systems=())
    assert "Nothing was measured." in drawn(report, 80)
    assert drawn(samples.nothing_to_show(), 80)[-1] == "intervals: 95 % bootstrap over queries"
