from __future__ import annotations

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
