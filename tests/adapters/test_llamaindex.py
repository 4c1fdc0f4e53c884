"""The LlamaIndex adapter against LlamaIndex itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import FilterError, UsageError
from retrieval.testing.encoders import HashingEncoder
from tests.engine.corpora import built, jsonl

pytest.importorskip("llama_index.core", reason="LlamaIndex is not installed: retrieval[llamaindex]")

from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import (
    Document,
    IndexNode,
    NodeRelationship,
    RelatedNodeInfo,
    TextNode,
)
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)

from retrieval.adapters.llamaindex import RetrievalRetriever, RetrievalVectorStore

ENCODER = HashingEncoder()
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "soup": ("leek potato cream", {"year": 1999, "kind": "food", "tags": ["hot", "green"]}),
    "bike": ("chain oil tyre", {"year": 2004, "kind": "thing", "tags": ["hot"]}),
    "moon": ("tide night", {"year": 2010, "far": 384.4}),
}


def row(text: str) -> list[float]:
    vector: list[float] = ENCODER.encode_queries([text])[0].tolist()
    return vector


def node(name: str) -> TextNode:
    text, metadata = TEXTS[name]
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"doc-{metadata['year']}")}
    return TextNode(
        id_=name, text=text, metadata=metadata, embedding=row(text), relationships=source
    )


@pytest.fixture
def store(tmp_path: Path) -> RetrievalVectorStore:
    made = RetrievalVectorStore(tmp_path / "nodes")
    assert made.add([node(name) for name in TEXTS]) == list(TEXTS)
    return made


def found(
    store: RetrievalVectorStore, text: str = "leek", **options: Any
) -> VectorStoreQueryResult:
    query = VectorStoreQuery(
        query_embedding=row(text), query_str=text, similarity_top_k=9, **options
    )
    return store.query(query)


def test_nodes_come_back_whole(store: RetrievalVectorStore) -> None:
    (back,) = store.get_nodes(["soup"])
    wanted = node("soup")
    assert isinstance(back, TextNode)
    assert (back.node_id, back.text, back.metadata) == ("soup", wanted.text, wanted.metadata)
    assert back.relationships == wanted.relationships
    result = found(store, "chain oil tyre")
    assert result.ids is not None
    assert result.similarities is not None
    assert result.ids[0] == "bike"
    assert result.similarities[0] == pytest.approx(1.0)


def test_other_kinds_of_node_keep_their_kind(store: RetrievalVectorStore) -> None:
    linked = IndexNode(id_="link", text="see the moon", index_id="moon", embedding=row("moon"))
    store.add([linked])
    (back,) = store.get_nodes(["link"])
    assert isinstance(back, IndexNode)
    assert back.index_id == "moon"


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ([("year", "==", 2004)], {"bike"}),
        ([("year", ">=", 1999), ("year", "<", 2010)], {"soup", "bike"}),
        ([("kind", "!=", "food")], {"bike", "moon"}),
        ([("kind", "in", ["food", "thing"])], {"soup", "bike"}),
        ([("kind", "nin", ["food"])], {"bike", "moon"}),
        ([("tags", "contains", "green")], {"soup"}),
        ([("tags", "any", ["green", "cold"])], {"soup"}),
        ([("tags", "all", ["hot", "green"])], {"soup"}),
        ([("kind", "is_empty", None)], {"moon"}),
        ([("far", ">", 384)], {"moon"}),
        ([("nowhere", "==", 1)], set()),
        ([("ref_doc_id", "==", "doc-2010")], {"moon"}),
        ([], {"soup", "bike", "moon"}),
    ],
)
def test_filters_choose_nodes(
    store: RetrievalVectorStore, filters: Sequence[tuple[str, str, Any]], wanted: set[str]
) -> None:
    made = MetadataFilters(
        filters=[
            MetadataFilter(key=key, operator=FilterOperator(sign), value=value)
            for key, sign, value in filters
        ]
    )
    assert set(found(store, filters=made).ids or ()) == wanted
    assert {one.node_id for one in store.get_nodes(filters=made)} == wanted


def test_conditions_join_filters(store: RetrievalVectorStore) -> None:
    food = MetadataFilter(key="kind", value="food")
    late = MetadataFilter(key="year", operator=FilterOperator.GT, value=2005)
    either = MetadataFilters(filters=[food, late], condition=FilterCondition.OR)
    neither = MetadataFilters(filters=[food, late], condition=FilterCondition.NOT)
    nested = MetadataFilters(filters=[either, MetadataFilter(key="year", value=2010)])
    assert set(found(store, filters=either).ids or ()) == {"soup", "moon"}
    assert set(found(store, filters=neither).ids or ()) == {"bike"}
    assert set(found(store, filters=nested).ids or ()) == {"moon"}
    for operator in (FilterOperator.TEXT_MATCH, FilterOperator.IN):
        with pytest.raises(FilterError):
            found(
                store,
                filters=MetadataFilters(
                    filters=[MetadataFilter(key="kind", operator=operator, value="food")]
                ),
            )


def test_queries_are_restricted_to_ids(store: RetrievalVectorStore) -> None:
    assert set(found(store, node_ids=["soup", "moon"]).ids or ()) == {"soup", "moon"}
    assert set(found(store, doc_ids=["doc-1999"]).ids or ()) == {"soup"}
    assert len(found(store, node_ids=[], doc_ids=[]).ids or ()) == 3
    assert store.get_nodes([]) == []


def test_modes_are_those_of_the_index(store: RetrievalVectorStore) -> None:
    assert found(store, "tyre", mode=VectorStoreQueryMode.TEXT_SEARCH).ids == ["bike"]
    hybrid = found(store, "tyre", mode=VectorStoreQueryMode.HYBRID, alpha=0.5)
    assert (hybrid.ids or [""])[0] == "bike"
    with pytest.raises(UsageError, match="no query mode 'svm'"):
        found(store, mode=VectorStoreQueryMode.SVM)
    with pytest.raises(UsageError, match="needs an embedding"):
        store.query(VectorStoreQuery(query_str="tyre"))
    with pytest.raises(UsageError, match="needs a text"):
        store.query(VectorStoreQuery(mode=VectorStoreQueryMode.TEXT_SEARCH))


def test_mmr_avoids_what_says_the_same(store: RetrievalVectorStore) -> None:
    twin = TextNode(id_="twin", text="chain oil tyre pump", embedding=row("chain oil tyre pump"))
    store.add([twin])
    query = VectorStoreQuery(
        query_embedding=row("chain oil tyre"),
        similarity_top_k=2,
        mode=VectorStoreQueryMode.MMR,
        mmr_threshold=0.1,
    )
    ids = store.query(query).ids or []
    assert ids[0] == "bike"
    assert "twin" not in ids


def test_nodes_are_deleted_by_document_by_id_and_by_filter(store: RetrievalVectorStore) -> None:
    store.delete("doc-2004")
    assert {one.node_id for one in store.get_nodes()} == {"soup", "moon"}
    store.delete_nodes(["soup", "nobody"])
    assert {one.node_id for one in store.get_nodes()} == {"moon"}
    with pytest.raises(UsageError, match="Neither"):
        store.delete_nodes()
    store.delete_nodes(filters=MetadataFilters(filters=[MetadataFilter(key="year", value=2010)]))
    assert store.get_nodes() == []
    store.add([node("soup")])
    store.clear()
    assert found(store).ids == []


def test_a_store_that_holds_nothing_is_empty(tmp_path: Path) -> None:
    store = RetrievalVectorStore(tmp_path / "nothing")
    assert store.client is None
    assert found(store).ids == []
    assert store.get_nodes() == []
    store.delete("nobody")
    store.clear()
    assert store.add([]) == []


async def test_coroutines_do_the_same(tmp_path: Path) -> None:
    store = RetrievalVectorStore(tmp_path / "nodes")
    await store.async_add([node(name) for name in TEXTS])
    queries = [VectorStoreQuery(query_embedding=row(text)) for text, _ in TEXTS.values()]
    answers = await asyncio.gather(*(store.aquery(query) for query in queries))
    assert [answer.ids for answer in answers] == [[name] for name in TEXTS]
    await store.adelete("doc-1999")
    await store.adelete_nodes(["bike"])
    assert [one.node_id for one in await store.aget_nodes()] == ["moon"]
    await store.aclear()
    assert await store.aget_nodes() == []


class HashingEmbedding(BaseEmbedding):
    """The testing encoder as an embedding model of LlamaIndex."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return row(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return row(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return row(text)


def test_an_index_of_llamaindex_lies_in_a_store(tmp_path: Path) -> None:
    store = RetrievalVectorStore(tmp_path / "docs")
    documents = [
        Document(doc_id=name, text=text, metadata={"year": metadata["year"]})
        for name, (text, metadata) in TEXTS.items()
    ]
    index = VectorStoreIndex.from_documents(
        documents,
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=HashingEmbedding(),
    )
    (best, *_) = index.as_retriever(similarity_top_k=2).retrieve("chain oil tyre")
    assert best.node.ref_doc_id == "bike"
    index.delete_ref_doc("bike")
    again = VectorStoreIndex.from_vector_store(store, embed_model=HashingEmbedding())
    filters = MetadataFilters(filters=[MetadataFilter(key="year", value=2010)])
    (only,) = again.as_retriever(similarity_top_k=5, filters=filters).retrieve("leek")
    assert only.node.ref_doc_id == "moon"


def test_a_retriever_asks_any_index(tmp_path: Path) -> None:
    rows = [{"id": name, "text": text, **metadata} for name, (text, metadata) in TEXTS.items()]
    with built(jsonl(tmp_path / "rows.jsonl", rows), tmp_path) as index:
        (best, *_) = RetrievalRetriever(index, similarity_top_k=2).retrieve("chain oil tyre")
        assert best.node.metadata["doc_id"] == "bike"
        assert best.node.node_id == "bike#0"
        assert best.score == pytest.approx(1.0)
        assert (best.node.start_char_idx, best.node.end_char_idx) == (0, len("chain oil tyre"))
        filters = MetadataFilters(filters=[MetadataFilter(key="kind", value="food")])
        (only,) = RetrievalRetriever(index, filters=filters).retrieve("tyre")
        assert only.node.metadata["doc_id"] == "soup"
        lexical = RetrievalRetriever(index, filters="year >= 2004", mode="lexical")
        assert len(lexical.retrieve("tyre")) == 1
        assert len(asyncio.run(lexical.aretrieve("tyre"))) == 1


def test_an_index_of_a_model_refuses_vectors_of_another(tmp_path: Path) -> None:
    rows = [{"id": "soup", "text": "leek"}]
    with built(jsonl(tmp_path / "rows.jsonl", rows), tmp_path) as index:
        short = TextNode(id_="x", text="y", embedding=[1.0, 2.0])
        with pytest.raises(retrieval.RetrievalError):
            RetrievalVectorStore(index).add([short])
