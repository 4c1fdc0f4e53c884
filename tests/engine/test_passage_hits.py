from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import UsageError
from tests.engine.corpora import built, jsonl

ROWS = [
    {
        "id": f"d{number}",
        "title": "Soup" if number % 2 else "",
        "text": " ".join(
            f"Sentence {part} of text {number} is about {word} and cream."
            for part, word in enumerate(["leek", "potato", "tyre", "tide", "leek"] * (1 + number))
        ),
    }
    for number in range(4)
]


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    options = retrieval.PassageOptions(tokens=30, overlap=5)
    return built(jsonl(tmp_path / "r.jsonl", ROWS), tmp_path / "home", passages=options)


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_passages_are_hits_as_often_as_is_wanted(index: retrieval.Index, mode: str) -> None:
    documents = index.search("leek", 100, mode=mode)
    every = index.search("leek", 100, mode=mode, unit="passage")
    counts = Counter(hit.doc_id for hit in every)
    assert max(counts.values()) > 2
    assert len({hit.passage_id for hit in every}) == len(every)
    assert every[0].score == documents[0].score or mode == "hybrid"
    two = index.search("leek", 100, mode=mode, unit="passage", max_per_doc=2)
    assert Counter(hit.doc_id for hit in two) == {one: min(n, 2) for one, n in counts.items()}
    assert [hit.rank for hit in two] == list(range(1, len(two) + 1))
    for hit in every:
        text = next(str(row["text"]) for row in ROWS if row["id"] == hit.doc_id)
        assert hit.text == text[hit.span.start : hit.span.end]


def test_one_passage_of_a_document_is_its_best(index: retrieval.Index) -> None:
    documents = index.search("leek tyre", 10)
    passages = index.search("leek tyre", 10, unit="passage", max_per_doc=1)
    assert [(hit.passage_id, hit.score) for hit in passages] == [
        (hit.passage_id, hit.score) for hit in documents
    ]


def test_passages_of_examples_are_left_out(index: retrieval.Index) -> None:
    hits = index.search(like=["d3"], k=100, unit="passage")
    assert {hit.doc_id for hit in hits} == {"d0", "d1", "d2"}


def test_hits_that_differ_come_from_any_first_stage(index: retrieval.Index) -> None:
    for options in ({"mode": "lexical"}, {"mode": "hybrid"}, {"against": ["tide"]}):
        plain = index.search("leek", 6, unit="passage", **options)
        differ: list[Any] = index.search("leek", 6, unit="passage", diversify=0.3, **options)
        assert differ[0].passage_id == plain[0].passage_id
        assert [hit.passage_id for hit in differ] != [hit.passage_id for hit in plain]


def test_batches_take_the_same_options(index: retrieval.Index) -> None:
    queries = ["leek", "tyre tide"]
    options: dict[str, Any] = {"unit": "passage", "max_per_doc": 1, "diversify": True}
    alone = [index.search(query, 5, **options) for query in queries]
    together = index.search_many(queries, 5, **options)
    assert [[hit.passage_id for hit in hits] for hits in together] == [
        [hit.passage_id for hit in hits] for hits in alone
    ]


def test_max_per_doc_is_for_passages(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="unit='passage'"):
        _ = index.search("leek", max_per_doc=2)


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_a_filter_holds_for_passages_and_explanations(tmp_path: Path, mode: str) -> None:
    rows = [{**row, "even": number % 2 == 0} for number, row in enumerate(ROWS)]
    options = retrieval.PassageOptions(tokens=30, overlap=5)
    index = built(jsonl(tmp_path / "e.jsonl", rows), tmp_path / "other", passages=options)
    every = index.search("leek", 100, mode=mode, unit="passage")
    hits = index.search("leek", 100, mode=mode, unit="passage", where="even = true", explain=True)
    # a filter takes passages away and changes no score
    assert [(hit.passage_id, hit.score) for hit in hits] == [
        (hit.passage_id, hit.score) for hit in every if hit.metadata["even"]
    ]
    assert len(index.search("leek", 3, mode=mode, unit="passage", where="even = true")) == 3
    for hit in hits:
        one = hit.explanation
        assert one is not None
        if one.fusion is not None:
            assert one.fusion.score == pytest.approx(hit.score, abs=1e-9)
    like = index.search(like=["d0"], k=100, unit="passage", where="even = true")
    assert {hit.doc_id for hit in like} == {"d2"}
    context = index.context("leek", mode=mode, where="even = false", token_budget=200)
    assert {one.doc_id for one in context.citations} <= {"d1", "d3"}


def test_ranks_among_filtered_passages_are_explained(tmp_path: Path) -> None:
    from retrieval.query.modes import Fusion, ModeOptions, SearchMode

    rows = [{**row, "even": number % 2 == 0} for number, row in enumerate(ROWS)]
    index = built(jsonl(tmp_path / "e.jsonl", rows), tmp_path / "other")
    options = ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF)
    narrowed: list[dict[str, Any]] = [{"where": "even = true"}, {"without": ["soup"]}]
    for unit, words in itertools.product(("document", "passage"), narrowed):
        hits = index.search("leek", mode=options, unit=unit, explain=True, **words)
        assert {hit.doc_id for hit in hits} == {"d0", "d2"}
        for hit in hits:
            assert hit.explanation is not None
            assert hit.explanation.fusion is not None
            assert hit.explanation.fusion.score == pytest.approx(hit.score, abs=1e-9)
