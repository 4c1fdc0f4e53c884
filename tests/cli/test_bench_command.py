from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.engine.corpora import QRELS, beir, jsonl, labelled, qrels_tsv


@pytest.fixture
def judged(tmp_path: Path, run: Run, hashing: None) -> Path:
    """Index a BEIR folder under the name ``soup`` and return it."""
    folder = beir(tmp_path / "soup")
    assert run("index", "soup").code == 0
    return folder


def test_the_answer_is_one_object(judged: Path, run: Run) -> None:
    done = run("bench", "--metric", "ap", "--metric", "P@1")
    assert done.code == 0
    (report,) = done.rows
    assert report["primary"] == "AP"
    assert list(report["runs"]["dense"]["measures"]) == ["AP", "P@1"]
    assert report["runs"]["dense"]["measures"]["AP"]["n_judged"] == 3
    assert report["provenance"]["split"] == "test"
    assert "note: Judgments: soup/qrels/test.tsv, split test, 3 queries, asked of soup." in done.err


def test_per_query_values_are_shown_when_asked_for(
    judged: Path, run: Run, on_terminal: OnTerminal
) -> None:
    (report,) = run("bench", "--metric", "P@1", "--per-query").rows
    assert report["runs"]["dense"]["per_query"] == {"P@1": {"q1": 1.0, "q2": 1.0, "q3": 0.0}}
    seen = on_terminal("bench", "--metric", "P@1", "--per-query", RETRIEVE_MODEL="testing-hashing")
    rows = [line.split() for line in seen.lines if line.strip().startswith("q")]
    assert ["q3", "dense", "0.000"] in rows


def test_labels_need_nothing_but_an_index(tmp_path: Path, run: Run, hashing: None) -> None:
    labelled(tmp_path / "reviews.jsonl")
    assert run("index", "reviews.jsonl").code == 0
    done = run("bench", "--metric", "ap", "--label-template", "a {label} review")
    (report,) = done.rows
    assert report["task"]["kind"] == "labels"
    assert report["task"]["judgments"] == "field label"
    assert {one["label"] for one in report["labels"]} == {"good", "bad"}


def test_without_judgments_the_three_ways_are_listed(reviews: Path, run: Run) -> None:
    done = run("bench")
    assert done.code == 2
    assert done.error["code"] == "usage"
    for way in ("BEIR folder", "--qrels FILE --queries FILE", "--label-field NAME"):
        assert way in done.error["fix"]


def test_a_beir_folder_is_indexed_if_needed(tmp_path: Path, run: Run, hashing: None) -> None:
    beir(tmp_path / "soup")
    first = run("bench", "--beir", "soup", "--model", "testing-hashing", "--metric", "ap")
    assert first.code == 0
    assert first.rows[0]["provenance"]["index"] == "soup-testing-hashing"
    again = run("bench", "--beir", "soup", "--passages", "whole", "--metric", "ap")
    assert again.rows[0]["provenance"]["index"] == "soup-whole-testing-hashing"
    assert again.rows[0]["provenance"]["passage_options"]["mode"] == "whole"


def test_runs_are_written_and_measure_the_same(judged: Path, tmp_path: Path, run: Run) -> None:
    done = run("bench", "--metric", "ap", "--metric", "nDCG@10", "--run-out", "r.trec")
    ranked = (tmp_path / "r.trec").read_text().splitlines()
    assert ranked[0].split()[:4] == ["q1", "Q0", "d1", "1"]
    again = run("evaluate", "soup/qrels/test.tsv", "r.trec", "-m", "AP", "-m", "ndcg@10")
    assert again.code == 0
    ours = done.rows[0]["runs"]["dense"]["measures"]
    theirs = again.rows[0]["runs"]["r"]["measures"]
    for name in ("AP", "nDCG@10"):
        assert theirs[name]["mean"] == pytest.approx(ours[name]["mean"])


def test_with_several_systems_each_run_has_its_own_file(
    judged: Path, tmp_path: Path, run: Run
) -> None:
    done = run("bench", "--metric", "ap", "--compare", "by chance=random=3", "--run-out", "r.trec")
    assert done.code == 0
    assert {one.name for one in tmp_path.glob("r*")} == {"r-dense.trec", "r-by-chance.trec"}


def test_the_html_report_is_one_whole_file(judged: Path, tmp_path: Path, run: Run) -> None:
    done = run("bench", "--html", "out/report.html", "--compare", "base=constant")
    assert done.code == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "<svg" in page
    assert "soup/qrels/test.tsv" in page
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", page)


def test_plots_are_png_files(judged: Path, tmp_path: Path, run: Run) -> None:
    assert run("bench", "--plots", "plots").code == 0
    files = list((tmp_path / "plots").glob("*.png"))
    assert files
    assert all(one.read_bytes().startswith(b"\x89PNG") for one in files)


def test_latex_is_printed_instead(judged: Path, run: Run) -> None:
    done = run("bench", "--latex")
    assert done.code == 0
    assert "\\begin{tabular}" in done.out
    both = run("bench", "--latex", "--json")
    assert both.code == 2
    assert "--latex and --json" in both.error["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("--beir", "soup", "--index", "soup"),
        ("--passages", "whole"),
        ("--metric", "nonsense"),
        ("--depth", "0"),
        ("--qrels", "missing.tsv"),
        ("--queries", "missing.jsonl"),
        ("--label-field", "nothing"),
        ("--compare", "x=run=missing.trec"),
        ("--compare", "x=index=missing"),
        ("--beir", "nowhere"),
    ],
)
def test_what_cannot_be_is_refused(judged: Path, run: Run, words: tuple[str, ...]) -> None:
    done = run("bench", *words)
    assert done.code == 2
    assert done.out == ""
    assert done.error["error"]


def test_a_person_sees_figures_with_intervals(judged: Path, on_terminal: OnTerminal) -> None:
    seen = on_terminal("bench", "--metric", "ap", RETRIEVE_MODEL="testing-hashing", TERM="dumb")
    assert seen.code == 0
    assert "AP" in seen.text
    assert "0.667 [" in seen.text
    assert "generation 1" in seen.text


class TestEvaluate:
    def test_two_runs_are_compared_with_the_first(self, tmp_path: Path, run: Run) -> None:
        qrels_tsv(tmp_path / "q.tsv", QRELS)
        (tmp_path / "one.trec").write_text("q1 Q0 d1 1 2.0 x\nq2 Q0 d4 1 2.0 x\n")
        (tmp_path / "two.trec").write_text("q1 Q0 d3 1 2.0 x\nq1 Q0 d1 2 1.0 x\nzz Q0 d1 1 1 x\n")
        (report,) = run("evaluate", "q.tsv", "one.trec", "two.trec", "-m", "AP").rows
        assert list(report["runs"]) == ["one", "two"]
        assert report["runs"]["one"]["measures"]["AP"]["n_answered"] == 2
        assert report["runs"]["two"]["measures"]["AP"]["n_answered"] == 1
        (comparison,) = report["comparisons"]
        assert comparison["baseline"] == "one"
        assert comparison["difference"] == pytest.approx((0.25 - 1.0) / 3)
        assert report["task"]["notes"] == [
            "Queries of two that are not judged and do not count: 1."
        ]

    def test_hits_of_retrieve_query_are_a_run(self, judged: Path, tmp_path: Path, run: Run) -> None:
        hits = run("query", "--queries", "soup/queries.jsonl", "--index", "soup")
        (tmp_path / "hits.jsonl").write_text(hits.out)
        (report,) = run("evaluate", "soup/qrels/test.tsv", "hits.jsonl", "-m", "AP").rows
        assert report["runs"]["hits"]["measures"]["AP"]["mean"] == pytest.approx(2 / 3)

    def test_swapped_files_are_named(self, tmp_path: Path, run: Run) -> None:
        qrels_tsv(tmp_path / "q.tsv", QRELS)
        (tmp_path / "r.trec").write_text("q1 Q0 d1 1 2.0 x\n")
        done = run("evaluate", "r.trec", "q.tsv")
        assert done.code == 2
        assert (
            "r.trec holds hits, not judgments; q.tsv could be the judgments" in done.error["error"]
        )
        twice = run("evaluate", "q.tsv", "q.tsv")
        assert twice.code == 2
        assert "holds no hits" in twice.error["error"]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("q1 Q0 d1 1 nan x", "nan"),
            ("q1 Q0 d1 1 2.0 x\nq1 Q0 d1 2 1.0 x", "d1"),
            ("q1 Q0 d1 1 2.0", ":1"),
        ],
    )
    def test_a_bad_line_is_refused_with_its_place(
        self, tmp_path: Path, run: Run, line: str, said: str
    ) -> None:
        qrels_tsv(tmp_path / "q.tsv", QRELS)
        (tmp_path / "r.trec").write_text(f"q9 Q0 d9 1 1.0 x\n{line}\n")
        done = run("evaluate", "q.tsv", "r.trec")
        assert done.code == 2
        assert "r.trec" in done.error["error"]
        assert said in done.error["error"] or ":2" in done.error["error"]

    def test_an_empty_run_and_empty_judgments_are_refused(self, tmp_path: Path, run: Run) -> None:
        qrels_tsv(tmp_path / "q.tsv", QRELS)
        (tmp_path / "r.trec").write_text("")
        assert run("evaluate", "q.tsv", "r.trec").code == 2
        (tmp_path / "r.trec").write_text("q1 Q0 d1 1 2.0 x\n")
        (tmp_path / "q.tsv").write_text("")
        assert run("evaluate", "q.tsv", "r.trec").code == 2

    def test_json_lines_of_judgments_are_read(self, tmp_path: Path, run: Run) -> None:
        jsonl(tmp_path / "q.jsonl", [{"query_id": "q1", "doc_id": "d1", "grade": 1}])
        (tmp_path / "r.trec").write_text("q1 Q0 d1 1 2.0 x\n")
        done = run("evaluate", "q.jsonl", "r.trec", "-m", "ap")
        assert json.loads(done.out)["runs"]["r"]["measures"]["AP"]["mean"] == 1.0
