"""Haystack 2: a document store and the retrievers that ask it (``retrieval[haystack]``)."""

from __future__ import annotations

from retrieval.adapters.haystack_retrievers import (
    RetrievalEmbeddingRetriever,
    RetrievalRetriever,
)
from retrieval.adapters.haystack_store import RetrievalDocumentStore

__all__ = ["RetrievalDocumentStore", "RetrievalEmbeddingRetriever", "RetrievalRetriever"]
