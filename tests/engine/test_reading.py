"""Documents and vectors come out of an index as they went in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.errors import FileSystemError, InputError, UsageError
from retrieval.testing.encoders import HASHING_NAME
from retrieval.vectors import unit_rows
from tests.engine.corpora import built, jsonl

LONG = " ".join(f"Sentence number {number} is about soup." for number in range(40))
ROWS: list[dict[str, Any]] = [
    {"id": "b", "text": "leek potato cream", "year": 1999},
    {"id": "d", "text": LONG, "title": "Soup"},
    {"id": "a", "text": "chain oil tyre"},
]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[retrieval.Index]:
    """Three segments' worth of changes: additions, a replacement, a deletion, an empty one."""
    with built(jsonl(tmp_path / "soup.jsonl", ROWS), tmp_path) as opened:
        opened.upsert([retrieval.Document("c", "tide night"), retrieval.Document("e", "")])
        opened.upsert([{"id": "b", "text": "leek only", "year": 2000}, {"id": "gone", "text": "x"}])
        opened.delete(["gone"])
        yield opened


def test_documents_come_in_the_order_asked_for(index: retrieval.Index) -> None:
    found = index.get(["e", "b", "nobody", "b", "gone"])
    assert [one.doc_id for one in found.documents] == ["e", "b", "b"]
    assert found.documents[1].metadata == {"year": 2000}
    assert found.missing == ("nobody", "gone")
    with pytest.raises(UsageError, match="several ids"):
        index.get("b")


def test_every_document_comes_once_in_order_of_id(index: retrieval.Index) -> None:
    assert [one.doc_id for one in index.documents()] == ["a", "b", "c", "d", "e"]


def test_vectors_are_those_that_searches_see(index: retrieval.Index) -> None:
    blocks = list(index.vectors())
    stored = {one.document.doc_id: one.vectors for one in index.snapshot.scan()}
    ids = [doc_id for block in blocks for doc_id in block.ids]
    assert list(dict.fromkeys(ids)) == ["a", "b", "c", "d", "e"]
    rows = np.concatenate([block.rows for block in blocks])
    passages = np.concatenate([block.passages for block in blocks])
    assert rows.dtype == np.float32
    for doc_id, vectors in stored.items():
        own = [at for at, one in enumerate(ids) if one == doc_id]
        np.testing.assert_array_equal(rows[own], vectors)
        assert passages[own].tolist() == list(range(len(vectors)))
    assert len(stored["d"]) > 1
    assert not rows[ids.index("e")].any()


def test_a_document_has_the_mean_of_its_passages(index: retrieval.Index) -> None:
    (block,) = index.vectors(["d", "a"], unit="document")
    assert block.ids == ("d", "a")
    (passages,) = index.vectors(["d"])
    mean = unit_rows(passages.rows.astype(np.float64).mean(axis=0, keepdims=True))
    np.testing.assert_allclose(block.rows[:1], mean, atol=1e-6)
    with pytest.raises(InputError, match="'nobody', nor 1 others"):
        index.vectors(["nobody", "a", "no one"])
    with pytest.raises(UsageError, match="'word'"):
        index.vectors(unit="word")


def test_vectors_of_a_great_index_come_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"{number:04d}", "text": f"text {number}"} for number in range(1030)]
    with built(jsonl(tmp_path / "many.jsonl", rows), tmp_path) as index:
        assert [len(block) for block in index.vectors()] == [1024, 6]


def test_an_export_is_read_back_to_an_equal_index(index: retrieval.Index, tmp_path: Path) -> None:
    report = index.export(tmp_path / "out" / "all.jsonl", vectors=tmp_path / "all.npy")
    assert (report.documents, report.rows, report.unit) == (5, 5, "document")
    with retrieval.build(tmp_path / "out" / "all.jsonl", home=tmp_path, model=HASHING_NAME) as copy:
        assert list(copy.documents()) == list(index.documents())
        mine, theirs = (list(one.vectors()) for one in (index, copy))
        assert [one.ids for one in mine] == [one.ids for one in theirs]
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one.rows, other.rows)
        again = copy.export(tmp_path / "again.jsonl")
        assert again.vectors is None
    written = (tmp_path / "out" / "all.jsonl").read_bytes()
    assert (tmp_path / "again.jsonl").read_bytes() == written


def test_rows_of_vectors_are_named(index: retrieval.Index, tmp_path: Path) -> None:
    report = index.export(vectors=tmp_path / "rows.npy", unit="passage")
    rows = np.load(tmp_path / "rows.npy")
    names = (tmp_path / "rows.ids.jsonl").read_text().splitlines()
    assert report.path is None
    assert report.ids == str(tmp_path / "rows.ids.jsonl")
    assert len(rows) == len(names) == report.rows == report.passages
    assert names[:2] == ['{"id":"a","passage":0}', '{"id":"b","passage":0}']
    np.testing.assert_array_equal(rows, np.concatenate([one.rows for one in index.vectors()]))


def test_what_cannot_be_written_is_said(index: retrieval.Index, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to export"):
        index.export()
    with pytest.raises(UsageError, match="not named like one"):
        index.export(vectors=tmp_path / "rows.bin")
    with pytest.raises(FileSystemError, match="is a folder"):
        index.export(tmp_path)
