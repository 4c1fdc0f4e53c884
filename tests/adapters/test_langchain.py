"""The LangChain adapter against LangChain itself, its conformance suites among it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.errors import FilterError, InputError, UsageError
from retrieval.filters.tree import Eq
from retrieval.testing.encoders import HASHING_NAME
from tests.engine.corpora import built, jsonl

pytest.importorskip("langchain_core", reason="LangChain is not installed: retrieval[langchain]")
pytest.importorskip("langchain_tests", reason="LangChain's suites are not installed")

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.vectorstores import VectorStore
from langchain_tests.integration_tests.retrievers import RetrieversIntegrationTests
from langchain_tests.integration_tests.vectorstores import VectorStoreIntegrationTests

from retrieval.adapters.langchain import RetrievalRetriever, RetrievalVectorStore

ROWS: list[dict[str, Any]] = [
    {"id": "soup", "text": "leek potato cream", "title": "Soup", "year": 1999, "kind": "food"},
    {"id": "bike", "text": "chain oil tyre", "year": 2004, "kind": "thing"},
    {"id": "moon", "text": "tide night", "year": 2010},
    {"id": "long", "text": " ".join(f"Sentence {n} is about leek." for n in range(40))},
]


class TestVectorStoreSuite(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> VectorStore:
        return RetrievalVectorStore(tmp_path / "suite", self.get_embeddings())


class TestVectorStoreSuiteWithOwnModel(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, tmp_path: Path) -> VectorStore:
        return RetrievalVectorStore(tmp_path / "suite", model=HASHING_NAME)


class TestRetrieverSuite(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _index(self, tmp_path: Path) -> None:
        built(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path / "indexes").close()

    @property
    def retriever_constructor(self) -> type[RetrievalRetriever]:
        return RetrievalRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"index": "rows"}

    @property
    def retriever_query_example(self) -> str:
        return "leek"


@pytest.fixture
def store(tmp_path: Path) -> RetrievalVectorStore:
    made = RetrievalVectorStore(tmp_path / "store", model=HASHING_NAME)
    made.add_documents(
        [
            Document(
                id=one["id"],
                page_content=one["text"],
                metadata={name: one[name] for name in ("year", "kind") if name in one},
            )
            for one in ROWS
        ]
    )
    return made


def ids(found: list[Document]) -> set[str | None]:
    return {one.id for one in found}


def test_a_retriever_gives_passages_with_where_they_come_from(tmp_path: Path) -> None:
    with built(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path) as index:
        (found,) = RetrievalRetriever(index=index, k=1).invoke("potato cream")
        assert (found.id, found.page_content) == ("soup", "leek potato cream")
        assert found.metadata["title"] == "Soup"
        assert found.metadata["year"] == 1999
        assert found.metadata["passage_id"] == "soup#0"
        assert 0.0 < found.metadata["score"] <= 1.0
        lexical = RetrievalRetriever(index=index, search_options={"mode": "lexical"})
        assert ids(lexical.invoke("tyre")) == {"bike"}
        (long,) = RetrievalRetriever(index=index, filter="not exists(year)").invoke("leek")
        start, end = long.metadata["span"]
        assert long.page_content == ROWS[3]["text"][start:end]
        assert len(long.page_content) < len(ROWS[3]["text"])


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ({"year": 2004}, {"bike"}),
        ({"year": {"$gte": 1999, "$lt": 2010}}, {"soup", "bike"}),
        ({"kind": {"$in": ["food", "thing"]}, "year": {"$gt": 2000}}, {"bike"}),
        ({"kind": {"$nin": ["food"]}}, {"bike", "moon", "long"}),
        ({"kind": {"$ne": "food"}}, {"bike", "moon", "long"}),
        ({"kind": {"$exists": False}}, {"moon", "long"}),
        ({"kind": None}, {"moon", "long"}),
        ({"$or": [{"kind": "food"}, {"year": {"$between": [2010, 2011]}}]}, {"soup", "moon"}),
        ({"$not": {"$and": [{"kind": "food"}, {"year": 1999}]}}, {"bike", "moon", "long"}),
        ({"year": {"$not": {"$lt": 2010}}}, {"moon", "long"}),
        ({"nowhere": 1}, set()),
        ({"nowhere": {"$ne": 1}}, {"soup", "bike", "moon", "long"}),
        ({"kind": {"$in": []}}, set()),
        ({}, {"soup", "bike", "moon", "long"}),
        ("year >= 2004", {"bike", "moon"}),
        (Eq("kind", "food"), {"soup"}),
    ],
)
def test_filters_choose_documents(
    store: RetrievalVectorStore, where: Any, wanted: set[str]
) -> None:
    assert ids(store.similarity_search("leek", k=9, filter=where)) == wanted


@pytest.mark.parametrize(
    "where",
    [
        {"year": {"$near": 3}},
        {"$nor": []},
        {"$and": {"year": 3}},
        {"year": {"$in": 3}},
        {"year": {"$gt": [3]}},
        {"year": {"$between": [1]}},
        {"year": {"$gt": "text"}},
        lambda one: True,
        3,
    ],
)
def test_what_is_no_filter_is_refused(store: RetrievalVectorStore, where: Any) -> None:
    with pytest.raises(FilterError):
        store.similarity_search("leek", filter=where)


def test_scores_are_cosines_and_choose_what_is_relevant(store: RetrievalVectorStore) -> None:
    found = store.similarity_search_with_score("chain oil tyre", k=4)
    scores = [score for _, score in found]
    assert found[0][0].id == "bike"
    assert scores[0] == pytest.approx(1.0)
    assert scores == sorted(scores, reverse=True)
    relevant = store.similarity_search_with_relevance_scores(
        "chain oil tyre", k=4, score_threshold=0.9
    )
    assert ids([one for one, _ in relevant]) == {"bike"}


def test_the_index_is_one_for_everybody(store: RetrievalVectorStore, tmp_path: Path) -> None:
    with retrieval.open(tmp_path / "store") as index:
        assert index.search("chain oil tyre", k=1)[0].doc_id == "bike"
    again = RetrievalVectorStore(tmp_path / "store", model=HASHING_NAME)
    assert again.similarity_search("tyre", k=1, mode="lexical")[0].id == "bike"
    again.delete()
    assert again.similarity_search("tyre") == []


def test_diverse_documents_and_vectors(store: RetrievalVectorStore) -> None:
    store.add_texts(["chain oil tyre pump"], [{"year": 2005}], ids=["twin"])
    near = store.similarity_search("chain oil tyre", k=2)
    assert ids(near) == {"bike", "twin"}
    unlike = store.max_marginal_relevance_search("chain oil tyre", k=2, lambda_mult=0.1)
    assert "bike" in ids(unlike)
    assert "twin" not in ids(unlike)
    index = store._backing.index
    assert index is not None
    row = index.encoder.encode_queries(["tide night"])[0].tolist()
    assert store.similarity_search_by_vector(row, k=1)[0].id == "moon"


def test_texts_make_a_store_where_it_is_named(tmp_path: Path) -> None:
    embedding = DeterministicFakeEmbedding(size=8)
    store = RetrievalVectorStore.from_texts(
        ["one", "two"], embedding, [{"n": 1}, {"n": 2}], index=tmp_path / "made"
    )
    assert store.similarity_search("two", k=1)[0].metadata == {"n": 2}
    assert store.embeddings is embedding
    with pytest.raises(UsageError, match="lie somewhere"):
        RetrievalVectorStore.from_texts(["one"], embedding)
    with pytest.raises(UsageError, match="Both"):
        RetrievalVectorStore(tmp_path / "made", embedding, model=HASHING_NAME)
    chain = store.as_retriever(search_kwargs={"k": 1, "filter": {"n": 1}})
    assert chain.invoke("two")[0].page_content == "one"


def test_metadata_that_cannot_be_kept_is_refused(store: RetrievalVectorStore) -> None:
    with pytest.raises(InputError, match="metadata of document 'x'"):
        store.add_documents([Document(id="x", page_content="t", metadata={"of": object()})])
    with pytest.raises(InputError, match="1 documents came with 2 ids"):
        store.add_documents([Document(page_content="t")], ids=["a", "b"])
