from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import retrieval
from retrieval.errors import FilterError, UsageError
from retrieval.filters.tree import Eq, Not
from retrieval.testing.cli import register_fakes

ROWS: list[dict[str, object]] = [
    {"id": "a", "text": "a warm film", "year": 1999, "lang": "en"},
    {"id": "b", "text": "a cold film", "year": 2020, "lang": "de"},
    {"id": "c", "text": "a warm book", "year": 2021, "lang": "en"},
    {"id": "d", "text": "a long book", "lang": "fr"},
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[retrieval.Index]:
    register_fakes()
    (tmp_path / "one.jsonl").write_text('{"id": "a", "text": "x"}\n')
    built = retrieval.build(
        tmp_path / "one.jsonl", index=str(tmp_path / "i"), model="testing-hashing"
    )
    with built as opened:
        opened.upsert(ROWS)
        yield opened


def test_filters_as_texts_and_trees(index: retrieval.Index) -> None:
    for where in ('not lang = "en"', Not(Eq("lang", "en"))):
        assert {hit.doc_id for hit in index.search("film", where=where)} == {"b", "d"}
        assert index.count(where) == 2
    assert index.count() == 4
    many = index.search_many(["film", "book"], 1, where="year > 2000")
    assert [[hit.doc_id for hit in hits] for hits in many] == [["b"], ["c"]]
    with pytest.raises(FilterError):
        index.search("film", where="year >")


def test_filtered_scores_are_those_without_a_filter(index: retrieval.Index) -> None:
    for mode in ("dense", "lexical", "hybrid"):
        every = {hit.doc_id: hit.score for hit in index.search("warm film", mode=mode)}
        found = index.search("warm film", mode=mode, where='lang != "en"')
        assert {hit.doc_id for hit in found} <= {"b", "d"}
        assert all(hit.score == every[hit.doc_id] for hit in found)


def test_facets(index: retrieval.Index) -> None:
    (lang,) = index.facets(["lang"], where="exists(year)")
    assert lang.values == (("en", 2), ("de", 1))
    with pytest.raises(UsageError):
        index.facets("lang")


def test_deleting_by_a_filter(index: retrieval.Index) -> None:
    assert index.delete(where="year < 2021", dry_run=True).deleted == 2
    assert index.delete(where="year < 2021").deleted == 2
    assert index.count() == 2
    with pytest.raises(UsageError):
        index.delete(["c"], where="year = 1")


def test_other_metadata_with_the_same_text_keeps_the_vectors(index: retrieval.Index) -> None:
    report = index.upsert([{**row, "year": 1} for row in ROWS])
    assert (report.replaced, report.encoded_passages) == (4, 0)
    assert index.count("year = 1") == 4


def test_metadata_is_changed_in_place(index: retrieval.Index) -> None:
    assert index.update_metadata({"seen": True, "year": None}, where='lang = "en"') == 2
    assert index.count("seen = true and not exists(year)") == 2
    assert index.update_metadata({"seen": True}, ids=["a", "b", "nobody"]) == 1
    assert index.count("seen = true") == 3
    assert index.verify(sample=4).problems == ()
    for wrong in ({"ids": ["a"], "where": "seen = true"}, {}, {"ids": "a"}):
        with pytest.raises(UsageError):
            index.update_metadata({"seen": False}, **wrong)
    with pytest.raises(UsageError):
        index.update_metadata({"text": "other"}, ids=["a"])
