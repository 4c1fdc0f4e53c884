from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run

FILMS: list[tuple[str, str, dict[str, object]]] = [
    ("a", "a warm film", {"year": 1999, "lang": "en", "tags": ["x", "y"], "odd": 1}),
    ("b", "a cold film", {"year": 2020, "lang": "de", "tags": ["x"], "odd": "1"}),
    ("c", "a warm book", {"year": 2021, "lang": "en", "odd": 2}),
    ("d", "a long book", {"lang": "fr", "nested": {"k": 1}}),
]


@pytest.fixture
def films(tmp_path: Path, hashing: None, run: Run) -> Path:
    rows = [json.dumps({"id": name, "text": text, **rest}) for name, text, rest in FILMS]
    (tmp_path / "films.jsonl").write_text("\n".join(rows))
    assert run("index", "films.jsonl").code == 0
    return tmp_path


def ids(rows: list[dict[str, str]]) -> set[str]:
    return {row["doc_id"] for row in rows if "doc_id" in row}


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_where_restricts_every_mode(films: Path, run: Run, mode: str) -> None:
    done = run("query", "warm book", "--mode", mode, "--where", "year >= 2020", "--where",
               'lang = "en"')  # fmt: skip
    assert done.code == 0
    assert ids(done.rows) == {"c"}


def test_where_restricts_examples_and_batches(films: Path, run: Run) -> None:
    done = run("query", "--like", "a", "--where", 'lang != "fr"')
    assert ids(done.rows) == {"b", "c"}
    (films / "q.txt").write_text("warm\nbook\n")
    done = run("query", "--queries", "q.txt", "--where", "not exists(year)")
    assert [row["doc_id"] for row in done.rows] == ["d", "d"]


def test_no_document_fits(films: Path, run: Run, on_terminal: OnTerminal) -> None:
    assert run("query", "warm", "--where", "year = 1").code == 1
    seen = on_terminal("query", "warm", "--where", "year = 1", RETRIEVE_MODEL="testing-hashing")
    assert "no document of films fits the filter year = 1" in seen.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("year >=", "at character 8"),
        ("yeer = 1", "Did you mean year?"),
        ('year = "1999"', "integers"),
        ("odd = 1", "integers (2 documents) and strings (1 document)"),
        ("nested = 1", "cannot be compared"),
        ("(" * 1000, "nested more than 100 deep"),
    ],
)
def test_what_cannot_be_filtered_by_is_refused(films: Path, run: Run, text: str, told: str) -> None:
    done = run("query", "warm", "--where", text)
    assert (done.code, done.out) == (2, "")
    assert done.error["code"] == "filter"
    assert told in done.error["error"] + done.error["fix"]


def test_facets_count_what_fits_and_not_the_hits(films: Path, run: Run) -> None:
    done = run("query", "warm", "-k", "1", "--where", "exists(year)", "--facet", "lang",
               "--facet", "tags")  # fmt: skip
    hit, lang, tags = done.rows
    assert hit["rank"] == 1
    assert lang == {
        "schema_version": 1, "facet": "lang", "type": "string", "documents": 3, "missing": 0,
        "values": [{"value": "en", "count": 2}, {"value": "de", "count": 1}],
    }  # fmt: skip
    assert (tags["missing"], tags["values"][0]) == (1, {"value": "x", "count": 2})


def test_facets_stand_below_the_hits(films: Path, run: Run, on_terminal: OnTerminal) -> None:
    seen = on_terminal("query", "warm", "--facet", "year", RETRIEVE_MODEL="testing-hashing")
    assert seen.code == 0
    assert "year: 3 values in 4 documents, 1 of them without it" in seen.text
    assert run("query", "warm", "--facet", "nothing").code == 2


def test_delete_where(films: Path, run: Run) -> None:
    done = run("delete", "--where", "year >= 2020", "--dry-run", "--index", "films")
    assert (done.rows[0]["deleted"], done.rows[0]["dry_run"]) == (2, True)
    assert run("status").rows[0]["documents"] == 4
    done = run("delete", "--where", "year >= 2020", "--index", "films")
    assert (done.rows[0]["deleted"], done.rows[0]["dry_run"]) == (2, False)
    assert run("status").rows[0]["documents"] == 2
    assert run("delete", "a", "--where", "year = 1", "--index", "films").code == 2
    assert run("delete", "a", "nobody", "--dry-run").rows[0]["missing"] == ["nobody"]


def test_status_lists_the_fields(films: Path, run: Run, on_terminal: OnTerminal) -> None:
    (status,) = run("status").rows
    fields = {one["name"]: one for one in status["fields"]}
    assert fields["year"] == {"name": "year", "type": "integer", "documents": 3, "sorts": {}}
    assert fields["tags"]["type"] == "list of strings"
    assert fields["odd"]["sorts"] == {"integer": 2, "string": 1}
    assert fields["nested"]["type"] == "nested"
    seen = on_terminal("status", COLUMNS="120").text
    assert "lang: string, 4 documents" in seen
    assert "odd: mixed, 3 documents (2 integer, 1 string); cannot be filtered by" in seen


def test_indexing_reports_mixed_fields(films: Path, run: Run, on_terminal: OnTerminal) -> None:
    (report,) = run("index", "films.jsonl").rows
    assert report["mixed_fields"] == {"odd": {"integer": 2, "string": 1}}
    seen = on_terminal("index", "films.jsonl", RETRIEVE_MODEL="testing-hashing", COLUMNS="120")
    assert "field odd: 2 integer, 1 string; cannot be filtered by" in seen.text


def test_metadata_is_updated_in_place(films: Path, run: Run) -> None:
    done = run("update", "--set", "seen=true", "--set", 'code="7"', "--unset", "odd", "--where",
               "exists(year)", "--index", "films")  # fmt: skip
    assert (done.code, done.rows[0]["changed"]) == (0, 3)
    fields = {one["name"]: one["type"] for one in run("status").rows[0]["fields"]}
    assert (fields["seen"], fields["code"]) == ("boolean", "string")
    assert "odd" not in fields
    done = run("update", "d", "nobody", "--set", "seen=not yet", "--index", "films")
    assert done.rows[0]["changed"] == 1
    assert run("query", "warm", "--where", "exists(seen)").rows[0]["metadata"]["seen"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("--set", "a=1"),
        ("d", "--where", "year = 1", "--set", "a=1"),
        ("d",),
        ("d", "--set", "a"),
        ("d", "--set", "a=1", "--unset", "a"),
        ("d", "--set", "text=x"),
    ],
)
def test_updates_that_mean_nothing_are_refused(
    films: Path, run: Run, words: tuple[str, ...]
) -> None:
    done = run("update", *words, "--index", "films")
    assert (done.code, done.out) == (2, "")
    assert done.error["fix"]
