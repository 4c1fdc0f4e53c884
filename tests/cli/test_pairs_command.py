from __future__ import annotations

from pathlib import Path

import pytest

import retrieval
from tests.cli.conftest import OnTerminal, Run
from tests.engine.corpora import jsonl

ROWS = [
    {"id": "a", "text": "leek potato cream soup"},
    {"id": "b", "text": "LEEK potato cream soup"},
    {"id": "c", "text": "tyre pump \x1b[31mchain"},
    {"id": "d", "text": "tyre pump \x1b[31mchain"},
]


@pytest.fixture
def doubled(tmp_path: Path, run: Run, hashing: None) -> Path:
    path = jsonl(tmp_path / "doubled.jsonl", ROWS)
    assert run("index", path.name).code == 0
    with retrieval.open("doubled") as index:
        index.upsert([retrieval.Document("e", "")])
    return path


def test_a_pair_is_one_line(doubled: Path, run: Run) -> None:
    done = run("pairs")
    assert done.code == 0
    assert {(one["first_id"], one["second_id"], one["reason"]) for one in done.rows} == {
        ("a", "b", "same text but for case and white space"),
        ("c", "d", "same text"),
    }
    assert [one["rank"] for one in done.rows] == [1, 2]
    assert all(one["schema_version"] == 1 and one["index"] == "doubled" for one in done.rows)
    assert "4 documents of doubled compared, 6 pairs; 1 document without text" in done.err


def test_groups_are_lines_too(doubled: Path, run: Run) -> None:
    rows = run("pairs", "--groups", "--json").rows
    assert [(one["group"], one["size"], one["ids"]) for one in rows] == [
        (1, 2, ["a", "b"]),
        (2, 2, ["c", "d"]),
    ]


def test_the_number_of_pairs_and_their_least_score_are_options(doubled: Path, run: Run) -> None:
    assert len(run("pairs", "-k", "1").rows) == 1
    assert len(run("pairs", "--min-score", "-1").rows) == 6
    assert len(run("pairs", "--min-score", "1").rows) == 2


def test_no_pair_is_said_and_no_failure(tmp_path: Path, reviews: Path, run: Run) -> None:
    done = run("pairs", "--index", "reviews")
    assert done.code == 0
    assert done.out == ""
    assert "No pair reaches a score of 0.9." in done.err


@pytest.mark.parametrize("words", [("-k", "0"), ("--min-score", "2"), ("--index", "nothing")])
def test_what_cannot_be_is_refused(doubled: Path, run: Run, words: tuple[str, ...]) -> None:
    done = run("pairs", *words)
    assert done.code == 2
    assert done.error["error"]


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_a_person_sees_both_texts_and_the_reason(
    doubled: Path, on_terminal: OnTerminal, columns: int
) -> None:
    seen = on_terminal("pairs", columns=columns, TERM="dumb")
    assert seen.code == 0
    text = " ".join(seen.text.split())
    assert "same text but for case and white space" in text
    assert "LEEK potato cream soup" in text
    assert "\\x1b[31mchain" in text
    grouped = on_terminal("pairs", "--groups", columns=columns, TERM="dumb")
    assert "c, d" in grouped.text
