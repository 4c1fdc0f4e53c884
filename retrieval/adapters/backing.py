"""The index behind an adapter: opened when first needed, made when first written to."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from retrieval.adapters.constant import settled
from retrieval.engine import Index, index_documents, index_path
from retrieval.engine import open as open_index
from retrieval.errors import IndexNotFoundError, InputError, UsageError
from retrieval.records import Document, Hit, PassageMode, PassageOptions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.filters.tree import Filter
    from retrieval.records import JsonValue

WHOLE = PassageOptions(mode=PassageMode.WHOLE)
"""Frameworks cut texts themselves: what they add is one passage."""


class Backing:
    """An index by name, path or as it is open; one that is not there yet is empty.

    Reading is safe from any number of threads; changes go one after another.

    Args:
        index: An open index, a name under ``./indexes``, or a path.
        model: Bi-encoder by name or folder; None for the index's own, else the bundled.
        encoder: An encoder in its stead.
        offline: Never ask a model hub.

    Raises:
        UsageError: An open index came with another model.
    """

    def __init__(
        self,
        index: Index | str | os.PathLike[str],
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        offline: bool = False,
    ) -> None:
        if isinstance(index, Index) and (model is not None or encoder is not None):
            raise UsageError(
                "An open index has its model already.", fix="Give its path to name another."
            )
        self._lock = threading.RLock()
        self._model = model
        self._encoder = encoder
        self._offline = offline
        self._index = index if isinstance(index, Index) else None
        self.path: Path = index.path if isinstance(index, Index) else index_path(index)

    @property
    def index(self) -> Index | None:
        """The open index; None where nothing was ever added."""
        with self._lock:
            if self._index is None:
                try:
                    self._index = open_index(
                        self.path, model=self._model, encoder=self._encoder, offline=self._offline
                    )
                except IndexNotFoundError:
                    return None
            return self._index

    def upsert(
        self, documents: Sequence[Document], vectors: NDArray[np.floating] | None = None
    ) -> None:
        """Add documents, replacing those of the same id; durable on return.

        Args:
            documents: Of distinct ids.
            vectors: Floating (documents, dim), for an index of own vectors.

        Raises:
            InputError: Metadata that JSON cannot hold.
        """
        for one in documents:
            try:
                orjson.dumps(dict(one.metadata))
            except TypeError as error:
                raise InputError(
                    f"The metadata of document {one.doc_id!r} cannot be kept: {error}.",
                    fix="Give it strings, numbers, true, false, null, lists and mappings.",
                ) from None
        if not documents:
            return
        with self._lock:
            if self.index is not None:
                self.index.upsert(documents, vectors=vectors)
                return
            self._index = index_documents(
                documents,
                self.path,
                model=self._model,
                encoder=self._encoder,
                vectors=vectors,
                passages=WHOLE,
                offline=self._offline,
            )

    def delete(self, ids: Sequence[str]) -> None:
        """Delete documents by id; unknown ids are fine."""
        with self._lock:
            if ids and self.index is not None:
                self.index.delete(ids)

    def delete_where(self, where: Filter | None) -> int:
        """Delete the documents that match, all of them for None; return how many."""
        with self._lock:
            found = self.settled(where)
            if self.index is None or found is False:
                return 0
            if found is True:
                everything = [one.doc_id for one in self.index.documents()]
                return self.index.delete(everything).deleted
            return self.index.delete(where=found).deleted

    def update_where(self, where: Filter | None, changes: Mapping[str, JsonValue]) -> int:
        """Set metadata of the documents that match, all for None; return how many changed."""
        with self._lock:
            found = self.settled(where)
            if self.index is None or found is False:
                return 0
            if found is True:
                everything = [one.doc_id for one in self.index.documents()]
                return self.index.update_metadata(changes, ids=everything)
            return self.index.update_metadata(changes, where=found)

    def get(self, ids: Sequence[str]) -> list[Document]:
        """Return the documents of these ids that are there, in this order."""
        index = self.index
        return [] if index is None else list(index.get(ids).documents)

    def documents(self, where: Filter | None = None) -> Iterator[Document]:
        """Yield the documents that match, in order of id."""
        index = self.index
        found = self.settled(where)
        if index is None or found is False:
            return iter(())
        return index.documents(where=None if found is True else found)

    def count(self, where: Filter | None = None) -> int:
        """Return how many documents match."""
        index = self.index
        found = self.settled(where)
        if index is None or found is False:
            return 0
        return index.count(None if found is True else found)

    def search(
        self,
        query: str,
        k: int,
        *,
        where: Filter | None = None,
        vector: Sequence[float] | None = None,
        **options: Any,
    ) -> list[Hit]:
        """Find documents by a text, or by a vector where one is given.

        Args:
            query: A text; empty with a vector.
            k: Hits wanted; 0 for none.
            where: What they have to match.
            vector: Numbers (dim,).
            options: Of ``Index.search``, such as ``mode``; None stands for its default.
        """
        index = self.index
        found = self.settled(where)
        if index is None or found is False or k == 0 or not self.count():
            return []
        named = {name: value for name, value in options.items() if value is not None}
        if where is not None and found is not True:
            named["where"] = found
        if vector is not None:
            named["vector"] = vector
        return index.search(query, k, **named)

    def settled(self, where: Filter | None) -> Filter | bool:
        """Return a filter without fields that no document has; True for none at all."""
        index = self.index
        if where is None:
            return True
        return settled(where, () if index is None else index.snapshot.fields)

    def texts_of(self, hits: Sequence[Hit]) -> Mapping[str, Document]:
        """Return the documents of hits, by id."""
        return {one.doc_id: one for one in self.get([hit.doc_id for hit in hits])}
