"""Rows of an export: whatever a document holds comes back."""

from __future__ import annotations

import json
from pathlib import Path

from retrieval.corpus.exported import export_row
from retrieval.corpus.fields import FieldNames
from retrieval.records import Document
from tests.corpus.reading import read

AWKWARD = [
    Document("plain", "a text"),
    Document("e", "", "", {"label": "nothing to encode"}),
    Document("line\nbreak", "text\u2028with\x00 marks", "a title"),
    Document("007", "x", "", {"id": 5, "text": ["b"], "title": None, "_id": "other"}),
    Document("deep", "y", "", {"metadata": {"a": [1, 2.5, {"b": True}]}, "headline": "no title"}),
]


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_documents_come_back_as_they_were(tmp_path: Path) -> None:
    found = read(write(tmp_path / "out.jsonl", [export_row(one) for one in AWKWARD]))
    assert found.documents == AWKWARD
    assert found.rejects == []
    assert found.notes == [f"{tmp_path / 'out.jsonl'}: documents as an index exported them."]


def test_fields_asked_for_win(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", [export_row(Document("a", "text", "title"))])
    (document,) = read(path, FieldNames(text="title")).documents
    assert document.text == "title"
    assert document.metadata["schema_version"] == 1


def test_a_row_of_another_shape_is_left_out(tmp_path: Path) -> None:
    rows = [export_row(AWKWARD[0]), {"id": "b", "text": "t"}, {**export_row(AWKWARD[0]), "id": 3}]
    found = read(write(tmp_path / "out.jsonl", [*rows, export_row(AWKWARD[2])]))
    assert found.ids == ["plain", "line\nbreak"]
    assert [one.line for one in found.rejects] == [2, 3]


def test_rows_of_other_programs_are_read_as_ever(tmp_path: Path) -> None:
    rows: list[object] = [{"id": "a", "title": "", "text": "t", "metadata": {"year": 1}}]
    (document,) = read(write(tmp_path / "in.jsonl", rows)).documents
    assert document.metadata == {"metadata": {"year": 1}}
