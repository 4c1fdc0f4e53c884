from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import retrieval
from retrieval.errors import UsageError
from tests.engine.corpora import built, jsonl
from tests.engine.test_own_vectors import own
from tests.engine.test_passage_hits import ROWS


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    options = retrieval.PassageOptions(tokens=30, overlap=5)
    rows = [*ROWS, {**ROWS[3], "id": "twin"}]
    return built(jsonl(tmp_path / "r.jsonl", rows), tmp_path / "home", passages=options)


def test_a_context_stays_within_the_tokens_of_the_model(index: retrieval.Index) -> None:
    for budget in (40, 100, 333, 2000):
        found = index.context("leek and tyre", token_budget=budget)
        (offsets,) = index.encoder.token_offsets([found.text])
        assert len(offsets) == found.tokens <= budget
        assert found.citations
        assert found.query == "leek and tyre"


def test_tokens_are_counted_by_whoever_is_given(index: retrieval.Index) -> None:
    found = index.context("leek", token_budget=300, count=len)
    assert len(found.text) == found.tokens <= 300


def test_citations_are_of_the_documents_text(index: retrieval.Index) -> None:
    texts = {str(row["id"]): str(row["text"]) for row in ROWS}
    found = index.context("leek", token_budget=400, mode="hybrid")
    best = index.search("leek", 1, mode="hybrid", unit="passage")[0]
    assert found.citations[0].passage_ids[0] == best.passage_id
    for one in found.citations:
        assert texts.get(one.doc_id, texts["d3"])[one.span.start : one.span.end] == one.text
        assert f"[{one.number}] " in found.text
        assert one.text in found.text


def test_a_copy_of_a_document_is_left_out_and_named(index: retrieval.Index) -> None:
    found = index.context("leek of text 3", token_budget=5000, k=200)
    named = {one.passage_id.split("#")[0] for one in found.left_out}
    cited = {one.doc_id for one in found.citations}
    assert {"d3", "twin"} & named
    assert not {"d3", "twin"} <= cited
    assert all(one.cosine >= 0.95 for one in found.left_out)


def test_every_option_of_a_search_goes_with_a_context(index: retrieval.Index) -> None:
    one = index.context("leek", max_per_doc=1, diversify=True, token_budget=60)
    assert one.citations
    assert index.context(like=["d1"], token_budget=60).citations[0].doc_id != "d1"
    assert index.context("zzzz", mode="lexical").text == ""


def test_a_context_of_documents_is_refused(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="made of passages"):
        index.context("leek", unit="document")


def test_vectors_of_ones_own_answer_with_a_count_and_explanations(tmp_path: Path) -> None:
    with own(tmp_path, np.eye(3)) as index:
        (first, *_) = index.search(vector=[1.0, 0.0, 0.0], explain=True)
        assert first.explanation is not None
        assert first.explanation.dense is not None
        assert first.explanation.dense.score == first.score
        found = index.context(vector=[1.0, 0.0, 0.0], count=len, k=1)
        assert [one.doc_id for one in found.citations] == [first.doc_id]
        with pytest.raises(UsageError, match="count tokens"):
            index.context(vector=[1.0, 0.0, 0.0])
