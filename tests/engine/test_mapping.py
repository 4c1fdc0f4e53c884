from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.engine import mapping
from retrieval.engine.mapping import CorpusMap, map_clusters
from retrieval.query.learned import rank, standardised
from tests.engine.corpora import built, jsonl
from tests.engine.learnable import learnable, learnable_rows
from tests.engine.test_clustering import topic_rows
from tests.engine.test_concepts import fitted


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


def test_points_are_coloured_by_scores_of_concepts_out_of_fold(tmp_path: Path) -> None:
    rows = learnable_rows(90)
    with learnable(
        tmp_path, rows=[*rows[:60], *({**row, "label": None} for row in rows[60:])]
    ) as index:
        praise = fitted(index)
        blame = fitted(index, "blame", positive="complaint", unit="passage")
        done = retrieval.find_clusters(index, 3, label_field="label")
        found = map_clusters(done, index.concepts(), coloured_by=None)
        kept = index.concepts()
        opened = map_clusters(done, kept, coloured_by=kept[1])
        snapshot = index.snapshot
        ranking = rank(snapshot, praise, 90)
        scores = standardised(snapshot, praise, ranking)
        places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
        ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
    names = [one.name for one in found.fields]
    assert names == ["label", "concept blame", "concept praise"]
    assert (found.coloured_by, opened.coloured_by) == (-1, 2)
    assert blame.unit == "passage"
    assert dict(zip(found.ids, found.fields[2].values, strict=True)) == pytest.approx(
        dict(zip(ids, scores.tolist(), strict=True)), abs=6e-4
    )
