from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run


def test_a_text_against_another(reviews: Path, run: Run) -> None:
    done = run("query", "positive review", "--against", "novel bored me", "-k", "5")
    assert done.code == 0
    assert done.rows[0]["query_kind"] == "contrast"
    assert done.rows[-1]["doc_id"] == "r4"
    assert done.rows[-1]["score"] < 0


def test_documents_like_another(reviews: Path, run: Run, on_terminal: OnTerminal) -> None:
    done = run("query", "--like", "r1", "-k", "2")
    assert done.code == 0
    assert [row["rank"] for row in done.rows] == [1, 2]
    assert "r1" not in {row["doc_id"] for row in done.rows}
    seen = on_terminal("query", "--like", "r1", RETRIEVE_MODEL="testing-hashing", TERM="dumb")
    assert seen.code == 0
    assert "A dish worth the journey" in seen.text


def test_a_text_moved_towards_and_away_from_documents(reviews: Path, run: Run) -> None:
    done = run("query", "slow waiter", "--more", "r5", "--less", "r3", "-k", "9")
    assert done.code == 0
    assert {row["doc_id"] for row in done.rows} == {"r1", "r2", "r4"}
    assert done.rows[0]["query"] == "slow waiter"


@pytest.mark.parametrize(
    "words",
    [
        ("--against", "x"),
        ("x", "--like", "r1"),
        ("x", "--more", "nothing"),
        ("x", "--against", ""),
        ("--queries", "q.txt", "--against", "x"),
        ("-", "--against", "x"),
    ],
)
def test_what_cannot_be_is_refused(
    reviews: Path, tmp_path: Path, run: Run, words: tuple[str, ...]
) -> None:
    (tmp_path / "q.txt").write_text("one\ntwo\n")
    done = run("query", *words, stdin=b"one\ntwo\n")
    assert done.code == 2
    assert done.out == ""
    assert done.error["fix"]
