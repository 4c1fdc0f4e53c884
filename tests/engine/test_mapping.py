from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.engine import mapping
from retrieval.engine.mapping import CorpusMap, map_clusters
from tests.engine.corpora import built, jsonl
from tests.engine.test_clustering import topic_rows


def drawn(folder: Path, rows: list[dict[str, Any]], label: str | None = None) -> CorpusMap:
    with built(jsonl(folder / "topics.jsonl", rows), folder) as index:
        return map_clusters(retrieval.find_clusters(index, 3, label_field=label))


def test_a_point_has_a_place_a_text_and_its_cluster(tmp_path: Path) -> None:
    found = drawn(tmp_path, topic_rows())
    assert len(found.ids) == len(found.texts) == len(found.x) == len(found.y) == 24
    assert all(0 <= at <= 10_000 for at in (*found.x, *found.y))
    assert sorted(set(found.clusters)) == [1, 2, 3]
    assert found.texts[found.ids.index("0soup")].endswith("the number0")


def test_fields_that_tell_something_are_kept_the_label_first(tmp_path: Path) -> None:
    rows = topic_rows()
    for number, row in enumerate(rows):
        row |= {"alike": "x", "own": f"v{number}", "list": ["a"], "flag": number % 2 == 0}
    rows[0]["year"] = None
    found = drawn(tmp_path, rows, "topic")
    assert [(one.name, one.numeric) for one in found.fields] == [
        ("topic", False),
        ("flag", False),
        ("own", False),
        ("year", True),
    ]
    years = found.fields[-1].values
    assert years.count(None) == 1
    assert 2001.0 in years


def test_a_label_of_many_values_has_an_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "MOST_VALUES", 2)
    found = drawn(tmp_path, topic_rows(), "topic")
    assert set(found.fields[0].values) == {"soup", "bike", "(other)"}


def test_of_many_documents_a_part_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "MOST_POINTS", 10)
    found = drawn(tmp_path, topic_rows())
    assert len(found.ids) == 10
    assert found.documents == 24
    assert list(found.ids) == sorted(found.ids)
