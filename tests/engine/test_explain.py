from __future__ import annotations

from typing import Any

import pytest

import retrieval
from retrieval.errors import UsageError
from retrieval.testing.cli import register_fakes
from retrieval.testing.rerankers import WORDS_NAME
from tests.engine.learnable import learnable
from tests.engine.test_combination import crossed_rows


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> retrieval.Index:
    opened = learnable(tmp_path_factory.mktemp("explain"), rows=crossed_rows(160))
    opened.fit_concept("praise", label_field="tone", positive="praise", labels_are="random")
    return opened


def test_nothing_is_explained_unless_it_is_asked_for(index: retrieval.Index) -> None:
    assert index.search("soup")[0].explanation is None


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
@pytest.mark.parametrize("unit", ["document", "passage"])
def test_every_mode_explains_its_score(index: retrieval.Index, mode: str, unit: str) -> None:
    hits = index.search("soup scene", 5, mode=mode, unit=unit, explain=True)
    for hit in hits:
        one = hit.explanation
        assert one is not None
        made = {
            "dense": one.dense and one.dense.score,
            "lexical": one.lexical and sum(term.weight for term in one.lexical.terms),
            "hybrid": one.fusion and one.fusion.score,
        }[mode]
        assert made == pytest.approx(hit.score, abs=1e-9)


def test_a_concept_is_explained_by_its_direction_and_probability(index: retrieval.Index) -> None:
    for hit in index.search(concept="praise", k=3, explain=True):
        one = hit.explanation
        assert one is not None
        assert one.dense is not None
        assert one.dense.score == pytest.approx(hit.score, abs=1e-6)
        assert [(part.kind, part.name) for part in one.parts] == [("concept", "praise")]
        assert one.probability == hit.probability is not None


def test_a_combination_is_explained_by_what_each_part_adds(index: retrieval.Index) -> None:
    hits = index.search(concept="praise", k=3, not_texts=["a scene"], explain=True)
    for hit in hits:
        assert hit.explanation is not None
        parts = hit.explanation.parts
        assert [part.name for part in parts] == ["praise", "a scene"]
        assert sum(part.contribution for part in parts) == pytest.approx(hit.score, abs=1e-6)
        assert parts[1].weight < 0


def test_examples_are_explained_by_what_each_adds(index: retrieval.Index) -> None:
    for hit in index.search("soup", 3, more=["d0000"], less=["d0001"], explain=True):
        assert hit.explanation is not None
        parts = hit.explanation.parts
        assert [(part.kind, part.weight > 0) for part in parts] == [
            ("text", True),
            ("example", True),
            ("example", False),
        ]
        assert sum(part.contribution for part in parts) == pytest.approx(hit.score, abs=1e-6)


def test_passages_of_a_concept_have_no_probability(index: retrieval.Index) -> None:
    documents = index.search(concept="praise", k=3)
    passages = index.search(concept="praise", k=3, unit="passage")
    assert documents[0].probability is not None
    assert passages[0].probability is None
    assert "of documents" in (passages[0].no_probability or "")
    with pytest.raises(UsageError, match="passages were asked for"):
        index.search(concept="praise", min_precision=0.6, unit="passage")


def test_reciprocal_ranks_are_explained_in_a_search(index: retrieval.Index) -> None:
    from retrieval.query.modes import Fusion, ModeOptions, SearchMode

    options = ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF)
    for hit in index.search("soup scene", 5, mode=options, explain=True):
        assert hit.explanation is not None
        assert hit.explanation.fusion is not None
        assert hit.explanation.fusion.score == pytest.approx(hit.score, abs=1e-9)


def test_what_a_reranker_made_of_hits_is_explained(index: retrieval.Index) -> None:
    register_fakes()
    options: dict[str, Any] = {"mode": "hybrid", "rerank": WORDS_NAME, "candidates": 3}
    hits = index.search("soup scene", 5, explain=True, **options)
    plain = {hit.doc_id: hit.score for hit in index.search("soup scene", 5, mode="hybrid")}
    for at, hit in enumerate(hits):
        assert hit.explanation is not None
        assert hit.explanation.rerank is not None
        assert hit.explanation.rerank.score == hit.score
        assert hit.explanation.rerank.first == plain[hit.doc_id]
        assert (hit.explanation.rerank.rerank is None) == (at >= 3)
        assert hit.explanation.fusion is not None
        assert hit.explanation.fusion.score == pytest.approx(plain[hit.doc_id], abs=1e-9)
    passages = index.search("soup scene", 5, unit="passage", diversify=True, **options)
    assert len(passages) == 5
