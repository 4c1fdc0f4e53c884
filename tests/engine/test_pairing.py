from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import retrieval
from retrieval.engine.pairing import EXCERPT, Reason
from retrieval.errors import UsageError
from tests.engine.corpora import built, jsonl

ROWS = [
    {"id": "a", "text": "leek potato cream soup"},
    {"id": "b", "text": "leek potato cream soup"},
    {"id": "c", "text": "Leek potato\n cream  SOUP"},
    {"id": "d", "text": "leek potato cream soup bowl"},
    {"id": "e", "text": "tyre pump chain"},
    {"id": "f", "text": "tyre pump chain"},
    {"id": "g", "text": "moon"},
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[retrieval.Index]:
    with built(jsonl(tmp_path / "some.jsonl", ROWS), tmp_path) as opened:
        opened.upsert([retrieval.Document("h", " ")])
        yield opened


def test_pairs_come_with_their_reason_best_first(index: retrieval.Index) -> None:
    report = retrieval.similar_pairs(index, least=0.8)
    assert report.documents == 7
    assert report.empty == 1
    told = {(one.first_id, one.second_id): one.reason for one in report.pairs}
    assert told == {
        ("a", "b"): Reason.SAME_TEXT,
        ("e", "f"): Reason.SAME_TEXT,
        ("a", "c"): Reason.SAME_WORDS,
        ("b", "c"): Reason.SAME_WORDS,
        ("a", "d"): Reason.CLOSE,
        ("b", "d"): Reason.CLOSE,
        ("c", "d"): Reason.CLOSE,
    }
    scores = [one.score for one in report.pairs]
    assert scores == sorted(scores, reverse=True)
    assert [one.rank for one in report.pairs] == list(range(1, 8))
    assert report.groups == ()


def test_groups_are_named_by_what_holds_for_all(index: retrieval.Index) -> None:
    report = retrieval.similar_pairs(index, 1, least=0.8, groups=True)
    assert [(one.ids, one.reason) for one in report.groups] == [
        (("a", "b", "c", "d"), Reason.CLOSE),
        (("e", "f"), Reason.SAME_TEXT),
    ]
    assert 0.8 <= report.groups[0].score < 0.95
    strict = retrieval.similar_pairs(index, 1, least=0.999, groups=True)
    assert [(one.ids, one.reason) for one in strict.groups] == [
        (("a", "b", "c"), Reason.SAME_WORDS),
        (("e", "f"), Reason.SAME_TEXT),
    ]


def test_a_title_is_part_of_the_text(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "title": "Soup", "text": "leek"},
        {"id": "b", "title": "Stew", "text": "leek"},
        {"id": "c", "title": "soup", "text": "leek"},
    ]
    with built(jsonl(tmp_path / "titled.jsonl", rows), tmp_path) as index:
        report = retrieval.similar_pairs(index, least=-1)
    told = {(one.first_id, one.second_id): one.reason for one in report.pairs}
    assert told[("a", "b")] is Reason.CLOSE
    assert told[("a", "c")] is Reason.SAME_WORDS


def test_long_texts_are_cut_in_the_report(tmp_path: Path) -> None:
    rows = [{"id": one, "text": "many words " * 200} for one in "ab"]
    with built(jsonl(tmp_path / "long.jsonl", rows), tmp_path) as index:
        (pair,) = retrieval.similar_pairs(index).pairs
    assert len(pair.first_text) <= EXCERPT
    assert pair.first_text.endswith("...")
    assert pair.reason is Reason.SAME_TEXT


def test_an_index_of_one_document_has_no_pairs(tmp_path: Path) -> None:
    with built(jsonl(tmp_path / "one.jsonl", ROWS[:1]), tmp_path) as index:
        report = retrieval.similar_pairs(index, groups=True)
    assert not report.pairs
    assert not report.groups


def test_what_cannot_be_is_refused(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="at least 1 pair"):
        retrieval.similar_pairs(index, 0)
    with pytest.raises(UsageError, match="cosine"):
        retrieval.similar_pairs(index, least=2.0)
