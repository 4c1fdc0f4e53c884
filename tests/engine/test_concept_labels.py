from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import InputError
from tests.engine.corpora import jsonl
from tests.engine.learnable import learnable, learnable_rows


def test_labels_come_from_a_file_by_id_or_by_text(tmp_path: Path) -> None:
    rows = learnable_rows(60)
    plain = [{key: row[key] for key in ("id", "text")} for row in rows]
    by_id = [{"id": row["id"], "label": row["label"] == "praise"} for row in rows]
    by_text = [{"text": row["text"], "label": int(row["label"] == "praise")} for row in rows]
    table = "id,mark\n" + "".join(f"{row['id']},{row['label']}\n" for row in rows)
    jsonl(tmp_path / "ids.jsonl", by_id)
    jsonl(tmp_path / "texts.jsonl", by_text)
    (tmp_path / "table.csv").write_text(table)
    with learnable(tmp_path, rows=plain) as index:
        first = index.fit_concept("a", labels=tmp_path / "ids.jsonl")
        second = index.fit_concept("a", labels=tmp_path / "texts.jsonl")
        third = index.fit_concept(
            "a", labels=tmp_path / "table.csv", label_field="mark", positive="praise"
        )
    assert first.doc_ids == second.doc_ids == third.doc_ids
    assert (first.ranker.direction == second.ranker.direction).all()
    assert (first.ranker.direction == third.ranker.direction).all()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"id": "nobody", "label": True}], "line 1: 'nobody'"),
        ([{"text": "no such text", "label": True}], "no such text"),
        ([{"id": "d0001", "label": True}, {"id": "d0001", "label": False}], "contradicts itself"),
        ([{"label": True}], "line 1: neither"),
        ([{"id": "d0001"}], "no label in 'label'"),
        ([{"id": 1.5, "label": True}], "an id is a text"),
        ([], "holds no label"),
    ],
)
def test_a_file_of_labels_that_does_not_fit_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], told: str
) -> None:
    jsonl(tmp_path / "labels.jsonl", rows)
    with learnable(tmp_path, 30) as index, pytest.raises(InputError, match=told):
        index.fit_concept("a", labels=tmp_path / "labels.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.jsonl", b"{", "not JSON"),
        ("x.jsonl", b"\xff\n", "not UTF-8"),
        ("x.csv", b"id,label\n\xff,1\n", "as a table"),
        ("x.csv", b'id,label\n"a,1\n', "as a table"),
        ("x.csv", b"id,label\n", "holds no label"),
    ],
)
def test_a_damaged_file_of_labels_is_refused(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with learnable(tmp_path, 30) as index:
        with pytest.raises(InputError, match=told):
            index.fit_concept("a", labels=tmp_path / name)
        with pytest.raises(InputError, match="cannot be read"):
            index.fit_concept("a", labels=tmp_path / "missing.jsonl")
