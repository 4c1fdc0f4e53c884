from __future__ import annotations

from pathlib import Path

import pytest

import retrieval
from retrieval.engine.recall import bytes_of, recall_options
from retrieval.engine.recall_report import recall_of_indexes
from retrieval.errors import InputError, UsageError
from retrieval.query.search_options import SearchOptions
from retrieval.store.manifest import Manifest
from retrieval.store.recall_entry import RecallOptions, recall_of
from retrieval.testing.encoders import HASHING_NAME
from tests.engine.corpora import beir, built


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8GB", 8_000_000_000),
        ("8 gb", 8_000_000_000),
        ("512MiB", 512 << 20),
        ("1.5G", 1_500_000_000),
        ("4096", 4096),
        (4096, 4096),
        ("64kB", 64_000),
        ("2T", 2_000_000_000_000),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str | int, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "eight", "8 pounds", "-1GB", "0", "GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no size"):
        bytes_of(text)


def test_recall_is_a_share_or_exact() -> None:
    assert [recall_of(one) for one in (None, "exact", "0.9", 0.95, 1)] == [None, 1, 0.9, 0.95, 1]
    for wrong in ("most", 0, -0.5, 1.5, "nan"):
        with pytest.raises(UsageError):
            recall_of(wrong)
    assert SearchOptions.of(3, recall="exact").recall == 1


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(beir(tmp_path / "beir"), tmp_path / "home")


def manifest(index: retrieval.Index) -> Manifest:
    return index.snapshot.manifest


def test_what_is_not_said_stays_as_it_was(index: retrieval.Index) -> None:
    known = manifest(index)
    assert recall_options(known, None, None) is None
    assert recall_options(None, 0.9, None) == RecallOptions(target=0.9)
    assert recall_options(known, None, "1GB") == RecallOptions(memory_bytes=10**9)


def test_what_is_asked_for_is_kept_and_shown(tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir")
    with built(folder, tmp_path / "home") as first:
        assert first.status().recall is not None
        path = first.path
    with retrieval.build(
        folder, index=str(path), model=HASHING_NAME, recall=0.9, memory="1GB"
    ) as again:
        report = again.status().recall
        assert report is not None
        assert (report.target, report.k, report.memory_bytes) == (0.9, 10, 10**9)
        assert (report.approximate_passages, report.measured, report.reasons) == (0, None, ())
        assert report.exact_passages == again.status().passages
        assert again.report is not None
        assert again.report.committed
        assert again.report.encoded_passages == 0
    with retrieval.build(folder, index=str(path), model=HASHING_NAME) as same:
        assert same.report is not None
        assert not same.report.committed
    assert recall_of_indexes(path.parent) == ({}, [])


def test_hits_of_exact_search_carry_a_recall_of_one(index: retrieval.Index) -> None:
    for hits in (
        index.search("leek"),
        index.search("leek", recall=0.5),
        index.search("leek", recall="exact"),
        index.search("leek", mode="lexical"),
        index.search("leek", mode="hybrid"),
        index.search("leek", unit="passage"),
    ):
        assert hits
        assert {hit.recall for hit in hits} == {1.0}
        assert hits[0].to_json()["recall"] == 1.0


def test_recall_queries_need_a_file_and_a_model(tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir")
    home = tmp_path / "home"
    with pytest.raises(InputError, match="no file"):
        retrieval.build(folder, home=home, model=HASHING_NAME, recall_queries=tmp_path / "none.txt")
    asked = tmp_path / "asked.txt"
    asked.write_text("leek\ntyre\n", encoding="utf-8")
    with retrieval.build(folder, home=home, model=HASHING_NAME, recall_queries=asked) as index:
        assert index.search("leek")
        assert kept_queries(index) == 2
    with retrieval.build(folder, home=home, model=HASHING_NAME, recall_queries="none") as index:
        assert kept_queries(index) == 0


def kept_queries(index: retrieval.Index) -> int:
    report = index.status().recall
    assert report is not None
    return report.kept_queries
