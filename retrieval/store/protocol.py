"""What a store is: the seam where something else may stand in for the local folder.

Cutting, encoding, fusion, reranking and measuring stay above it.
``retrieval.testing.store_contract`` is the suite every store passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from retrieval.filters.tree import Filter
from retrieval.lexical.bm25 import Bm25Options
from retrieval.records import Document, Span
from retrieval.store.content import EncodedDocument
from retrieval.store.manifest import Manifest
from retrieval.store.ranking import FoundPassage, Ranking
from retrieval.store.verify import Progress, StoreCheck
from retrieval.vectors import FloatRows


@dataclass(frozen=True, slots=True)
class Passages:
    """A document's passages, encoded.

    Attributes:
        spans: Where they lie in the document's text; at least one.
        vectors: float32 (len(spans), dim), unit rows; zero rows for an empty document.
        unseen_tokens: Tokens of the document that no passage shows the model.
    """

    spans: tuple[Span, ...]
    vectors: FloatRows
    unseen_tokens: int


EncodeDocuments: TypeAlias = Callable[[Sequence[Document]], Sequence[Passages]]
"""Cuts and encodes documents, one result each, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertReceipt:
    """What an upsert did; durable when it is returned.

    Attributes:
        generation: The newest generation; a search with this snapshot sees the upsert.
        committed: Whether anything had to be changed.
        read: Documents given.
        added: Documents whose id was new.
        replaced: Documents that took the place of another version.
        unchanged: Documents that were indexed already, exactly so.
        removed: Documents deleted because they were not given (``sync``).
        empty: Documents given without any text.
        encoded_passages: Passages that went through the model.
        resumed_passages: Passages taken over from an interrupted run.
    """

    generation: int
    committed: bool
    read: int
    added: int
    replaced: int
    unchanged: int
    removed: int
    empty: int
    encoded_passages: int
    resumed_passages: int


@dataclass(frozen=True, slots=True)
class DeleteReceipt:
    """What a deletion did; durable when it is returned.

    Attributes:
        generation: The newest generation.
        deleted: Documents deleted.
        missing: Ids that no document has, in the order given.
    """

    generation: int
    deleted: int
    missing: tuple[str, ...]


@runtime_checkable
class Store(Protocol):
    """Documents, passages and vectors, durable on return.

    A search sees one generation whole; upserts are idempotent by id; k hits come back
    whenever k documents can be found; vectors of another model are refused.
    """

    def describe(self) -> Manifest:
        """Return what the store holds, as of the generation that searches see."""
        ...

    def upsert(self, documents: Iterable[Document], encode: EncodeDocuments) -> UpsertReceipt:
        """Add documents, replacing those of the same id; unchanged ones are not encoded.

        Args:
            documents: Documents of distinct ids; may be a stream.
            encode: Called with those that need encoding, a batch at a time; from threads of
                its own, of which two may call at once.

        Raises:
            FileSystemError, LockedError: Nothing was committed.
        """
        ...

    def delete(self, ids: Iterable[str]) -> DeleteReceipt:
        """Delete documents by id; unknown ids are reported, not refused."""
        ...

    def delete_where(self, where: Filter) -> DeleteReceipt:
        """Delete the documents that a filter lets through."""
        ...

    def search_vectors(
        self, queries: FloatRows, k: int, *, where: Filter | None = None
    ) -> list[Ranking]:
        """Find the k best documents of each query that a filter lets through.

        See ``Snapshot.search_vectors`` and, for the filter, ``Snapshot.select``.
        """
        ...

    def search_words(
        self,
        queries: Sequence[str],
        k: int,
        options: Bm25Options | None = None,
        *,
        where: Filter | None = None,
    ) -> list[Ranking]:
        """Find the k documents that best hold each query's words; see ``Snapshot.search_words``."""
        ...

    def fetch(self, ranking: Ranking) -> list[FoundPassage]:
        """Read the documents of a ranking with the passages they were found by."""
        ...

    def scan(self) -> Iterator[EncodedDocument]:
        """Yield every live document with its vectors."""
        ...

    def verify(self, progress: Progress | None = None) -> StoreCheck:
        """Check everything stored; problems are reported, not raised."""
        ...

    def close(self) -> None:
        """Let go of the generation; the store is not used afterwards."""
        ...
