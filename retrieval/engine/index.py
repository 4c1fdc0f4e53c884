"""An open index: what programs hold and ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from retrieval.engine.concepts.judging import JudgingMethods
from retrieval.engine.filtering import MetadataMethods
from retrieval.engine.observer import SILENT, Observer
from retrieval.engine.reranking.opened import Rerankers
from retrieval.engine.searching import SearchMethods
from retrieval.errors import ModelMismatchError, UsageError
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.encode.protocol import Encoder
    from retrieval.engine.reports import BuildReport, DeleteReport, Status, VerifyReport
    from retrieval.query.filter_parsing import GivenFilter


class Index(SearchMethods, MetadataMethods, JudgingMethods):
    """An index on disk, open at one generation; use it as a context manager or ``close`` it.

    Searching is safe from any number of threads. Writing moves this index to the new
    generation; other open ones stay at theirs until ``refresh``.

    Args:
        folder: The index folder.
        model: Bi-encoder by name or folder; None for the one the index was built with.
        offline: Never ask a model hub.
        observer: Follows slow work, such as a model's first export.

    Raises:
        IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
        DamagedIndexError: A part of it is damaged or missing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        model: str | None = None,
        offline: bool = False,
        observer: Observer = SILENT,
    ) -> None:
        self.path = folder
        self.name = folder.resolve().name
        self.report: BuildReport | None = None
        self._model = model
        self._offline = offline
        self._observer = observer
        self._store = LocalStore(folder)
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._rerankers = Rerankers(offline=offline, note=observer.note)
        self._store.describe()

    @property
    def encoder(self) -> Encoder:
        """The model, loaded when first needed and checked against the index."""
        with self._encoder_lock:
            if self._encoder is None:
                from retrieval.encode.opening import open_encoder

                known = self._store.describe().model
                encoder = open_encoder(
                    self._model or known.name, offline=self._offline, note=self._observer.note
                )
                if encoder.identity.fingerprint != known.fingerprint:
                    given = encoder.identity
                    encoder.close()
                    raise ModelMismatchError(
                        f"{self.path} was built with {known.name} ({known.fingerprint});"
                        f" {given.name} ({given.fingerprint}) makes other vectors.",
                        fix=f"Use --model {known.name}, or index the texts anew with --index NAME.",
                    )
                self._encoder = encoder
            return self._encoder

    def upsert(self, documents: Iterable[Document | Mapping[str, object]]) -> BuildReport:
        """Add documents; those of a known id replace it, unchanged ones are not encoded.

        Args:
            documents: ``Document`` records, or mappings with the fields of a JSON row
                (``id``, ``text``, ``title``, anything else is metadata). Of one id
                given twice, the last counts.

        Returns:
            What was done; durable when it is returned.

        Raises:
            InputError: A mapping has no text, or an id of a wrong type.
            LockedError, FileSystemError: Nothing was committed.
        """
        from retrieval.corpus.rows import document_from_row
        from retrieval.engine.building import build_report
        from retrieval.engine.encoding import DocumentEncoder
        from retrieval.store.session import WriterSettings

        started = time.monotonic()
        distinct = {}
        for given in documents:
            document = given if isinstance(given, Document) else document_from_row(given)
            distinct[document.doc_id] = document
        options = self._store.describe().passages
        encoder = self.encoder
        settings = WriterSettings(
            model=encoder.identity, passages=options, numerics=encoder.numerics
        )
        store = LocalStore(self.path, settings)
        receipt = store.upsert(distinct.values(), DocumentEncoder(encoder, options, self._observer))
        self.refresh()
        return build_report(
            self.name,
            store,
            receipt,
            rejected=0,
            rejects_path=None,
            seconds=time.monotonic() - started,
        )

    def delete(self, ids: Iterable[str] = (), *, where: GivenFilter = None) -> DeleteReport:
        """Delete documents by id, or those whose metadata fits a filter.

        Args:
            ids: Their ids.
            where: A filter, instead of ids; what it lets through is told as it is deleted.

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
        receipt = self._store.delete(wanted) if tree is None else self._store.delete_where(tree)
        return DeleteReport(
            index=self.name,
            generation=receipt.generation,
            deleted=receipt.deleted,
            missing=receipt.missing,
        )

    def refresh(self) -> int:
        """Move to the newest generation and return its number."""
        self._store.close()
        return self._store.describe().generation

    @property
    def snapshot(self) -> Snapshot:
        """The generation that searches see."""
        return self._store.snapshot

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
            model=self._model,
            offline=self._offline,
            observer=self._observer,
        )

    def close(self) -> None:
        """Free the model and the memory maps."""
        with self._encoder_lock:
            if self._encoder is not None:
                self._encoder.close()
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
