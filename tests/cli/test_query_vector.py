"""``retrieve query`` with vectors, and an index that knows no model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.cli.corpus import REVIEWS, write_reviews


@pytest.fixture(autouse=True)
def _own(run: Run) -> None:
    """Index the reviews by vectors of their own: each along its own axis."""
    np.save("x.npy", np.eye(len(REVIEWS)))
    assert run("index", write_reviews(Path()).name, "--vectors", "x.npy").code == 0


def test_rows_of_a_file_are_asked_one_by_one(run: Run) -> None:
    np.save("q.npy", np.eye(5)[[3, 1]])
    hits = run("query", "--query-vector", "q.npy", "-k", "1").rows
    assert [(hit["query_id"], hit["doc_id"]) for hit in hits] == [("1", "r4"), ("2", "r2")]
    assert hits[0]["query_kind"] == "vector"


def test_a_person_sees_sentences_without_a_model(on_terminal: OnTerminal) -> None:
    np.save("q.npy", np.eye(5)[0])
    screen = on_terminal("query", "--query-vector", "q.npy", "-k", "1", "--index", "reviews")
    assert screen.code == 0
    assert "A positive review." in screen.text
    words = on_terminal("query", "battery", "--mode", "lexical", "--index", "reviews")
    assert "battery" in words.text


def test_a_vector_stands_for_the_meaning_of_a_text(run: Run) -> None:
    np.save("q.npy", np.eye(5)[1])
    hits = run("query", "battery", "--query-vector", "q.npy", "--mode", "hybrid").rows
    assert {hit["doc_id"] for hit in hits[:2]} == {"r2", "r3"}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--query-vector", "short.npy"], "usage"),
        (["--query-vector", "nowhere.npy"], "input"),
        (["--query-vector", "words.npy"], "input"),
        (["--query-vector", "x.npy", "--like", "r1"], "usage"),
        (["--query-vector", "x.npy", "--mode", "lexical"], "usage"),
        (["text", "--query-vector", "x.npy"], "usage"),
        (["text"], "usage"),
    ],
)
def test_what_cannot_be_asked_is_refused(run: Run, options: list[str], code: str) -> None:
    np.save("short.npy", np.ones(3))
    np.save("words.npy", np.array(["a"]))
    result = run("query", *options)
    assert (result.code, result.error["code"]) == (2, code)


def test_a_context_needs_a_model_that_counts_tokens(run: Run) -> None:
    np.save("q.npy", np.eye(5)[1])
    result = run("query", "--query-vector", "q.npy", "--context")
    assert (result.code, result.error["code"]) == (2, "usage")
    assert "count tokens" in result.err
