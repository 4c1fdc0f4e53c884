from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.errors import GenerationTakenError, LockedError, UsageError
from retrieval.fsops import LocalFiles
from retrieval.store.opening import open_writer
from retrieval.store.session import WriterSettings
from retrieval.store.spill import list_spills
from tests.engine.corpora import built, jsonl

TOPICS = {
    "soup": ["leek", "potato", "cream", "soup", "bowl"],
    "bike": ["tyre", "pump", "chain", "saddle"],
    "moon": ["tide", "night", "crater"],
}


def topic_rows() -> list[dict[str, Any]]:
    chance = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    for number, (topic, words) in enumerate(TOPICS.items()):
        for at in range(9 - number):
            text = " ".join(chance.permutation(words).tolist()) + f" the number{at}"
            rows.append({"id": f"{at}{topic}", "text": text, "topic": topic, "year": 2000 + at})
    return rows


@pytest.fixture
def index(tmp_path: Path) -> Iterator[retrieval.Index]:
    with built(jsonl(tmp_path / "topics.jsonl", topic_rows()), tmp_path) as opened:
        opened.upsert([retrieval.Document("empty", " ")])
        yield opened


def stored(index: retrieval.Index, field: str) -> dict[str, Any]:
    return {one.document.doc_id: one.document.metadata.get(field) for one in index.snapshot.scan()}


def test_clusters_have_sizes_names_exemplars_and_figures(index: retrieval.Index) -> None:
    report = retrieval.find_clusters(index, 3, label_field="topic", exemplars=2).report
    assert [one.size for one in report.clusters] == [9, 8, 7]
    assert [one.number for one in report.clusters] == [1, 2, 3]
    for cluster, words in zip(report.clusters, TOPICS.values(), strict=True):
        assert set(cluster.name.split(", ")) <= set(words)
        assert len(cluster.exemplars) == 2
        assert cluster.exemplars[0].score >= cluster.exemplars[1].score
        assert 0.3 < cluster.silhouette <= 1
    assert (report.documents, report.empty, report.k) == (24, 1, 3)
    assert report.agreement is not None
    assert report.agreement.matched_accuracy == 1.0
    assert (report.agreement.labels, report.agreement.documents) == (3, 24)
    assert report.tried is None


def test_k_is_chosen_from_a_range(index: retrieval.Index) -> None:
    report = retrieval.find_clusters(index, k_range=(2, 6)).report
    assert report.k == 3
    assert report.tried is not None
    assert [one.k for one in report.tried] == [2, 3, 4, 5, 6]


def test_numbers_are_the_same_after_indexing_anew(tmp_path: Path, index: retrieval.Index) -> None:
    first = retrieval.find_clusters(index, 5, seed=7).numbers
    rows = topic_rows()[::-1]
    with built(jsonl(tmp_path / "anew.jsonl", rows[:10]), tmp_path) as other:
        other.upsert(rows[10:])
        assert retrieval.find_clusters(other, 5, seed=7).numbers == first


def test_documents_without_a_label_do_not_count_in_the_agreement(index: retrieval.Index) -> None:
    index.upsert([{"id": "0soup", "text": "leek potato cream soup bowl"}])
    report = retrieval.find_clusters(index, 3, label_field="topic").report
    assert report.documents == 24
    assert report.agreement is not None
    assert report.agreement.documents == 23


@pytest.mark.parametrize(
    ("k", "options"),
    [
        (1, {}),
        (25, {}),
        (3, {"label_field": "nothing"}),
        (3, {"words": 0}),
        (3, {"exemplars": -1}),
        (3, {"seed": -1}),
        (None, {"k_range": (9, 3)}),
    ],
)
def test_what_cannot_be_is_refused(
    index: retrieval.Index, k: int | None, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        retrieval.find_clusters(index, k, **options)


class TestStoring:
    def test_a_field_holds_the_number_of_each_cluster(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        before = {one.document.doc_id: one for one in index.snapshot.scan()}
        assert retrieval.store_clusters(index, done, "cluster") == 24
        found = stored(index, "cluster")
        assert found.pop("empty") is None
        assert found == done.numbers
        for one in index.snapshot.scan():
            known = before[one.document.doc_id]
            assert np.array_equal(one.vectors, known.vectors)
            assert one.document.text == known.document.text
            kept = {key: value for key, value in one.document.metadata.items() if key != "cluster"}
            assert kept == known.document.metadata
        assert index.verify(sample=8).ok

    def test_it_is_durable_and_needs_no_model(self, index: retrieval.Index) -> None:
        with retrieval.open(index.path, model="no-such-model") as other:
            done = retrieval.find_clusters(other, 3)
            retrieval.store_clusters(other, done, "cluster")
        with retrieval.open(index.path) as again:
            assert stored(again, "cluster")["0soup"] == done.numbers["0soup"]

    def test_storing_the_same_again_changes_nothing(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        retrieval.store_clusters(index, done, "cluster")
        generation = index.snapshot.generation
        again = retrieval.find_clusters(index, 3)
        assert retrieval.store_clusters(index, again, "cluster") == 0
        assert index.snapshot.generation == generation

    def test_other_values_are_replaced_only_when_allowed(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        with pytest.raises(UsageError, match="'year' already"):
            retrieval.store_clusters(index, done, "year")
        assert stored(index, "year")["0soup"] == 2000
        retrieval.store_clusters(index, done, "year", replace_field=True)
        assert stored(index, "year")["0soup"] == done.numbers["0soup"]

    def test_a_document_that_lost_its_text_loses_the_field(self, index: retrieval.Index) -> None:
        retrieval.store_clusters(index, retrieval.find_clusters(index, 3), "cluster")
        index.upsert([retrieval.Document("0soup", "", metadata={"cluster": 1})])
        done = retrieval.find_clusters(index, 3)
        retrieval.store_clusters(index, done, "cluster", replace_field=True)
        assert stored(index, "cluster")["0soup"] is None

    def test_an_index_that_changed_meanwhile_is_left_alone(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        with retrieval.open(index.path, model="testing-hashing") as other:
            other.upsert([{"id": "0soup", "text": "another text"}])
        with pytest.raises(GenerationTakenError, match="changed since"):
            retrieval.store_clusters(index, done, "cluster")
        index.refresh()
        assert set(stored(index, "cluster").values()) == {None}

    def test_another_writer_keeps_it_out(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        with open_writer(index.path), pytest.raises(LockedError):
            retrieval.store_clusters(index, done, "cluster")

    def test_interrupted_work_can_still_be_resumed(self, index: retrieval.Index) -> None:
        done = retrieval.find_clusters(index, 3)
        settings = WriterSettings(
            model=index.encoder.identity,
            passages=index.snapshot.manifest.passages,
            numerics=index.encoder.numerics,
        )
        with open_writer(index.path, settings) as writer:
            known = next(iter(index.snapshot.scan()))
            writer.add(replace(known, document=retrieval.Document("new", "half done")), None)
            writer.spill()
        before = list_spills(LocalFiles(), index.path)
        assert before
        retrieval.store_clusters(index, done, "cluster")
        assert list_spills(LocalFiles(), index.path) == before

    @pytest.mark.parametrize("field", ["", " ", "id", "text", "title"])
    def test_a_name_that_is_no_metadata_is_refused(
        self, index: retrieval.Index, field: str
    ) -> None:
        done = retrieval.find_clusters(index, 3)
        with pytest.raises(UsageError, match="metadata field"):
            retrieval.store_clusters(index, done, field)
