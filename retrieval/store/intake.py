"""What a writer takes in: what becomes of each document, and what is spilled meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from retrieval.errors import UsageError
from retrieval.fsops import Files
from retrieval.lexical.analyzer import Analyzer
from retrieval.records import Document, Numerics
from retrieval.store import layout
from retrieval.store.building import Building
from retrieval.store.concepts import ConceptChanges
from retrieval.store.content import EncodedDocument
from retrieval.store.hashing import ContentHashes
from retrieval.store.lookup import IdTable
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot
from retrieval.store.segment import OpenSegment
from retrieval.store.selection import Selection
from retrieval.store.session import Fate, Offer, WriterSettings
from retrieval.store.spill import (
    adopt_spill,
    list_spills,
    maker,
    remove_spill,
    write_spill,
)
from retrieval.store.wording import SAMPLE_DOCUMENTS, analyzer_for


class Intake:
    """What a write session has taken in since its last commit; nothing of it is visible.

    An id is offered at most once between two commits.
    """

    def __init__(
        self,
        folder: Path,
        base: Snapshot | None,
        settings: WriterSettings | None,
        *,
        files: Files,
        names: layout.Names,
        clock: Callable[[], float],
        building: Building,
    ) -> None:
        self._adds = settings is not None
        if settings is None:
            if base is None:
                raise UsageError(f"{folder} has nothing to change: it holds no documents.")
            numerics = Numerics(precision="fp32", runtime="none")
            settings = WriterSettings(
                model=base.manifest.model, passages=base.manifest.passages, numerics=numerics
            )
        self._folder = folder
        self._files = files
        self._names = names
        self._clock = clock
        self._building = building
        self._settings = settings
        self._adopted: list[OpenSegment] = []
        self._spills: list[OpenSegment] = []
        self._buffer: list[EncodedDocument] = []
        self._buffered_passages = 0
        self._spilled_at = clock()
        self._start_from(base)

    def _start_from(self, base: Snapshot | None) -> None:
        self.base = base
        segments = base.segments if base is not None else ()
        self._segments = segments
        self._deleted = [one.deleted.copy() for one in segments]
        self._seen = [np.zeros(one.segment.documents, dtype=bool) for one in segments]
        self._claimed = [np.zeros(one.segment.documents, dtype=bool) for one in self._adopted]
        self._table: IdTable | None = None
        self._words: Analyzer | None = None
        self._sample: list[Document] = []
        self.fusion = base.manifest.fusion if base is not None else None
        self.curves = base.manifest.curves if base is not None else ()
        self.cost = base.manifest.cost if base is not None else None
        self.concepts = ConceptChanges(base.manifest.concepts if base is not None else ())

    def adopt(self) -> int:
        """Take over what interrupted runs left and delete what does not verify.

        Returns:
            Passages in the spills taken over.
        """
        made_by = self._made_by()
        for spill in list_spills(self._files, self._folder):
            found = adopt_spill(self._files, spill, made_by=made_by, dim=self._settings.model.dim)
            if found is not None:
                self._adopted.append(found)
            else:
                remove_spill(self._files, spill)
        self._start_from(self.base)
        return sum(one.segment.passages for one in self._adopted)

    def _made_by(self) -> dict[str, object]:
        settings = self._settings
        return maker(settings.model, settings.passages, settings.numerics)

    @property
    def _analyzer(self) -> Analyzer:
        """What makes the words of the next generation; settled when first needed."""
        if self._words is None:
            known = [*self._segments, *self._adopted, *self._spills]
            self._words = analyzer_for(known, self._sample, self._settings.language)
        return self._words

    def offer(self, documents: Sequence[Document], hashes: Sequence[ContentHashes]) -> list[Offer]:
        """Decide what becomes of each document; all but the new ones are then done with.

        Args:
            documents: Documents of ids not offered since the last commit.
            hashes: Their content hashes.

        Returns:
            One offer a document. Encode the new ones and ``add`` them.
        """
        self._sample += documents[: SAMPLE_DOCUMENTS - len(self._sample)]
        if self._table is None:
            self._table = IdTable([*self._segments, *self._adopted])
        places = self._table.find([document.doc_id.encode() for document in documents])
        return [
            self._offer(document, found, where)
            for document, found, where in zip(documents, hashes, places, strict=True)
        ]

    def _offer(
        self, document: Document, hashes: ContentHashes, places: list[tuple[int, int]]
    ) -> Offer:
        old: Place | None = None
        for number, ordinal in places:
            if number < len(self._segments) and not self._deleted[number][ordinal]:
                old = Place(number, ordinal)
                self._seen[number][ordinal] = True
                if self._segments[number].hashes(ordinal) == hashes:
                    return Offer(Fate.UNCHANGED, None)
        for number, ordinal in places:
            adopted = number - len(self._segments)
            if adopted >= 0 and self._adopted[adopted].hashes(ordinal) == hashes:
                self._claimed[adopted][ordinal] = True
                self._replace(old)
                return Offer(Fate.RESUMED, old, len(self._adopted[adopted].spans(ordinal)))
        if old is not None:
            known = self._segments[old.segment].encoded(old.ordinal)
            if known.hashes.text == hashes.text:
                self.add(replace(known, document=document, hashes=hashes), old)
                return Offer(Fate.RELABELLED, old)
        return Offer(Fate.NEW, old)

    def _replace(self, place: Place | None) -> None:
        if place is not None:
            self._deleted[place.segment][place.ordinal] = True

    def add(self, encoded: EncodedDocument, replaces: Place | None) -> None:
        """Take an encoded document in; spills when enough has come together.

        Args:
            encoded: The document with its vectors, float32 (passages, dim).
            replaces: What ``offer`` said that it replaces.
        """
        self._replace(replaces)
        self._buffer.append(encoded)
        self._buffered_passages += len(encoded.spans)
        waited = self._clock() - self._spilled_at
        if (
            self._buffered_passages >= self._settings.spill_passages
            or waited >= self._settings.spill_seconds
        ):
            self.spill()

    def spill(self) -> None:
        """Write what is held in memory where the next run finds it, if this one ends here."""
        if self._buffer:
            spilled = write_spill(
                self._files,
                self._folder,
                self._buffer,
                names=self._names,
                made_by=self._made_by(),
                dim=self._settings.model.dim,
                numerics=self._settings.numerics,
                analyzer=self._analyzer,
            )
            self._spills.append(spilled)
            self._buffer, self._buffered_passages = [], 0
        self._spilled_at = self._clock()

    def delete(self, ids: Sequence[str]) -> list[str]:
        """Mark documents as deleted.

        Returns:
            The ids that no live document has, in order.
        """
        missing = []
        for doc_id in ids:
            for number, segment in enumerate(self._segments):
                ordinal = segment.find(doc_id.encode())
                if ordinal is not None and not self._deleted[number][ordinal]:
                    self._deleted[number][ordinal] = True
                    break
            else:
                missing.append(doc_id)
        return missing

    def delete_chosen(self, chosen: Selection) -> int:
        """Mark documents of the generation this session began from as deleted; return how many."""
        count = 0
        for deleted, own in zip(self._deleted, chosen.documents, strict=True):
            count += int((own & ~deleted).sum())
            deleted[own] = True
        return count

    def delete_unseen(self) -> int:
        """Mark as deleted every document that was not offered; return how many."""
        count = 0
        for deleted, seen in zip(self._deleted, self._seen, strict=True):
            gone = ~deleted & ~seen
            count += int(gone.sum())
            deleted[gone] = True
        return count

    def _drop_spills(self) -> None:
        for one in (*self._adopted, *self._spills):
            remove_spill(self._files, one.folder)
        self._adopted, self._spills = [], []
