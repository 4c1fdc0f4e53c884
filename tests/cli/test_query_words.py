from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("reviews")


def found(run: Run, *words: str) -> set[str]:
    return {hit["doc_id"] for hit in run("query", *words, "-k", "10").rows}


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_phrases_and_words_left_out_restrict_any_mode(run: Run, mode: str) -> None:
    query = ("a cold film, a positive dish", "--mode", mode)
    assert found(run, *query, "--phrase", "positive review") == {"r1"}
    assert found(run, *query, "--phrase", "positive", "--without", "film") == {"r5"}
    assert found(run, *query, "--phrase", "positive", "--phrase", "cold") == set()


def test_operators_are_read_where_they_are_asked_for(run: Run) -> None:
    assert found(run, '"positive review" soup', "--syntax") == {"r1"}
    assert found(run, "positive -film -novel -phone", "--syntax") == {"r2", "r5"}
    assert len(found(run, '"positive review" -film')) == 5


def test_a_batch_has_operators_of_each_query(run: Run) -> None:
    Path("q.jsonl").write_text('{"id": "a", "text": "film +soup"}\n{"id": "b", "text": "a film"}\n')
    rows = run("query", "--queries", "q.jsonl", "--syntax").rows
    assert [hit["doc_id"] for hit in rows if hit["query_id"] == "a"] == ["r2"]
    assert len([hit for hit in rows if hit["query_id"] == "b"]) == 5


def test_an_open_quote_is_shown_with_its_place(run: Run) -> None:
    refused = run("query", 'a film "cold', "--syntax")
    assert refused.code == 2
    assert "at character 8: this quote is not closed" in refused.error["error"]


def test_words_that_nothing_holds_are_told(run: Run) -> None:
    none = run("query", "film", "--phrase", "soup cold")
    assert (none.code, none.out) == (1, "")
    assert run("query", "film", "--phrase", "of the").code == 2


@pytest.mark.parametrize("options", [["--also", "x"], ["--like", "r1"], ["--concept", "x"]])
def test_operators_need_plain_texts(run: Run, options: list[str]) -> None:
    text = [] if options[0] == "--concept" else ["film"]
    refused = run("query", *text, *options, "--syntax")
    assert refused.code == 2
    assert "--syntax reads plain texts" in json.loads(refused.err.splitlines()[-1])["error"]
