"""An open index: what programs hold and ask."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.engine.concepts.judging import JudgingMethods
from retrieval.engine.contexts import ContextMethods
from retrieval.engine.filtering import MetadataMethods
from retrieval.engine.reading import ReadingMethods
from retrieval.engine.recall import building_for
from retrieval.engine.reranking.opened import Rerankers
from retrieval.engine.wanted_model import WantedModel
from retrieval.errors import UsageError
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.reach import OWN_REACH, Reach

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.engine.reports import BuildReport, DeleteReport, Status, VerifyReport
    from retrieval.query.filter_parsing import GivenFilter


class Index(ContextMethods, ReadingMethods, MetadataMethods, JudgingMethods):
    """An index on disk, open at one generation; use it as a context manager or ``close`` it.

    Searching is safe from any number of threads. Writing moves this index to the new
    generation; other open ones stay at theirs until ``refresh``.

    Args:
        folder: The index folder.
        wanted: The model, and who follows slow work, such as its first export.
        reach: What searches are asked for of recall, unless they say so themselves.
        once: Whether it is closed after one search or batch.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
    """

    def __init__(
        self,
        folder: Path,
        wanted: WantedModel | None = None,
        *,
        reach: Reach = OWN_REACH,
        once: bool = False,
    ) -> None:
        self.path = folder
        self.name = folder.resolve().name
        self.report: BuildReport | None = None
        self._wanted = wanted or WantedModel()
        self._offline = self._wanted.offline
        self._observer = self._wanted.observer
        self._once = once
        self._warned: set[str] = set()
        self._store = LocalStore(folder, building=building_for(self._observer), reach=reach)
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._rerankers = Rerankers(
            offline=self._offline, note=self._observer.note, loading=self._wanted.loading
        )
        self._store.describe()

    @property
    def encoder(self) -> Encoder:
        """The model, loaded when first needed and checked against the index."""
        with self._encoder_lock:
            if self._encoder is None:
                from retrieval.engine.wanted_model import open_model

                self._encoder, self._close_encoder = open_model(
                    self._store.describe().model, self._wanted, where=self.path
                )
            return self._encoder

    def upsert(
        self,
        documents: Iterable[Document | Mapping[str, object]],
        *,
        vectors: NDArray[np.floating] | None = None,
    ) -> BuildReport:
        """Add documents; those of a known id replace it, unchanged ones are not encoded.

        Args:
            documents: ``Document`` records, or mappings with the fields of a JSON row
                (``id``, ``text``, ``title``, anything else is metadata). Of one id
                given twice, the last counts.
            vectors: Floating (documents, dim), their vectors in this order, for an index of
                own vectors; None to have them encoded.

        Returns:
            What was done; durable when it is returned.

        Raises:
            InputError: A mapping has no text, or an id of a wrong type; the vectors do not
                fit the documents.
            UsageError: New documents came without vectors, and no model is known.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.engine.upserting import upsert

        return upsert(self, documents, vectors, self._wanted)

    def delete(
        self, ids: Iterable[str] = (), *, where: GivenFilter = None, dry_run: bool = False
    ) -> DeleteReport:
        """Delete documents by id, or those whose metadata fits a filter.

        Args:
            ids: Their ids.
            where: A filter, instead of ids; what it lets through is told as it is deleted.
            dry_run: Only tell what would be deleted, as of the generation that searches see.

        Returns:
            What was done, unknown ids among it; durable when it is returned.

        Raises:
            UsageError: A single string was given instead of several ids, or ids and a filter.
            FilterError: The filter cannot be read, or does not fit the fields.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.engine.reports import DeleteReport
        from retrieval.query.filter_parsing import filter_of

        if isinstance(ids, str):
            raise UsageError(f"delete takes several ids; write delete([{ids!r}]).")
        wanted, tree = list(ids), filter_of(where)
        if tree is not None and wanted:
            raise UsageError("delete takes ids or a filter, not both.")
        if dry_run:
            distinct = dict.fromkeys(wanted)
            missing = tuple(one for one in distinct if self.snapshot.find(one) is None)
            return DeleteReport(
                index=self.name,
                generation=self.snapshot.generation,
                deleted=len(distinct) - len(missing) if tree is None else self.count(tree),
                missing=missing,
                dry_run=True,
            )
        receipt = self._store.delete(wanted) if tree is None else self._store.delete_where(tree)
        return DeleteReport(
            index=self.name,
            generation=receipt.generation,
            deleted=receipt.deleted,
            missing=receipt.missing,
            dry_run=False,
        )

    def refresh(self) -> int:
        """Move to the newest generation and return its number."""
        self._store.close()
        return self._store.describe().generation

    def status(self) -> Status:
        """Tell what the index holds on disk now."""
        from retrieval.engine.checks import status

        return status(self.path)

    def verify(self, *, sample: int = 64) -> VerifyReport:
        """Check everything on disk; see ``retrieval.verify``."""
        from retrieval.engine.checks import verify

        return verify(
            self.path,
            sample=sample,
            model=self._wanted.model,
            offline=self._offline,
            observer=self._observer,
        )

    def close(self) -> None:
        """Free the model and the memory maps."""
        with self._encoder_lock:
            if self._encoder is not None:
                self._close_encoder()
                self._encoder = None
        self._rerankers.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
