from __future__ import annotations

from pathlib import Path

import pytest

import retrieval
from tests.cli.conftest import OnTerminal, Run
from tests.engine.corpora import jsonl
from tests.engine.test_clustering import topic_rows


@pytest.fixture
def topics(tmp_path: Path, run: Run, hashing: None) -> Path:
    path = jsonl(tmp_path / "topics.jsonl", topic_rows())
    assert run("index", path.name).code == 0
    return path


def test_the_answer_is_one_object(topics: Path, run: Run) -> None:
    done = run("cluster", "--k", "3", "--label-field", "topic", "--exemplars", "1")
    assert done.code == 0
    (report,) = done.rows
    assert report["schema_version"] == 1
    assert [one["size"] for one in report["clusters"]] == [9, 8, 7]
    assert report["agreement"]["adjusted_rand"] == 1.0
    assert report["tried"] is None
    assert all(len(one["exemplars"]) == 1 for one in report["clusters"])


def test_k_is_chosen_and_said(topics: Path, run: Run) -> None:
    done = run("cluster", "--k-range", "2:5")
    (report,) = done.rows
    assert report["k"] == 3
    assert [one["k"] for one in report["tried"]] == [2, 3, 4, 5]
    assert "note: k = 3 was chosen of 2, 3, 4, 5, by silhouette times stability." in done.err


def test_the_same_seed_gives_the_same_bytes(topics: Path, run: Run) -> None:
    words = ("cluster", "--k", "4", "--seed", "3")
    assert run(*words).out == run(*words).out


def test_clusters_are_stored_where_a_query_shows_them(topics: Path, run: Run) -> None:
    done = run("cluster", "--k", "3", "--store", "cluster")
    assert "note: Stored in field 'cluster': 24 documents changed." in done.err
    (hit,) = run("query", "leek soup", "-k", "1", "--index", "topics").rows
    assert hit["metadata"]["cluster"] == 1
    again = run("cluster", "--k", "3", "--store", "cluster")
    assert "no document changed" in again.err
    other = run("cluster", "--k", "4", "--store", "cluster")
    assert other.code == 2
    assert "--replace" in other.error["fix"]
    assert run("cluster", "--k", "4", "--store", "cluster", "--replace").code == 0


def test_storing_is_never_aimed_by_guessing(topics: Path, run: Run, tmp_path: Path) -> None:
    jsonl(tmp_path / "other.jsonl", topic_rows()[:4])
    assert run("index", "other.jsonl").code == 0
    assert run("cluster", "--k", "2", "--store", "cluster").error["code"] == "ambiguous_index"


def test_indexing_the_source_again_takes_the_field_away(topics: Path, run: Run) -> None:
    run("cluster", "--k", "3", "--store", "cluster")
    assert run("index", topics.name).code == 0
    with retrieval.open("topics") as index:
        assert not any("cluster" in one.document.metadata for one in index.snapshot.scan())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--k", "1"), "at least 2"),
        (("--k", "25"), "24 documents"),
        (("--k", "many"), "auto"),
        (("--k-range", "2"), "LOW:HIGH"),
        (("--k-range", "a:b"), "LOW:HIGH"),
        (("--k-range", "5:2"), "5 to 2"),
        (("--k", "3", "--label-field", "nothing"), "nothing"),
        (("--k", "3", "--store", "text"), "metadata field"),
        (("--k", "3", "--replace"), "--store"),
        (("--k", "3", "--seed", "-1"), "whole number"),
    ],
)
def test_what_cannot_be_is_refused(
    topics: Path, run: Run, words: tuple[str, ...], said: str
) -> None:
    done = run("cluster", *words)
    assert done.code == 2
    assert done.out == ""
    assert said in done.error["error"]


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_a_person_sees_clusters_names_and_figures(
    topics: Path, on_terminal: OnTerminal, columns: int
) -> None:
    seen = on_terminal(
        "cluster", "--k-range", "2:4", "--label-field", "topic", columns=columns, TERM="dumb"
    )
    assert seen.code == 0
    text = " ".join(seen.text.split())
    assert "24 documents in 3 clusters" in text
    assert "Against field topic (3 labels, 24 documents): ARI 1.000" in text
    assert "chosen" in text
    drawn = [line for line in seen.lines if not line.startswith(("note: ", "after "))]
    assert all(len(line) <= columns for line in drawn)


def test_the_map_is_one_whole_file(topics: Path, tmp_path: Path, run: Run) -> None:
    assert run("cluster", "--k", "3", "--html", "out/map.html").code == 0
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "0soup" in page
    assert run("cluster", "--k", "3", "--html", ".").code == 2
