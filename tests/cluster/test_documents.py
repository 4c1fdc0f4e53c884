from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.cluster import documents
from retrieval.cluster.documents import document_rows
from retrieval.records import Document
from retrieval.vectors import unit_rows
from tests.engine.corpora import built, jsonl

LONG = " ".join(f"Sentence number {at} speaks of word{at}." for at in range(40))
ROWS = [
    {"id": "m", "text": "leek soup"},
    {"id": "z", "text": LONG},
    {"id": "b", "text": "tyre pump"},
    {"id": "ä", "text": "moon tide"},
]


@pytest.mark.parametrize("block", [1, 32 << 20])
def test_a_document_is_the_mean_of_its_passages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(documents, "_BLOCK_BYTES", block)
    with built(jsonl(tmp_path / "some.jsonl", ROWS), tmp_path) as index:
        index.upsert([Document("empty", " ")])
        found = document_rows(index.snapshot)
        encoded = {one.document.doc_id: one.vectors for one in index.snapshot.scan()}
    assert found.ids == ("b", "m", "z", "ä")
    assert found.empty == 1
    assert len(encoded["z"]) > 2
    for at, doc_id in enumerate(found.ids):
        mean = unit_rows(encoded[doc_id].mean(axis=0, keepdims=True))[0]
        assert found.rows[at] == pytest.approx(mean, abs=1e-6)
        assert found.document(at).doc_id == doc_id


def test_rows_do_not_depend_on_how_the_index_came_about(tmp_path: Path) -> None:
    with built(jsonl(tmp_path / "one.jsonl", ROWS), tmp_path) as index:
        wanted = document_rows(index.snapshot)
    with built(jsonl(tmp_path / "two.jsonl", ROWS[2:]), tmp_path) as index:
        index.upsert([{"id": "gone", "text": "never seen"}, ROWS[1]])
        index.upsert(ROWS[:1])
        index.delete(["gone"])
        found = document_rows(index.snapshot)
        assert len(index.snapshot.segments) > 1
    assert found.ids == wanted.ids
    assert np.array_equal(found.rows, wanted.rows)
