"""LangChain: a retriever over any index, and a vector store (``retrieval[langchain]``)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeAlias

from retrieval.adapters.backing import Backing
from retrieval.adapters.mongo_filters import mongo_filter
from retrieval.encode.callable_encoder import CallableEncoder
from retrieval.engine import Index
from retrieval.errors import FilterError, InputError, UsageError
from retrieval.extras import missing_extra
from retrieval.filters.tree import Filter
from retrieval.query.filter_parsing import filter_of
from retrieval.records import Document, Hit

try:
    import numpy as np
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document as LangChainDocument
    from langchain_core.embeddings import Embeddings
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.vectorstores import VectorStore
    from langchain_core.vectorstores.utils import maximal_marginal_relevance
    from pydantic import PrivateAttr
except ImportError as error:
    raise missing_extra(
        "langchain_core", extra="langchain", purpose="The LangChain adapter"
    ) from error

LangChainFilter: TypeAlias = "Mapping[str, Any] | Filter | str | None"
"""A filter as LangChain's stores take it (``{"year": {"$gte": 2020}}``), or as ours."""

WINDOW = 8192
"""Words of a text that embeddings of LangChain are shown; they cut texts themselves."""


class RetrievalRetriever(BaseRetriever):
    """Answers a text with the best passages of an index, each of another document.

    The metadata of what it returns are those of the document, with ``title`` (where it has
    one), ``score``, ``passage_id`` and ``span`` beside them; a field of the document's own
    keeps its value.

    Attributes:
        index: An open index, a name under ``./indexes``, or a path.
        k: Passages to return.
        filter: What documents have to match.
        model: Bi-encoder by name or folder; None for the index's own.
        search_options: Further options of ``Index.search``, such as ``{"mode": "hybrid"}``.
    """

    index: Any
    k: int = 4
    filter: Any = None
    model: str | None = None
    search_options: dict[str, Any] = {}  # noqa: RUF012 -- pydantic copies it for each

    _backing: Backing = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Look the index up; it is opened by the first question."""
        super().model_post_init(context)
        self._backing = Backing(self.index, model=self.model)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        asked = {"k": self.k, "filter": self.filter, **self.search_options, **kwargs}
        where = tree_of(asked.pop("filter"))
        if where is False:
            return []
        hits = self._backing.search(
            query, asked.pop("k"), where=None if where is True else where, **asked
        )
        return [_passage(hit) for hit in hits]


class RetrievalVectorStore(VectorStore):
    """A vector store in an index folder, durable whenever a call returns.

    What is added is one passage a document, as LangChain's splitters made it. Documents that
    an index has already are found too.

    Args:
        index: An open index, a name under ``./indexes``, or a path; made by the first
            addition.
        embedding: Encodes texts and queries; None for the index's own model.
        model: Bi-encoder by name or folder, where there is no ``embedding``.

    Raises:
        UsageError: Both an embedding and a model.
    """

    def __init__(
        self,
        index: Index | str | os.PathLike[str],
        embedding: Embeddings | None = None,
        *,
        model: str | None = None,
    ) -> None:
        if embedding is not None and model is not None:
            raise UsageError("Both an embedding and a model were given.", fix="Give one of them.")
        self._embedding = embedding
        encoder = None if embedding is None else encoder_of(embedding)
        self._backing = Backing(index, model=model, encoder=encoder)

    @property
    def embeddings(self) -> Embeddings | None:
        """What texts are encoded with, where LangChain brought it."""
        return self._embedding

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings | None,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        index: Index | str | os.PathLike[str] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make a store of texts, in the index that is named.

        Raises:
            UsageError: No index was named.
        """
        if index is None:
            raise UsageError(
                "A store has to lie somewhere.", fix='Name it: from_texts(..., index="notes")'
            )
        store = cls(index, embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    def add_documents(
        self, documents: list[LangChainDocument], *, ids: list[str] | None = None, **kwargs: Any
    ) -> list[str]:
        """Add documents, replacing those of the same id.

        Args:
            documents: What to add.
            ids: Their ids; by default their own, and a fresh one where there is none.
            **kwargs: Not used.

        Returns:
            The ids, in order; of one given twice the last document counts.

        Raises:
            InputError: Metadata that JSON cannot hold, or another number of ids.
        """
        if ids is not None and len(ids) != len(documents):
            raise InputError(f"{len(documents)} documents came with {len(ids)} ids.")
        given = ids if ids is not None else [one.id for one in documents]
        named = [doc_id or str(uuid.uuid4()) for doc_id in given]
        distinct = {
            doc_id: Document(doc_id, one.page_content, "", dict(one.metadata))
            for doc_id, one in zip(named, documents, strict=True)
        }
        self._backing.upsert(list(distinct.values()))
        return named

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool | None:
        """Delete documents by id; None deletes all of them, as the interface has it."""
        if ids is None:
            self._backing.delete_where(None)
        else:
            self._backing.delete(ids)
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[LangChainDocument]:
        """Return the documents of these ids that are there, in this order."""
        return [_document(one) for one in self._backing.get(ids)]

    def similarity_search(
        self, query: str, k: int = 4, filter: LangChainFilter = None, **kwargs: Any
    ) -> list[LangChainDocument]:
        """Return the k documents nearest to a text; ``kwargs`` are options of ``Index.search``."""
        return [one for one, _ in self.similarity_search_with_score(query, k, filter, **kwargs)]

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: LangChainFilter = None, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        """Return the k nearest documents with their scores, higher is better.

        They are cosine similarities, unless a ``mode`` says otherwise.
        """
        return self._scored(query, k, filter, **kwargs)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, filter: LangChainFilter = None, **kwargs: Any
    ) -> list[LangChainDocument]:
        """Return the k documents nearest to a vector."""
        return [one for one, _ in self._scored("", k, filter, vector=embedding, **kwargs)]

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: LangChainFilter = None,
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        """Return k of the ``fetch_k`` nearest documents, unlike each other."""
        index = self._backing.index
        if index is None:
            return []
        row = index.encoder.encode_queries([query])[0]
        return self.max_marginal_relevance_search_by_vector(
            row.tolist(), k, fetch_k, lambda_mult, filter, **kwargs
        )

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: LangChainFilter = None,
        **kwargs: Any,
    ) -> list[LangChainDocument]:
        """Return k of the ``fetch_k`` documents nearest to a vector, unlike each other."""
        index = self._backing.index
        near = [one for one, _ in self._scored("", fetch_k, filter, vector=embedding, **kwargs)]
        if index is None or not near:
            return []
        blocks = index.vectors([str(one.id) for one in near], unit="document")
        rows = [row for block in blocks for row in block.rows]
        asked = np.asarray(embedding, dtype=np.float32)
        return [near[at] for at in maximal_marginal_relevance(asked, rows, lambda_mult, k)]

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return lambda score: min(max(score, 0.0), 1.0)

    def _scored(
        self, query: str, k: int, filter: LangChainFilter, **kwargs: Any
    ) -> list[tuple[LangChainDocument, float]]:
        where = tree_of(filter)
        if where is False:
            return []
        hits = self._backing.search(query, k, where=None if where is True else where, **kwargs)
        whole = self._backing.texts_of(hits)
        return [(_document(whole[hit.doc_id]), hit.score) for hit in hits]


def encoder_of(embedding: Embeddings) -> CallableEncoder:
    """Return LangChain's embeddings as an encoder, named after their class and model."""
    model = next(
        (str(found) for name in ("model", "model_name") if (found := getattr(embedding, name, ""))),
        "",
    )
    return CallableEncoder(
        embedding.embed_documents,
        queries=lambda texts: [embedding.embed_query(text) for text in texts],
        name=" ".join(filter(None, ("langchain", type(embedding).__name__, model))),
        max_tokens=WINDOW,
    )


def tree_of(given: LangChainFilter) -> Filter | bool:
    """Return a filter as a tree; True for none at all.

    Raises:
        FilterError: It is none.
    """
    if given is None:
        return True
    if callable(given):
        raise FilterError(
            "A function cannot be a filter here: documents are chosen before they are read.",
            fix='Write {"year": {"$gte": 2020}}, or a text such as "year >= 2020".',
        )
    if isinstance(given, Mapping):
        return mongo_filter(given)
    found = filter_of(given)
    return True if found is None else found


def _document(document: Document) -> LangChainDocument:
    return LangChainDocument(
        id=document.doc_id, page_content=document.text, metadata=dict(document.metadata)
    )


def _passage(hit: Hit) -> LangChainDocument:
    beside = {
        "score": hit.score,
        "passage_id": hit.passage_id,
        "span": [hit.span.start, hit.span.end],
    }
    title = {"title": hit.title} if hit.title else {}
    return LangChainDocument(
        id=hit.doc_id, page_content=hit.text, metadata={**title, **beside, **hit.metadata}
    )
