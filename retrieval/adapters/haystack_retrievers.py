"""The retrievers of ``retrieval.adapters.haystack``."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from retrieval.adapters.haystack_store import RetrievalDocumentStore
from retrieval.extras import missing_extra

try:
    from haystack import Document as HaystackDocument
    from haystack import component, default_from_dict, default_to_dict
    from haystack.document_stores.types import FilterPolicy, apply_filter_policy
except ImportError as error:
    raise missing_extra("haystack", extra="haystack", purpose="The Haystack adapter") from error


@component
class RetrievalRetriever:
    """Answers a text with the best passages of a store, each of another document.

    Args:
        document_store: The store, or an index that was built otherwise, as one.
        top_k: Passages to return.
        filters: What documents have to match.
        filter_policy: Whether filters of a run replace these or join them.
        mode: ``dense``, ``lexical`` or ``hybrid``.
        search_options: Further options of ``Index.search``, as JSON types.
    """

    def __init__(
        self,
        document_store: RetrievalDocumentStore,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
        *,
        filter_policy: FilterPolicy = FilterPolicy.REPLACE,
        mode: str = "dense",
        search_options: dict[str, Any] | None = None,
    ) -> None:
        self.document_store = document_store
        self.top_k = top_k
        self.filters = filters
        self.filter_policy = filter_policy
        self.mode = mode
        self.search_options = search_options or {}

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` makes the component of again."""
        written: dict[str, Any] = default_to_dict(
            self,
            document_store=self.document_store.to_dict(),
            top_k=self.top_k,
            filters=self.filters,
            filter_policy=self.filter_policy.value,
            mode=self.mode,
            search_options=self.search_options,
        )
        return written

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make a component of what ``to_dict`` returned."""
        made: Self = default_from_dict(cls, _revived(data))
        return made

    @component.output_types(documents=list[HaystackDocument])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[HaystackDocument]]:
        """Find passages by a text.

        Args:
            query: The text.
            filters: What documents have to match in this run.
            top_k: Passages of this run.
        """
        found = self.document_store.search(
            query,
            self.top_k if top_k is None else top_k,
            apply_filter_policy(self.filter_policy, self.filters, filters),
            mode=self.mode,
            **self.search_options,
        )
        return {"documents": found}

    @component.output_types(documents=list[HaystackDocument])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[HaystackDocument]]:
        """As ``run``, in a thread."""
        return await asyncio.to_thread(self.run, query, filters, top_k)


@component
class RetrievalEmbeddingRetriever:
    """Answers a vector with the nearest documents of a store of own vectors.

    Args:
        document_store: The store.
        top_k: Documents to return.
        filters: What they have to match.
        filter_policy: Whether filters of a run replace these or join them.
    """

    def __init__(
        self,
        document_store: RetrievalDocumentStore,
        top_k: int = 10,
        filters: dict[str, Any] | None = None,
        *,
        filter_policy: FilterPolicy = FilterPolicy.REPLACE,
    ) -> None:
        self.document_store = document_store
        self.top_k = top_k
        self.filters = filters
        self.filter_policy = filter_policy

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` makes the component of again."""
        written: dict[str, Any] = default_to_dict(
            self,
            document_store=self.document_store.to_dict(),
            top_k=self.top_k,
            filters=self.filters,
            filter_policy=self.filter_policy.value,
        )
        return written

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make a component of what ``to_dict`` returned."""
        made: Self = default_from_dict(cls, _revived(data))
        return made

    @component.output_types(documents=list[HaystackDocument])
    def run(
        self,
        query_embedding: list[float],
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
    ) -> dict[str, list[HaystackDocument]]:
        """Find documents by a vector.

        Args:
            query_embedding: The vector, made as those of the documents were.
            filters: What documents have to match in this run.
            top_k: Documents of this run.
        """
        found = self.document_store.search(
            "",
            self.top_k if top_k is None else top_k,
            apply_filter_policy(self.filter_policy, self.filters, filters),
            query_embedding,
        )
        return {"documents": found}

    @component.output_types(documents=list[HaystackDocument])
    async def run_async(
        self,
        query_embedding: list[float],
        filters: dict[str, Any] | None = None,
        top_k: int | None = None,
    ) -> dict[str, list[HaystackDocument]]:
        """As ``run``, in a thread."""
        return await asyncio.to_thread(self.run, query_embedding, filters, top_k)


def _revived(data: dict[str, Any]) -> dict[str, Any]:
    """Return serialised parameters with their store and policy made again."""
    given = dict(data.get("init_parameters", {}))
    given["document_store"] = RetrievalDocumentStore.from_dict(given["document_store"])
    if "filter_policy" in given:
        given["filter_policy"] = FilterPolicy.from_str(given["filter_policy"])
    return {**data, "init_parameters": given}
