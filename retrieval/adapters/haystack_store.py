"""The document store of ``retrieval.adapters.haystack``."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from retrieval.adapters.backing import Backing
from retrieval.adapters.haystack_filters import haystack_filter
from retrieval.errors import FilterError, InputError
from retrieval.extras import missing_extra
from retrieval.filters.tree import Filter
from retrieval.records import Document

try:
    from haystack import Document as HaystackDocument
    from haystack import default_from_dict, default_to_dict
    from haystack.document_stores.errors import DuplicateDocumentError
    from haystack.document_stores.types import DuplicatePolicy
    from haystack.errors import FilterError as HaystackFilterError
except ImportError as error:
    raise missing_extra("haystack", extra="haystack", purpose="The Haystack adapter") from error


class RetrievalDocumentStore:
    """A document store in an index folder, durable whenever a call returns.

    Texts are encoded by the index's own model and embeddings of documents are not looked at;
    or, with ``own_vectors``, embeddings are all there is, and every document needs one. Either
    way documents come back without embeddings, in order of id. What is neither text nor
    metadata (blobs, sparse embeddings) is refused.

    Args:
        index: A name under ``./indexes``, or a path; made by the first document.
        model: Bi-encoder by name or folder; None for the index's own, else the bundled.
        own_vectors: Whether documents bring the vectors they are found by.
    """

    def __init__(self, index: str, *, model: str | None = None, own_vectors: bool = False) -> None:
        self.index = os.fspath(index)
        self.model = model
        self.own_vectors = own_vectors
        self.backing = Backing(index, model=model)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` makes the store of again; documents stay where they are."""
        written: dict[str, Any] = default_to_dict(
            self, index=self.index, model=self.model, own_vectors=self.own_vectors
        )
        return written

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make a store of what ``to_dict`` returned."""
        made: Self = default_from_dict(cls, data)
        return made

    def count_documents(self) -> int:
        """Return how many documents there are."""
        return self.backing.count()

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[HaystackDocument]:
        """Return the documents that match, in order of id.

        Raises:
            haystack.errors.FilterError: The filter is malformed, or does not fit the fields.
        """
        with _told_as_filter_errors():
            return [_given_back(one) for one in self._matching(filters)]

    def write_documents(
        self,
        documents: list[HaystackDocument],
        policy: DuplicatePolicy = DuplicatePolicy.NONE,
    ) -> int:
        """Write documents and return how many.

        Args:
            documents: What to write.
            policy: What of documents whose ids are known; ``NONE`` is ``FAIL``.

        Raises:
            ValueError: Something else than a list of documents.
            DuplicateDocumentError: An id is known, under ``FAIL``; nothing was written.
            InputError: A blob or sparse embedding, metadata that JSON cannot hold, or no
                embedding where vectors are own.
        """
        if not isinstance(documents, list) or not all(
            isinstance(one, HaystackDocument) for one in documents
        ):
            raise ValueError("A list of haystack.Document is expected.")
        distinct = {one.id: one for one in documents}
        if policy is not DuplicatePolicy.OVERWRITE:
            known = {one.doc_id for one in self.backing.get(list(distinct))}
            if policy is not DuplicatePolicy.SKIP and (known or len(distinct) < len(documents)):
                twice = next(iter(known), "given twice")
                raise DuplicateDocumentError(f"Document {twice!r} is in the store already.")
            distinct = {name: one for name, one in distinct.items() if name not in known}
        kept = list(distinct.values())
        vectors = self._vectors(kept) if self.own_vectors and kept else None
        self.backing.upsert([_taken_in(one) for one in kept], vectors)
        return len(documents) if policy is DuplicatePolicy.OVERWRITE else len(kept)

    def delete_documents(self, document_ids: list[str]) -> None:
        """Delete documents by id; unknown ids are fine."""
        self.backing.delete(document_ids)

    def delete_all_documents(self) -> None:
        """Delete every document; the index stays, empty."""
        self.backing.delete_where(None)

    def delete_by_filter(self, filters: dict[str, Any]) -> int:
        """Delete the documents that match and return how many.

        Raises:
            haystack.errors.FilterError: As ``filter_documents``.
        """
        with _told_as_filter_errors():
            where = haystack_filter(filters)
            return 0 if where is False else self.backing.delete_where(_where(where))

    def update_by_filter(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        """Set metadata of the documents that match and return how many changed.

        Nothing is encoded; None takes a field away.

        Raises:
            haystack.errors.FilterError: As ``filter_documents``.
        """
        with _told_as_filter_errors():
            where = haystack_filter(filters)
            return 0 if where is False else self.backing.update_where(_where(where), meta)

    def count_documents_by_filter(self, filters: dict[str, Any]) -> int:
        """Return how many documents match.

        Raises:
            haystack.errors.FilterError: As ``filter_documents``.
        """
        with _told_as_filter_errors():
            where = haystack_filter(filters)
            return 0 if where is False else self.backing.count(_where(where))

    async def count_documents_async(self) -> int:
        """As ``count_documents``, in a thread."""
        return await asyncio.to_thread(self.count_documents)

    async def filter_documents_async(
        self, filters: dict[str, Any] | None = None
    ) -> list[HaystackDocument]:
        """As ``filter_documents``, in a thread."""
        return await asyncio.to_thread(self.filter_documents, filters)

    async def write_documents_async(
        self,
        documents: list[HaystackDocument],
        policy: DuplicatePolicy = DuplicatePolicy.NONE,
    ) -> int:
        """As ``write_documents``, in a thread."""
        return await asyncio.to_thread(self.write_documents, documents, policy)

    async def delete_documents_async(self, document_ids: list[str]) -> None:
        """As ``delete_documents``, in a thread."""
        await asyncio.to_thread(self.delete_documents, document_ids)

    def search(
        self,
        query: str,
        top_k: int,
        filters: dict[str, Any] | None = None,
        vector: list[float] | None = None,
        **options: Any,
    ) -> list[HaystackDocument]:
        """Find passages by a text or a vector, with scores; what the retrievers ask.

        Args:
            query: A text; empty with a vector.
            top_k: Documents wanted.
            filters: What they have to match.
            vector: Numbers (dim,).
            **options: Of ``Index.search``, such as ``mode``.

        Raises:
            haystack.errors.FilterError: As ``filter_documents``.
        """
        with _told_as_filter_errors():
            where = haystack_filter(filters)
            if where is False:
                return []
            hits = self.backing.search(query, top_k, where=_where(where), vector=vector, **options)
        return [
            HaystackDocument(
                id=hit.doc_id, content=hit.text, meta=dict(hit.metadata), score=hit.score
            )
            for hit in hits
        ]

    def _matching(self, filters: dict[str, Any] | None) -> Iterator[Document]:
        where = haystack_filter(filters)
        return iter(()) if where is False else self.backing.documents(_where(where))

    def _vectors(self, documents: list[HaystackDocument]) -> np.ndarray[Any, np.dtype[np.float64]]:
        bare = [one.id for one in documents if one.embedding is None]
        if bare:
            raise InputError(
                f"Document {bare[0]!r} has no embedding, and the store has no other vectors.",
                fix="Run an embedder before, or make the store without own_vectors.",
            )
        return np.array([one.embedding for one in documents], dtype=np.float64)


@contextmanager
def _told_as_filter_errors() -> Iterator[None]:
    """Let what is wrong with a filter be the error that Haystack has for it."""
    try:
        yield
    except FilterError as error:
        raise HaystackFilterError(str(error)) from error


def _where(where: Filter | bool) -> Filter | None:
    return None if isinstance(where, bool) else where


def _taken_in(document: HaystackDocument) -> Document:
    if document.blob is not None or document.sparse_embedding is not None:
        raise InputError(
            f"Document {document.id!r} has a blob or a sparse embedding, which no index keeps.",
            fix="Write its text and metadata alone.",
        )
    return Document(document.id, document.content or "", "", dict(document.meta))


def _given_back(document: Document) -> HaystackDocument:
    return HaystackDocument(
        id=document.doc_id, content=document.text or None, meta=dict(document.metadata)
    )
