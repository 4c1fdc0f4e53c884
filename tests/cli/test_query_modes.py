from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("reviews")


def test_words_rank_by_bm25(run: Run) -> None:
    result = run("query", "film", "--mode", "lexical")
    assert result.code == 0
    assert all("film" in hit["text"].lower() for hit in result.rows)
    assert all(hit["scores"] == {"lexical": hit["score"]} for hit in result.rows)


def test_no_document_with_a_word_is_no_hit(run: Run) -> None:
    result = run("query", "zzzzz", "--mode", "lexical")
    assert (result.code, result.out) == (1, "")


def test_both_rank_together(run: Run) -> None:
    (hit,) = run("query", "film", "--mode", "hybrid", "-k", "1", "--fields", "score,scores").rows
    assert 0 < hit["scores"]["fused"] == hit["score"] <= 1


@pytest.mark.parametrize(
    "options",
    [
        ["--weight", "0.5"],
        ["--k1", "1"],
        ["--mode", "lexical", "--fusion", "rrf"],
        ["--mode", "hybrid", "--weight", "2"],
        ["--mode", "hybrid", "--also", "soup"],
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Run, options: list[str]) -> None:
    result = run("query", "film", *options)
    assert result.code == 2
    assert result.error["code"] == "usage"


def test_signs_in_a_query_mean_nothing(run: Run) -> None:
    plain = run("query", "film soup", "--mode", "lexical", "--fields", "doc_id,score").rows
    signed = run("query", '"film" -soup', "--mode", "lexical", "--fields", "doc_id,score").rows
    assert plain == signed
