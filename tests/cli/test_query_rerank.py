from __future__ import annotations

import json

import pytest

from retrieval.cli.query_options.reranking import DEFAULT
from retrieval.encode.crossencoder_folder import DEFAULT_RERANKER
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("reviews")
RERANK = "--rerank=testing-words"


def test_hits_say_both_stages(run: Run) -> None:
    result = run("query", "a film", RERANK, "--mode", "hybrid")
    assert result.code == 0, result.err
    for hit in result.rows:
        assert {"dense", "lexical", "fused", "first", "rerank"} == set(hit["scores"])
        assert 0 <= hit["score"] <= 1


def test_few_candidates_leave_the_rest_below(run: Run) -> None:
    rows = run("query", "a film", "--rerank", "testing-words", "--candidates", "2").rows
    assert ["rerank" in hit["scores"] for hit in rows] == [True, True, False, False, False]
    assert rows[2]["score"] < 0


def test_the_reranker_alone_or_by_a_weight(run: Run) -> None:
    alone = run("query", "a film", RERANK, "--rerank-only").rows
    assert all(hit["score"] == hit["scores"]["rerank"] for hit in alone)
    weighed = run("query", "a film", RERANK, "--rerank-weight", "1").rows
    assert [hit["doc_id"] for hit in weighed] == [hit["doc_id"] for hit in alone]


@pytest.mark.parametrize(
    "options",
    [
        ["--candidates", "5"],
        ["--rerank-timeout", "1"],
        ["--rerank-only"],
        ["--rerank-weight", "0.5"],
        [RERANK, "--rerank-timeout", "0"],
        [RERANK, "--rerank-weight", "2"],
        [RERANK, "--rerank-weight", "0.5", "--rerank-only"],
        [RERANK, "--against", "soup"],
        ["--rerank="],
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Run, options: list[str]) -> None:
    result = run("query", "film", *options)
    assert result.code == 2
    assert result.error["code"] == "usage"


def test_a_text_taken_for_the_model_is_told(run: Run) -> None:
    result = run("query", "--rerank", "positive review")
    assert result.code == 2
    assert "its model, here 'positive review'" in result.error["error"]


def test_the_default_model_is_named_where_it_is_missing(run: Run) -> None:
    assert DEFAULT == DEFAULT_RERANKER
    result = run("query", "film", "--rerank", "--offline")
    assert result.code == 2
    assert result.error["code"] == "model_not_found"
    assert DEFAULT in result.error["error"]
    assert "train crossencoder --beir" in result.error["fix"]
    assert json.loads(result.err.splitlines()[-1])
