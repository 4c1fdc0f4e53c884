"""Searches among the documents that hold some words: k of them whenever k do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import EmptyQueryError, UsageError
from retrieval.records import Hit
from tests.engine.corpora import beir, built


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(beir(tmp_path / "beir"), tmp_path / "home")


def scored(hits: list[Hit]) -> list[tuple[str, float]]:
    return [(hit.doc_id, hit.score) for hit in hits]


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
@pytest.mark.parametrize(
    ("words", "holding"),
    [
        ({"phrases": ["leek potato"]}, {"d1"}),
        ({"phrases": ["tyre"], "without": ["chain"]}, {"d4"}),
        ({"without": ["soup", "moon"]}, {"d3", "d4"}),
        ({"without": ["soup cream"]}, {"d2", "d3", "d4", "d6"}),
    ],
)
def test_hits_are_the_best_of_those_that_meet_the_words(
    index: retrieval.Index, mode: str, words: dict[str, Any], holding: set[str]
) -> None:
    query = "leek tyre tide"
    every = index.search(query, 10, mode=mode)
    for k in (1, 2, 10):
        found = index.search(query, k, mode=mode, **words)
        wanted = [hit for hit in every if hit.doc_id in holding]
        if mode == "hybrid":  # scales are those of the query, whatever may be found
            assert [hit.doc_id for hit in found] == [hit.doc_id for hit in wanted[:k]]
        else:
            assert scored(found) == scored(wanted[:k])


def test_every_kind_of_search_takes_words(index: retrieval.Index) -> None:
    assert {hit.doc_id for hit in index.search(like=["d1"], phrases=["tyre pump"])} == {"d4"}
    against = index.search("leek", against=["tyre"], without=["leek"])
    assert {hit.doc_id for hit in against} == {"d3", "d4", "d6"}


def test_words_and_a_filter_are_both_met(index: retrieval.Index) -> None:
    rows = [("e1", "tyre pump", 1), ("e2", "tyre pump", 2), ("e3", "tyre", 2)]
    index.upsert([{"id": name, "text": text, "year": year} for name, text, year in rows])
    (hit,) = index.search("tyre", where="year = 2", phrases=["tyre pump"])
    assert hit.doc_id == "e2"


def test_operators_in_a_query_are_conditions_of_it_alone(index: retrieval.Index) -> None:
    queries = ['"tyre pump" leek', "tyre -pump -soup -moon", "tyre +oil"]
    found = index.search_many(queries, syntax=True)
    assert [{hit.doc_id for hit in hits} for hits in found] == [{"d4"}, {"d3"}, {"d3"}]
    assert [hits[0].query for hits in found] == queries
    assert [hits[0].query_id for hits in found] == ["1", "2", "3"]
    assert scored(index.search('leek "tyre pump"', syntax=True)) == scored(
        index.search("leek tyre pump", phrases=["tyre pump"])
    )


def test_signs_mean_nothing_by_default(index: retrieval.Index) -> None:
    assert len(index.search('"tyre pump" -soup', 10)) == 5
    with pytest.raises(UsageError, match="not closed"):
        index.search('"tyre', syntax=True)
    assert len(index.search('"tyre', 10)) == 5


def test_what_cannot_be_is_refused(index: retrieval.Index) -> None:
    with pytest.raises(EmptyQueryError):
        index.search("-tyre", syntax=True)
    with pytest.raises(EmptyQueryError):
        index.search(" ", syntax=True)
    with pytest.raises(UsageError, match="takes a list of texts"):
        index.search("tyre", phrases="tyre pump")
    with pytest.raises(UsageError, match="syntax is for one text"):
        index.search("tyre", also=["pump"], syntax=True)
    with pytest.raises(UsageError, match="2 queries came with 1 ids"):
        index.search_many(["tyre", "pump"], query_ids=["a"], syntax=True)
