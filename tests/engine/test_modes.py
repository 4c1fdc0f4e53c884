from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import retrieval
from retrieval.errors import UsageError, WordsMissingError
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME
from tests.engine.corpora import beir, built
from tests.golden.test_format_1 import GOLDEN


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(beir(tmp_path / "beir"), tmp_path / "home")


def test_words_find_only_documents_that_hold_one(index: retrieval.Index) -> None:
    hits = index.search("leek zzz", mode="lexical")
    assert {hit.doc_id for hit in hits} == {"d1", "d2"}
    assert all(hit.scores == {"lexical": hit.score} for hit in hits)
    assert index.search("zzz", mode="lexical") == []


def test_hybrid_hits_tell_the_parts_of_their_score(index: retrieval.Index) -> None:
    hits = index.search("leek cream", mode="hybrid")
    assert len(hits) == 5  # every document but the empty one
    assert hits[0].doc_id == "d1"
    for hit in hits:
        assert hit.scores is not None
        assert set(hit.scores) == {"dense", "lexical", "fused"}
        assert hit.score == hit.scores["fused"]
    assert hits[0].to_json()["scores"]["fused"] == hits[0].score


def test_a_search_by_meaning_is_as_it_was(index: retrieval.Index) -> None:
    plain, named = index.search("tyre"), index.search("tyre", mode="dense")
    assert plain == named
    assert "scores" not in plain[0].to_json()


def test_words_are_searched_without_a_model(index: retrieval.Index) -> None:
    index.close()
    with retrieval.open(index.path, model="there-is-none", offline=True) as other:
        assert other.search("tyre", mode="lexical")


def test_examples_have_no_other_mode(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="meaning alone"):
        index.search(like=["d1"], mode="hybrid")
    with pytest.raises(UsageError, match="meaning alone"):
        index.search(concept="praise", mode="lexical")


def test_options_are_taken_whole(index: retrieval.Index) -> None:
    options = ModeOptions(mode=SearchMode.HYBRID, weight=1.0)
    dense = [hit.doc_id for hit in index.search("tyre pump")]
    assert [hit.doc_id for hit in index.search("tyre pump", mode=options)] == dense


def test_an_index_from_before_there_were_words_says_so_and_gets_them(tmp_path: Path) -> None:
    register_fakes()
    shutil.copytree(GOLDEN, tmp_path / "old")
    with retrieval.open(tmp_path / "old", model=HASHING_NAME) as index:
        assert index.search("leek potato", k=1)[0].doc_id == "soup"
        with pytest.raises(WordsMissingError, match="meaning only"):
            index.search("leek", mode="hybrid")
        index.upsert([{"id": "soup", "title": "Soup", "text": "Leek, potato and patience.",
                       "year": 1999}])  # fmt: skip
        assert index.search("leek", mode="lexical")[0].doc_id == "soup"
    assert retrieval.verify(tmp_path / "old", model=HASHING_NAME).ok


def test_modes_stand_beside_meaning_in_a_benchmark(index: retrieval.Index) -> None:
    done = retrieval.bench(
        index,
        measures=["nDCG@10"],
        compare=[
            "words=lexical",
            "both=hybrid,weight=0.5",
            "ranks=hybrid,fusion=rrf",
            "b0=lexical,b=0",
        ],
    )
    assert [run.name for run in done.runs] == ["dense", "words", "both", "ranks", "b0"]
    words = dict(done.runs[1].ranking("q2"))
    assert set(words) == {"d3", "d4"}


@pytest.mark.parametrize(
    "spec", ["x=lexical,weight=1", "x=hybrid,weight=much", "x=hybrid,weight=2", "x=lexical,k1=-1"]
)
def test_specs_that_cannot_be_are_refused(index: retrieval.Index, spec: str) -> None:
    with pytest.raises(UsageError):
        retrieval.bench(index, measures=["nDCG@10"], compare=[spec])
