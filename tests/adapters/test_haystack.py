"""The Haystack adapter against Haystack itself, its suites for document stores among it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import InputError
from retrieval.testing.encoders import HASHING_NAME, HashingEncoder
from tests.engine.corpora import built, jsonl

pytest.importorskip("haystack", reason="Haystack is not installed: retrieval[haystack]")

from haystack import Document, Pipeline
from haystack.dataclasses import ByteStream
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy, FilterPolicy
from haystack.errors import FilterError
from haystack.testing.document_store import DocumentStoreBaseExtendedTests
from haystack.testing.document_store_async import (
    CountDocumentsAsyncTest,
    DeleteDocumentsAsyncTest,
    WriteDocumentsAsyncTest,
)

from retrieval.adapters.haystack import (
    RetrievalDocumentStore,
    RetrievalEmbeddingRetriever,
    RetrievalRetriever,
)


class _Suite:
    """What the suites leave to the store: embeddings are not given back, order is that of ids."""

    @staticmethod
    def assert_documents_are_equal(received: list[Document], expected: list[Document]) -> None:
        bare = [replace(one, embedding=None) for one in expected]
        assert received == sorted(bare, key=lambda one: one.id.encode())

    @pytest.fixture
    def document_store(self, tmp_path: Path) -> RetrievalDocumentStore:
        return RetrievalDocumentStore(str(tmp_path / "suite"), model=HASHING_NAME)


class TestDocumentStoreSuite(_Suite, DocumentStoreBaseExtendedTests):
    def test_write_documents(self, document_store: RetrievalDocumentStore) -> None:
        once = Document(content="test doc")
        assert document_store.write_documents([once]) == 1
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([once])
        self.assert_documents_are_equal(document_store.filter_documents(), [once])


class TestDocumentStoreAsyncSuite(
    _Suite, CountDocumentsAsyncTest, WriteDocumentsAsyncTest, DeleteDocumentsAsyncTest
):
    async def test_write_documents_async(self, document_store: RetrievalDocumentStore) -> None:
        once = Document(content="test doc")
        assert await document_store.write_documents_async([once]) == 1
        assert await document_store.filter_documents_async() == [once]


ROWS: list[dict[str, Any]] = [
    {"id": "soup", "text": "leek potato cream", "year": 1999, "kind": "food"},
    {"id": "bike", "text": "chain oil tyre", "year": 2004, "kind": "thing"},
    {"id": "moon", "text": "tide night", "year": 2010},
]


@pytest.fixture
def store(tmp_path: Path) -> RetrievalDocumentStore:
    built(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path / "indexes").close()
    return RetrievalDocumentStore("rows", model=HASHING_NAME)


def test_a_pipeline_asks_an_index_that_is_there(store: RetrievalDocumentStore) -> None:
    pipeline = Pipeline()
    pipeline.add_component("retriever", RetrievalRetriever(store, top_k=2))
    found = pipeline.run({"retriever": {"query": "chain oil tyre"}})["retriever"]["documents"]
    assert found[0].id == "bike"
    assert found[0].content == "chain oil tyre"
    assert found[0].score == pytest.approx(1.0)
    assert found[0].meta == {"year": 2004, "kind": "thing"}


def test_a_pipeline_is_written_and_read_again(store: RetrievalDocumentStore) -> None:
    pipeline = Pipeline()
    retriever = RetrievalRetriever(
        store, top_k=1, mode="hybrid", filter_policy=FilterPolicy.MERGE, search_options={}
    )
    pipeline.add_component("retriever", retriever)
    pipeline.add_component("near", RetrievalEmbeddingRetriever(store, 1))
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["retrieval.adapters"])
    assert again.dumps() == pipeline.dumps()
    row = HashingEncoder().encode_queries(["tide night"])[0].tolist()
    found = again.run({"retriever": {"query": "tyre"}, "near": {"query_embedding": row}})
    assert [one.id for one in found["retriever"]["documents"]] == ["bike"]
    assert [one.id for one in found["near"]["documents"]] == ["moon"]


def test_filters_of_a_run_replace_or_join_those_of_the_component(
    store: RetrievalDocumentStore,
) -> None:
    late = {"field": "meta.year", "operator": ">=", "value": 2004}
    food = {"field": "meta.kind", "operator": "==", "value": "food"}
    replacing = RetrievalRetriever(store, filters=late)
    merging = RetrievalRetriever(store, filters=late, filter_policy=FilterPolicy.MERGE)
    assert {one.id for one in replacing.run("leek")["documents"]} == {"bike", "moon"}
    assert {one.id for one in replacing.run("leek", food)["documents"]} == {"soup"}
    assert merging.run("leek", food)["documents"] == []
    assert len(replacing.run("leek", top_k=1)["documents"]) == 1
    assert replacing.run("leek", top_k=0)["documents"] == []


async def test_retrievers_answer_coroutines(store: RetrievalDocumentStore) -> None:
    found = await RetrievalRetriever(store, mode="lexical").run_async("tyre")
    assert [one.id for one in found["documents"]] == ["bike"]
    row = HashingEncoder().encode_queries(["tide night"])[0].tolist()
    near = await RetrievalEmbeddingRetriever(store, top_k=1).run_async(row)
    assert [one.id for one in near["documents"]] == ["moon"]


def test_documents_may_bring_their_vectors(tmp_path: Path) -> None:
    store = RetrievalDocumentStore(str(tmp_path / "own"), own_vectors=True)
    documents = [
        Document(id="a", content="one", embedding=[1.0, 0.0]),
        Document(id="b", content="two", embedding=[0.0, 2.0]),
    ]
    assert store.write_documents(documents) == 2
    (found,) = RetrievalEmbeddingRetriever(store, top_k=1).run([0.1, 1.0])["documents"]
    assert found.id == "b"
    moved = [replace(documents[0], embedding=[0.1, 1.0])]
    assert store.write_documents(moved, DuplicatePolicy.OVERWRITE) == 1
    (found,) = RetrievalEmbeddingRetriever(store, top_k=1).run([0.1, 1.0])["documents"]
    assert found.id == "a"
    with pytest.raises(InputError, match="'c' has no embedding"):
        store.write_documents([Document(id="c", content="three")])
    with pytest.raises(retrieval.RetrievalError, match="no model it knows"):
        RetrievalRetriever(store).run("one")


@pytest.mark.parametrize(
    "filters",
    [
        {"field": "content", "operator": "==", "value": "x"},
        {"field": "meta.year", "operator": "~", "value": 3},
        {"operator": "XOR", "conditions": []},
        {"field": "meta.year", "operator": "==", "value": "a text"},
    ],
)
def test_what_is_no_filter_is_an_error_of_haystack(
    store: RetrievalDocumentStore, filters: dict[str, Any]
) -> None:
    with pytest.raises(FilterError):
        store.filter_documents(filters)
    with pytest.raises(FilterError):
        RetrievalRetriever(store).run("leek", filters)


def test_what_no_index_keeps_is_refused(store: RetrievalDocumentStore) -> None:
    with pytest.raises(InputError, match="a blob"):
        store.write_documents([Document(id="x", blob=ByteStream(b"bytes"))])
    twice = [Document(id="x", content="1"), Document(id="x", content="2")]
    with pytest.raises(DuplicateDocumentError, match="given twice"):
        store.write_documents(twice)
    assert store.write_documents(twice, DuplicatePolicy.OVERWRITE) == 2
    assert store.count_documents() == 4
