"""The store as a folder of this machine: one writer at a time, readers that lock nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import FileSystemError, InputError, ModelMismatchError, UsageError
from retrieval.fsops import Files, LocalFiles
from retrieval.records import Document, fold
from retrieval.store import layout
from retrieval.store.ranking import FoundPassage, Ranking
from retrieval.store.reach import OWN_REACH, Reach
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows

# what only writing and checking need is imported there: a query need not pay for it
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from retrieval.filters.tree import Filter
    from retrieval.lexical.bm25 import Bm25Options
    from retrieval.store.building import Building
    from retrieval.store.concepts import ConceptContent
    from retrieval.store.content import EncodedDocument
    from retrieval.store.fusion import FusionEntry
    from retrieval.store.manifest import Manifest, SourceRecord
    from retrieval.store.precision_cost import PrecisionCost
    from retrieval.store.protocol import DeleteReceipt, EncodeDocuments, UpsertReceipt
    from retrieval.store.score_curve import ScoreCurve
    from retrieval.store.session import WriterSettings
    from retrieval.store.taking_in import Renewed
    from retrieval.store.verify import Progress, StoreCheck
    from retrieval.store.writer import IndexWriter


class LocalStore:
    """A ``Store`` in a folder; reading needs no settings, adding does.

    Args:
        folder: The index folder.
        settings: Model, passage options and numerics of what is added.
        files: The file system; None for this machine's.
        names: Source of fresh names.
        clock: Seconds since the epoch.
        building: Says, when a writer is opened, how approximate indexes are built; None for
            the usual.
        reach: What searches are asked for of recall, unless they say so themselves.
    """

    def __init__(
        self,
        folder: Path,
        settings: WriterSettings | None = None,
        *,
        files: Files | None = None,
        names: layout.Names = layout.random_names,
        clock: Callable[[], float] = time.time,
        building: Callable[[], Building] | None = None,
        reach: Reach = OWN_REACH,
    ) -> None:
        self.folder = folder
        self._settings = settings
        self._files = files or LocalFiles()
        self._names = names
        self._clock = clock
        self._building = building
        self._reach = reach
        self._snapshot: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The generation that searches see; opened when first needed."""
        if self._snapshot is None:
            self._snapshot = Snapshot.open(self.folder, self._files)
        if self._snapshot.reach != self._reach:
            self._snapshot = self._snapshot.reaching(self._reach)
        return self._snapshot

    def describe(self) -> Manifest:
        """Return the manifest of the generation that searches see."""
        return self.snapshot.manifest

    def upsert(
        self,
        documents: Iterable[Document],
        encode: EncodeDocuments,
        *,
        sources: tuple[SourceRecord, ...] | None = None,
        sync: bool = False,
        commit_every: int | None = None,
        may_sync: Callable[[], bool] = lambda: True,
        encoded: Callable[[], PrecisionCost | None] = lambda: None,
        renewed: Renewed | None = None,
    ) -> UpsertReceipt:
        """Add documents in one commit; see ``Store.upsert``.

        When it fails or is interrupted, what was encoded is kept as spills and the next
        call takes it over; only a file system that refuses to write ends that.

        Args:
            documents: Documents of distinct ids; may be a stream.
            encode: Called with those that need encoding, a batch at a time; from threads of
                its own, of which two may call at once.
            sources: Where they come from; None leaves what the index says.
            sync: Also delete documents that are not among them.
            commit_every: Make a partial commit after so many changed documents.
            may_sync: Asked at the end whether ``sync`` may delete after all.
            encoded: Told when every document is encoded, before the commit; gives what their
                precision costs, None to leave what is known of that.
            renewed: Asked of every batch, with what is stored, which documents are to be
                given to ``encode`` though their text be known: those that bring vectors.

        Raises:
            UsageError: No settings, or ``sync`` together with ``commit_every``.
            InputError: No document at all, and no index yet.
            FileSystemError, LockedError, ModelMismatchError: Nothing was committed.
        """
        if self._settings is None:
            raise UsageError(f"{self.folder} was opened for reading; documents need a model.")
        if sync and commit_every is not None:
            raise UsageError(
                "--sync and --commit-every do not go together: what is no longer in the"
                " input is known only at its end.",
                fix="Leave one of them out.",
            )
        from retrieval.store.taking_in import take_in
        from retrieval.store.tally import Tally

        tally = Tally()
        with self._writer(self._settings) as writer:
            writer.adopt()
            try:
                uncommitted = 0
                # places change with a commit, and rows that come along are of one batch
                ahead = commit_every is None and renewed is None
                for changed in take_in(writer, documents, encode, tally, renewed, ahead=ahead):
                    uncommitted += changed
                    if commit_every is not None and uncommitted >= commit_every:
                        tally.commits += writer.commit(sources=sources, incomplete=True) is not None
                        uncommitted = 0
                writer.cost = encoded() or writer.cost
                if sync and may_sync():
                    tally.removed = writer.delete_unseen()
                tally.commits += writer.commit(sources=sources) is not None
            except FileSystemError:
                raise
            except BaseException:
                writer.spill()
                raise
            if writer.base is None:
                raise InputError(f"No document to index: {self.folder} was not made.")
            self._snapshot = writer.base
        return tally.receipt(self.snapshot.generation)

    def _writer(self, settings: WriterSettings | None) -> AbstractContextManager[IndexWriter]:
        from retrieval.store.opening import open_writer

        return open_writer(
            self.folder,
            settings,
            files=self._files,
            names=self._names,
            clock=self._clock,
            building=None if self._building is None else self._building(),
        )

    def delete(self, ids: Iterable[str]) -> DeleteReceipt:
        """Delete documents by id in one commit; see ``Store.delete``."""
        from retrieval.store.protocol import DeleteReceipt

        Snapshot.open(self.folder, self._files)  # refuses what is no index before locking it
        wanted = list(dict.fromkeys(ids))
        with self._writer(None) as writer:
            missing = writer.delete(wanted)
            writer.commit()
            self._snapshot = writer.base
        return DeleteReceipt(self.snapshot.generation, len(wanted) - len(missing), tuple(missing))

    def delete_where(self, where: Filter) -> DeleteReceipt:
        """Delete the documents that a filter lets through, in one commit.

        What it lets through is told under the lock, so nothing that comes in between is missed.

        Raises:
            FilterError: The filter does not fit the fields.
            ColumnsMissingError: There are no columns to filter by.
            FileSystemError, LockedError: Nothing was committed.
        """
        from retrieval.store.protocol import DeleteReceipt

        Snapshot.open(self.folder, self._files)  # refuses what is no index before locking it
        with self._writer(None) as writer:
            chosen = writer.base.select(where) if writer.base is not None else None
            deleted = 0 if chosen is None else writer.delete_chosen(chosen)
            writer.commit()
            self._snapshot = writer.base
        return DeleteReceipt(self.snapshot.generation, deleted, ())

    def put_concept(self, content: ConceptContent) -> int:
        """Keep a concept, in one commit, as the next version of its name.

        Args:
            content: Its record and arrays; the record's version is set here.

        Returns:
            The version; durable when it is returned.

        Raises:
            ModelMismatchError: It was fitted for another model than the index has.
            FileSystemError, LockedError, GenerationTakenError: Nothing was committed.
        """
        known = Snapshot.open(self.folder, self._files).manifest.model
        if content.record["model"] != known.fingerprint:
            raise ModelMismatchError(
                f"The concept {content.record['name']!r} was fitted for the model"
                f" {content.record['model']}; {self.folder} has vectors of {known.name}"
                f" ({known.fingerprint}).",
                fix="Fit it on this index, or use one built with that model.",
            )
        with self._writer(None) as writer:
            version = writer.concepts.put(content)
            writer.commit()
            self._snapshot = writer.base
        return version

    def delete_concept(self, name: str) -> bool:
        """Remove a concept, in one commit; return whether there was one of this name."""
        Snapshot.open(self.folder, self._files)  # refuses what is no index before locking it
        with self._writer(None) as writer:
            found = writer.concepts.delete(name)
            writer.commit()
            self._snapshot = writer.base
        return found

    def read_concept(self, name: str) -> ConceptContent | None:
        """Read a concept of the generation that searches see; None if there is none.

        Raises:
            DamagedIndexError: Its file is missing or not what was written.
        """
        from retrieval.store.concepts import read_concept

        manifest = self.snapshot.manifest
        for entry in manifest.concepts:
            if fold(entry.name) == fold(name):
                return read_concept(self._files, self.folder, entry, manifest.model.dim)
        return None

    def put_fusion(self, entry: FusionEntry) -> None:
        """Keep a learned weight of meaning in place of the last one, in one commit.

        Raises:
            FileSystemError, LockedError, GenerationTakenError: Nothing was committed.
        """
        Snapshot.open(self.folder, self._files)  # refuses what is no index before locking it
        with self._writer(None) as writer:
            writer.fusion = entry
            writer.commit()
            self._snapshot = writer.base

    def put_curve(self, curve: ScoreCurve) -> None:
        """Keep a curve in place of the last one of its mode, in one commit.

        Raises:
            FileSystemError, LockedError, GenerationTakenError: Nothing was committed.
        """
        Snapshot.open(self.folder, self._files)  # refuses what is no index before locking it
        with self._writer(None) as writer:
            others = [one for one in writer.curves if one.mode != curve.mode]
            writer.curves = tuple(sorted([*others, curve], key=lambda one: one.mode))
            writer.commit()
            self._snapshot = writer.base

    def search_vectors(
        self, queries: FloatRows, k: int, *, where: Filter | None = None
    ) -> list[Ranking]:
        """Find the k best documents of each query; see ``Store.search_vectors``."""
        snapshot = self.snapshot
        return snapshot.search_vectors(queries, k, allowed=snapshot.select(where))

    def search_words(
        self,
        queries: Sequence[str],
        k: int,
        options: Bm25Options | None = None,
        *,
        where: Filter | None = None,
    ) -> list[Ranking]:
        """Find the k documents that best hold each query's words; see ``Store.search_words``."""
        snapshot = self.snapshot
        return snapshot.search_words(queries, k, options, allowed=snapshot.select(where))

    def fetch(self, ranking: Ranking) -> list[FoundPassage]:
        """Read the documents of a ranking with the passages they were found by."""
        return self.snapshot.fetch_all(ranking)

    def scan(self) -> Iterator[EncodedDocument]:
        """Yield every live document with its vectors."""
        return self.snapshot.scan()

    def verify(self, progress: Progress | None = None) -> StoreCheck:
        """Check everything on disk; see ``verify.check_store``."""
        from retrieval.store.verify import check_store

        return check_store(self.folder, self._files, progress)

    def close(self) -> None:
        """Let go of the generation and its memory maps."""
        self._snapshot = None
