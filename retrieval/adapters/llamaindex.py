"""LlamaIndex: a retriever over any index, and a vector store (``retrieval[llamaindex]``)."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrieval.adapters.backing import Backing
from retrieval.adapters.constant import conjunction
from retrieval.adapters.llamaindex_filters import metadata_filter
from retrieval.engine import Index
from retrieval.errors import UsageError
from retrieval.extras import missing_extra
from retrieval.filters.tree import Eq, Filter, In
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.records import Document, Hit

try:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.bridge.pydantic import PrivateAttr
    from llama_index.core.indices.query.embedding_utils import get_top_k_mmr_embeddings
    from llama_index.core.schema import BaseNode, NodeWithScore, QueryBundle, TextNode
    from llama_index.core.vector_stores.types import (
        BasePydanticVectorStore,
        MetadataFilters,
        VectorStoreQuery,
        VectorStoreQueryMode,
        VectorStoreQueryResult,
    )
    from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict
except ImportError as error:
    raise missing_extra(
        "llama_index.core", extra="llamaindex", purpose="The LlamaIndex adapter"
    ) from error

_NODE = "_node"
"""Field with the node as LlamaIndex writes it; nested, so that no column is made of it."""
_NODE_ID = "_node_id"
_REF = "ref_doc_id"
_FETCHED = 4
"""Times as many candidates as results for MMR, as they come from the nearest."""
_LEXICAL = {VectorStoreQueryMode.SPARSE, VectorStoreQueryMode.TEXT_SEARCH}
_HYBRID = {VectorStoreQueryMode.HYBRID, VectorStoreQueryMode.SEMANTIC_HYBRID}


class RetrievalRetriever(BaseRetriever):
    """Answers a text with the best passages of an index, each of another document.

    The text is encoded by the index's own model; nothing of LlamaIndex's settings is used.

    Args:
        index: An open index, a name under ``./indexes``, or a path.
        similarity_top_k: Passages to return.
        filters: What documents have to match: ``MetadataFilters``, or a filter of ours.
        model: Bi-encoder by name or folder; None for the index's own.
        **search_options: Further options of ``Index.search``, such as ``mode="hybrid"``.
    """

    def __init__(
        self,
        index: Index | str | os.PathLike[str],
        *,
        similarity_top_k: int = 10,
        filters: MetadataFilters | Filter | str | None = None,
        model: str | None = None,
        **search_options: Any,
    ) -> None:
        super().__init__()
        self._backing = Backing(index, model=model)
        self._top_k = similarity_top_k
        self._where = _tree(filters)
        self._options = search_options

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if self._where is False:
            return []
        hits = self._backing.search(
            query_bundle.query_str, self._top_k, where=_where(self._where), **self._options
        )
        return [_passage(hit) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class RetrievalVectorStore(BasePydanticVectorStore):
    """A vector store in an index folder, durable whenever a call returns.

    Nodes come with the vectors that LlamaIndex's embedding model made; the index holds them
    as vectors of its own. A node without text is kept, and no search finds it.

    Args:
        index: An open index of own vectors, a name under ``./indexes``, or a path; made by
            the first addition.
    """

    stores_text: bool = True
    is_embedding_query: bool = True

    _backing: Backing = PrivateAttr()

    def __init__(self, index: Index | str | os.PathLike[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._backing = Backing(index)

    @classmethod
    def class_name(cls) -> str:
        """Return the name that LlamaIndex knows the class by."""
        return "RetrievalVectorStore"

    @property
    def client(self) -> Index | None:
        """The open index; None where nothing was ever added."""
        return self._backing.index

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        """Add nodes with their embeddings, replacing those of the same id; return their ids."""
        if nodes:
            vectors = np.array([one.get_embedding() for one in nodes], dtype=np.float64)
            self._backing.upsert([_document(one) for one in nodes], vectors)
        return [one.node_id for one in nodes]

    async def async_add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        """As ``add``, in a thread."""
        return await asyncio.to_thread(self.add, nodes, **kwargs)

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Delete the nodes of a document."""
        self._delete_where(Eq(_REF, ref_doc_id))

    async def adelete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """As ``delete``, in a thread."""
        await asyncio.to_thread(self.delete, ref_doc_id, **delete_kwargs)

    def delete_nodes(
        self,
        node_ids: list[str] | None = None,
        filters: MetadataFilters | None = None,
        **delete_kwargs: Any,
    ) -> None:
        """Delete the nodes that have one of these ids and match the filters.

        Raises:
            UsageError: Neither was given; ``clear`` deletes everything.
        """
        if node_ids is None and filters is None:
            raise UsageError("Neither ids nor filters were given.", fix="clear() deletes all.")
        self._delete_where(_chosen(node_ids, filters))

    async def adelete_nodes(
        self,
        node_ids: list[str] | None = None,
        filters: MetadataFilters | None = None,
        **delete_kwargs: Any,
    ) -> None:
        """As ``delete_nodes``, in a thread."""
        await asyncio.to_thread(self.delete_nodes, node_ids, filters, **delete_kwargs)

    def clear(self) -> None:
        """Delete every node."""
        self._delete_where(True)

    async def aclear(self) -> None:
        """As ``clear``, in a thread."""
        await asyncio.to_thread(self.clear)

    def get_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        """Return the nodes that have one of these ids and match the filters, in order of id."""
        where = _chosen(node_ids, filters)
        if where is False:
            return []
        return [_node(one) for one in self._backing.documents(_where(where))]

    async def aget_nodes(
        self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None
    ) -> list[BaseNode]:
        """As ``get_nodes``, in a thread."""
        return await asyncio.to_thread(self.get_nodes, node_ids, filters)

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """Find nodes by a vector, by words, by both, or by a vector and unlike each other.

        Args:
            query: Its ``alpha`` is the weight of meaning in a hybrid query, its
                ``mmr_threshold`` that of nearness in MMR.
            **kwargs: Further options of ``Index.search``.

        Raises:
            UsageError: A mode that an index does not have, or a query without what it needs.
        """
        # LlamaIndex's own retriever gives an empty list where it means all of them
        where = _chosen(query.node_ids or None, query.filters)
        if query.doc_ids:
            where = conjunction([where, In(_REF, tuple(query.doc_ids))])
        if where is False:
            return VectorStoreQueryResult(nodes=[], similarities=[], ids=[])
        if query.mode is VectorStoreQueryMode.MMR:
            threshold = kwargs.pop("mmr_threshold", query.mmr_threshold)
            return self._unlike(query, where, threshold, **kwargs)
        return _result(self._found(query, where, **kwargs), self._backing)

    async def aquery(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """As ``query``, in a thread."""
        return await asyncio.to_thread(self.query, query, **kwargs)

    def _found(self, query: VectorStoreQuery, where: Filter | bool, **kwargs: Any) -> list[Hit]:
        k, vector = query.similarity_top_k, query.query_embedding
        tree = _where(where)
        if query.mode in _LEXICAL:
            return self._backing.search(
                _text(query), query.sparse_top_k or k, where=tree, mode="lexical", **kwargs
            )
        if vector is None:
            raise UsageError(f"A query of mode {query.mode.value!r} needs an embedding.")
        if query.mode in _HYBRID:
            mode = ModeOptions(mode=SearchMode.HYBRID, weight=query.alpha)
            return self._backing.search(
                _text(query),
                query.hybrid_top_k or k,
                where=tree,
                vector=vector,
                mode=mode,
                **kwargs,
            )
        if query.mode is not VectorStoreQueryMode.DEFAULT:
            raise UsageError(f"An index has no query mode {query.mode.value!r}.")
        return self._backing.search("", k, where=tree, vector=vector, **kwargs)

    def _unlike(
        self, query: VectorStoreQuery, where: Filter | bool, threshold: float | None, **kwargs: Any
    ) -> VectorStoreQueryResult:
        vector, index = query.query_embedding, self._backing.index
        if vector is None:
            raise UsageError("A query of mode 'mmr' needs an embedding.")
        near = self._backing.search(
            "",
            _FETCHED * query.similarity_top_k,
            where=_where(where),
            vector=vector,
            **kwargs,
        )
        by_id = {hit.doc_id: hit for hit in near}
        if index is None or not near:
            return _result([], self._backing)
        rows = [row for block in index.vectors(list(by_id)) for row in block.rows.tolist()]
        _, chosen = get_top_k_mmr_embeddings(
            vector,
            rows,
            similarity_top_k=query.similarity_top_k,
            embedding_ids=list(by_id),
            mmr_threshold=threshold,
        )
        return _result([by_id[doc_id] for doc_id in chosen], self._backing)

    def _delete_where(self, where: Filter | bool) -> None:
        if where is not False:
            self._backing.delete_where(_where(where))


def _where(where: Filter | bool) -> Filter | None:
    return None if isinstance(where, bool) else where


def _tree(given: MetadataFilters | Filter | str | None) -> Filter | bool:
    if isinstance(given, MetadataFilters) or given is None:
        return metadata_filter(given)
    from retrieval.query.filter_parsing import filter_of

    found = filter_of(given)
    return True if found is None else found


def _chosen(node_ids: Sequence[str] | None, filters: MetadataFilters | None) -> Filter | bool:
    where = metadata_filter(filters)
    if node_ids is None:
        return where
    return conjunction([where, In(_NODE_ID, tuple(node_ids)) if node_ids else False])


def _text(query: VectorStoreQuery) -> str:
    if not query.query_str:
        raise UsageError(f"A query of mode {query.mode.value!r} needs a text.")
    return str(query.query_str)


def _document(node: BaseNode) -> Document:
    written = node_to_metadata_dict(node, remove_text=True)
    content, kind = written.pop("_node_content"), written.pop("_node_type")
    metadata = {**written, _NODE: {"content": json.loads(content), "type": kind}}
    return Document(node.node_id, node.get_content(), "", {**metadata, _NODE_ID: node.node_id})


def _node(document: Document) -> BaseNode:
    kept = document.metadata.get(_NODE)
    if not isinstance(kept, dict):
        metadata = dict(document.metadata)
        return TextNode(id_=document.doc_id, text=document.text, metadata=metadata)
    written = {"_node_content": json.dumps(kept["content"]), "_node_type": kept["type"]}
    return metadata_dict_to_node(written, text=document.text)


def _result(hits: Sequence[Hit], backing: Backing) -> VectorStoreQueryResult:
    whole = backing.texts_of(hits)
    return VectorStoreQueryResult(
        nodes=[_node(whole[hit.doc_id]) for hit in hits],
        similarities=[hit.score for hit in hits],
        ids=[hit.doc_id for hit in hits],
    )


def _passage(hit: Hit) -> NodeWithScore:
    title = {"title": hit.title} if hit.title else {}
    node = TextNode(
        id_=hit.passage_id,
        text=hit.text,
        metadata={**title, "doc_id": hit.doc_id, **_shown(hit)},
        start_char_idx=hit.span.start,
        end_char_idx=hit.span.end,
    )
    return NodeWithScore(node=node, score=hit.score)


def _shown(hit: Hit) -> dict[str, Any]:
    return {name: value for name, value in hit.metadata.items() if name != _NODE}
