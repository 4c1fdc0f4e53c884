import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.records import OF_A_CONCEPT, Hit
from tests.cli.conftest import OnTerminal, Run
from tests.cli.terminal import environment_of_child

pytestmark = pytest.mark.usefixtures("reviews")


def test_hits_are_json_lines_of_the_contract(run: Run) -> None:
    result = run("query", "a positive review", "-k", "3")
    assert result.code == 0
    assert [hit["rank"] for hit in result.rows] == [1, 2, 3]
    left_out = {*OF_A_CONCEPT, "scores", "explanation"}
    for hit in result.rows:
        assert list(hit) == [
            "schema_version",
            *(name for name in Hit.__dataclass_fields__ if name not in left_out),
        ]
        assert hit["index"] == "reviews"
        assert hit["query"] == "a positive review"
        assert hit["query_id"] == "1"
    assert result.rows[0]["doc_id"] == "r1"
    assert result.rows[0]["metadata"] == {"year": 1999}


def test_the_index_that_was_chosen_is_named_on_standard_error(run: Run) -> None:
    assert "reviews" in run("query", "film").err
    assert run("query", "film", "--index", "reviews").err == ""


def test_fields_are_a_projection(run: Run) -> None:
    (hit,) = run("query", "film", "-k", "1", "--fields", "doc_id,metadata.year").rows
    assert set(hit) == {"schema_version", "query_id", "rank", "doc_id", "metadata"}


def test_a_batch_answers_each_query_as_it_would_alone(run: Run) -> None:
    Path("q.jsonl").write_text('{"id": "a", "text": "cold soup"}\n{"id": "b", "text": "a phone"}\n')
    batch = run("query", "--queries", "q.jsonl", "-k", "2")
    assert batch.code == 0
    alone = run("query", "cold soup", "-k", "2").rows + run("query", "a phone", "-k", "2").rows
    assert [hit["query_id"] for hit in batch.rows] == ["a", "a", "b", "b"]
    ignored = {"query_id"}
    assert [{k: v for k, v in hit.items() if k not in ignored} for hit in batch.rows] == [
        {k: v for k, v in hit.items() if k not in ignored} for hit in alone
    ]


@pytest.mark.parametrize("args", [["-"], ["--queries", "-"]])
def test_standard_input_is_a_batch(run: Run, args: list[str]) -> None:
    result = run("query", *args, "-k", "1", stdin=b"cold soup\na phone\n")
    assert [hit["query_id"] for hit in result.rows] == ["1", "2"]
    packed = run("query", *args, "-k", "1", stdin=gzip.compress(b"cold soup\n"))
    assert [hit["doc_id"] for hit in packed.rows] == ["r2"]


def test_without_documents_there_are_no_hits_and_the_code_is_1(run: Run) -> None:
    assert run("delete", "r1", "r2", "r3", "r4", "r5").code == 0
    result = run("query", "film")
    assert result.code == 1
    assert result.out == ""


def test_a_missing_index_is_refused_with_those_there_are(run: Run) -> None:
    result = run("query", "film", "--index", "reviewz")
    assert result.code == 2
    assert result.error["code"] == "index_not_found"
    assert "reviews" in result.error["error"]


def test_with_several_indexes_a_program_must_name_one(run: Run) -> None:
    Path("notes.txt").write_text("A note.")
    assert run("index", "notes.txt").code == 0
    result = run("query", "film")
    assert result.code == 2
    assert result.error["code"] == "ambiguous_index"
    assert "notes, reviews" in result.error["error"]


def test_a_person_with_several_indexes_gets_the_newest_and_is_told(
    run: Run, on_terminal: OnTerminal
) -> None:
    Path("notes.txt").write_text("A note.")
    assert run("index", "notes.txt").code == 0
    screen = on_terminal("query", "note")
    assert screen.code == 0
    assert screen.lines[0].startswith("note: ")
    assert "notes" in screen.lines[0]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_table_fits_the_terminal_and_marks_the_match(
    on_terminal: OnTerminal, columns: int
) -> None:
    screen = on_terminal("query", "positive review", "--index", "reviews", columns=columns)
    assert screen.code == 0
    assert "\x1b[1mpositive\x1b[0m \x1b[1mreview\x1b[0m" in screen.text
    plain = screen.text.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= columns
    assert "The film is a joy" not in plain  # the other sentence of the best passage


@pytest.mark.parametrize("setting", [{"TERM": "dumb"}, {"NO_COLOR": "1", "TERM": "dumb"}])
def test_a_dumb_terminal_gets_plain_text(on_terminal: OnTerminal, setting: dict[str, str]) -> None:
    screen = on_terminal("query", "positive review", "--index", "reviews", **setting)
    assert "\x1b" not in screen.text
    assert "r1" in screen.text


def test_no_color_leaves_no_colour(on_terminal: OnTerminal) -> None:
    screen = on_terminal("query", "positive review", "--index", "reviews", NO_COLOR="1")
    assert "\x1b[3" not in screen.text
    assert "\x1b[9" not in screen.text


def test_a_document_cannot_steer_the_terminal(run: Run, on_terminal: OnTerminal) -> None:
    row = {"id": "e\x1b[2J", "text": "evil \x1b]0;owned\x07 \x9b2J text", "title": "\x1b[31m"}
    Path("evil.jsonl").write_text(json.dumps(row) + "\n")
    assert run("index", "evil.jsonl").code == 0
    screen = on_terminal("query", "evil text", "--index", "evil", TERM="dumb")
    assert not set(screen.text) & {"\x1b", "\x07", "\x9b"}
    assert "e\\x1b[2J" in screen.text
    as_json = on_terminal("query", "evil text", "--index", "evil", "--json")
    assert not set(as_json.text) & {"\x1b", "\x07", "\x9b"}
    assert json.loads(as_json.text)["doc_id"] == row["id"]


def test_a_terminal_without_unicode_is_no_reason_to_crash(
    run: Run, on_terminal: OnTerminal
) -> None:
    Path("wide.jsonl").write_text('{"id": "日本", "text": "映画 naïve"}\n', encoding="utf-8")
    assert run("index", "wide.jsonl").code == 0
    screen = on_terminal("query", "映画", "--index", "wide", PYTHONIOENCODING="ascii")
    assert screen.code == 0
    assert "\\u65e5\\u672c" in screen.text


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    line = f"{sys.executable} -m retrieval.testing.cli query film --index reviews | head -n 1"
    ran = subprocess.run(
        ["/bin/sh", "-c", line],
        capture_output=True,
        cwd=tmp_path,
        env=environment_of_child(),
        check=False,
    )
    assert ran.stdout.count(b"\n") == 1
    assert ran.stderr == b""
