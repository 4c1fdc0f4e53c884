from __future__ import annotations

import math
from pathlib import Path

import pytest

import retrieval
from retrieval.errors import UsageError
from retrieval.query.search_options import SearchOptions
from tests.engine.corpora import beir, built


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(beir(tmp_path / "beir"), tmp_path / "home")


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_hits_below_the_least_score_are_left_out(index: retrieval.Index, mode: str) -> None:
    every = index.search("leek cream tyre", mode=mode)
    least = every[1].score
    kept = index.search("leek cream tyre", mode=mode, min_score=least)
    assert kept == [hit for hit in every if hit.score >= least]
    assert 2 <= len(kept) < len(every)


def test_the_least_score_holds_for_examples_and_batches(index: retrieval.Index) -> None:
    best = index.search(like=["d1"])[0].score
    assert len(index.search(like=["d1"], min_score=best)) == 1
    assert index.search_many(["leek", "tyre"], min_score=2.0) == [[], []]


def test_a_least_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="not a number"):
        SearchOptions(min_score=math.nan)
