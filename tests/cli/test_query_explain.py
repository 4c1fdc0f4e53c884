from __future__ import annotations

import numpy as np
import pytest

from retrieval.testing.encoders import HashingEncoder
from tests.cli.conftest import OnTerminal, Run

pytestmark = pytest.mark.usefixtures("reviews")


def test_an_explanation_is_a_field_of_its_hit(run: Run) -> None:
    result = run("query", "film soup", "--mode", "hybrid", "--explain", "-k", "3")
    assert result.code == 0
    for hit in result.rows:
        told = hit["explanation"]
        assert sum(term["weight"] for term in told["lexical"]["terms"]) == pytest.approx(
            hit["scores"]["lexical"], abs=1e-9
        )
        assert told["fusion"]["score"] == pytest.approx(hit["score"], abs=1e-9)
        assert told["dense"]["score"] == hit["scores"]["dense"]
        start, end = told["sentence"]
        assert hit["text"][start:end].strip()
    assert "explanation" not in run("query", "film soup", "-k", "1").rows[0]


def test_the_parts_of_a_contrast_are_told(run: Run) -> None:
    (hit,) = run("query", "good film", "--against", "bad film", "--explain", "-k", "1").rows
    parts = hit["explanation"]["parts"]
    assert [(part["kind"], part["name"]) for part in parts] == [
        ("text", "good film"),
        ("text", "bad film"),
    ]
    assert sum(part["contribution"] for part in parts) == pytest.approx(hit["score"], abs=1e-6)


@pytest.mark.parametrize("no_color", [False, True])
def test_colours_are_for_terminals_that_want_them(on_terminal: OnTerminal, no_color: bool) -> None:
    environment = {"NO_COLOR": "1"} if no_color else {}
    screen = on_terminal(
        "query", "film", "--index", "reviews", "--mode", "hybrid", "--explain", "-k", "2",
        **environment,
    )  # fmt: skip
    assert screen.code == 0
    assert "meaning" in screen.text
    assert "idf" in screen.text
    assert ("\x1b[32m" in screen.text) is not no_color


def test_passages_and_hits_that_differ_are_options(run: Run) -> None:
    hits = run(
        "query", "film", "--unit", "passage", "--max-per-doc", "1", "-k", "5", "--diversify"
    ).rows
    assert len(hits) == 5
    assert len({hit["doc_id"] for hit in hits}) == 5
    usual, written_out = (
        run("query", "film", "-k", "4", *said).rows
        for said in (["--diversify"], ["--diversify", "0.7"])
    )
    assert usual == written_out
    other = run("query", "film", "-k", "5", "--diversify", "0.2", "--fields", "doc_id").rows
    plain = run("query", "film", "-k", "5", "--fields", "doc_id").rows
    assert other[0] == plain[0]
    assert other != plain


@pytest.mark.parametrize(
    "options",
    [
        ["--max-per-doc", "2"],
        ["--diversify", "2"],
        ["--token-budget", "100"],
        ["--context", "--fields", "doc_id"],
        ["--context", "--explain"],
        ["--context", "--unit", "document"],
        ["--context", "--token-budget", "1"],
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Run, options: list[str]) -> None:
    result = run("query", "film", *options)
    assert (result.code, result.error["code"]) == (2, "usage")


def test_a_context_is_one_line_of_json_for_each_query(run: Run) -> None:
    result = run("query", "-", "--context", "--token-budget", "120", stdin=b"film\nsoup\n")
    assert result.code == 0
    assert [one["query"] for one in result.rows] == ["film", "soup"]
    for one in result.rows:
        assert one["schema_version"] == 1
        assert 0 < one["tokens"] <= one["token_budget"] == 120
        assert one["text"].startswith("[1] ")
        assert [cited["number"] for cited in one["citations"]] == list(
            range(1, len(one["citations"]) + 1)
        )


def test_a_context_is_plain_text_on_a_terminal(on_terminal: OnTerminal) -> None:
    screen = on_terminal("query", "film", "--index", "reviews", "--context")
    assert screen.code == 0
    assert screen.lines[0].startswith("[1] ")


def test_a_context_comes_from_any_kind_of_query(run: Run) -> None:
    (first,) = run("query", "good film", "--against", "bad film", "--context").rows
    doc_id = first["citations"][0]["doc_id"]
    (other,) = run("query", "--like", doc_id, "--context", "-k", "3").rows
    assert doc_id not in [one["doc_id"] for one in other["citations"]]
    assert run("query", "zzzz", "--mode", "lexical", "--context").code == 1


def test_a_context_comes_from_vectors_too(run: Run) -> None:
    row = HashingEncoder().encode_queries(["battery"])
    np.save("q.npy", row)
    (one,) = run("query", "--query-vector", "q.npy", "--context", "-k", "1").rows
    (hit,) = run("query", "battery", "-k", "1").rows
    assert [cited["doc_id"] for cited in one["citations"]] == [hit["doc_id"]]
