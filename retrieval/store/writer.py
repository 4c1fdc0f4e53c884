"""The one writer of an index: takes documents in, and commits once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from retrieval.store import layout
from retrieval.store.approximating import Approximating, options_of
from retrieval.store.columning import columns_in
from retrieval.store.commit import SegmentPlan, write_segments
from retrieval.store.field_table import field_entries
from retrieval.store.garbage import collect_garbage, undo_commit
from retrieval.store.intake import Intake
from retrieval.store.manifest import ConceptEntry, Manifest, Segment, SourceRecord, publish
from retrieval.store.next_manifest import next_manifest
from retrieval.store.reader import Snapshot
from retrieval.store.wording import lacks_words


class IndexWriter(Intake):
    """A write session; made by ``opening.open_writer``, which holds the lock.

    Documents are offered, added and deleted; nothing of it is seen by readers until
    ``commit``.
    """

    def commit(
        self, *, sources: tuple[SourceRecord, ...] | None = None, incomplete: bool = False
    ) -> Snapshot | None:
        """Make everything since the last commit visible and durable, or nothing of it.

        Args:
            sources: Where the documents come from; None leaves them as they are.
            incomplete: Whether more of the same input is still to come.

        Returns:
            The new generation; None if there was nothing to change.

        Raises:
            GenerationTakenError, FileSystemError: Nothing was committed.
        """
        base = self.base.manifest if self.base is not None else None
        if sources is None:
            sources = base.sources if base is not None else ()
        approximating = self._approximating(base)
        if not self._changed(base, sources, incomplete, approximating):
            self._drop_spills()
            return None
        plan = SegmentPlan(
            base=self._segments,
            deleted=self._deleted,
            runs=[*self._adopted, *self._spills],
            keep=[
                *self._claimed,
                *(np.ones(one.segment.documents, dtype=bool) for one in self._spills),
            ],
            buffer=self._buffer,
            dim=self._settings.model.dim,
            numerics=self._settings.numerics,
            floor_passages=None if approximating is None else approximating.floor_passages,
        )
        created: list[Path] = []

        def place(name: str, kind: layout.PartKind) -> Path:
            created.append(self._folder / layout.part_name(name, kind))
            return created[-1]

        manifest: Manifest | None = None
        try:
            if plan.merges_buffer:
                self.spill()
                return self.commit(sources=sources, incomplete=incomplete)
            segments = write_segments(
                self._files, self._folder, plan, self._analyzer, place=place, names=self._names
            )
            concepts = self.concepts.write(self._files, place, self._names)
            manifest = self._manifest(base, segments, concepts, sources, incomplete=incomplete)
            if approximating is not None:
                manifest = approximating.applied(
                    self._files, self._folder, manifest, place=place, names=self._names
                )
            self._files.sync_folder(self._folder)
            publish(self._files, self._folder, manifest, self._names)
        except BaseException:
            undo_commit(self._files, self._folder, created, manifest)
            raise
        self._drop_spills()
        self._buffer, self._buffered_passages = [], 0
        collect_garbage(self._files, self._folder, self._clock())
        snapshot = Snapshot.open_generation(self._folder, manifest.generation, self._files)
        self._start_from(snapshot)
        return snapshot

    def _approximating(self, base: Manifest | None) -> Approximating | None:
        """Return what makes approximate indexes; None where they stay as they are."""
        known = base.recall if base is not None else None
        options = options_of(self._settings.recall, known, adds=self._adds)
        if options is None:
            return None
        return Approximating(
            options=options,
            known=known,
            kept=base.recall_queries if base is not None else None,
            building=self._building,
            dim=self._settings.model.dim,
        )

    def _changed(
        self,
        base: Manifest | None,
        sources: tuple[SourceRecord, ...],
        incomplete: bool,
        approximating: Approximating | None,
    ) -> bool:
        return bool(
            self._buffer
            or self._spills
            or self.concepts.changed
            or any(lacks_words(one, self._analyzer) for one in self._segments)
            or any(columns_in(one) is None for one in self._segments)
            or (
                approximating is not None
                and approximating.changes(self._files, self._folder, self._segments)
            )
            or any(claimed.any() for claimed in self._claimed)
            or any(
                (now != one.deleted).any()
                for now, one in zip(self._deleted, self._segments, strict=True)
            )
            or (base is not None and (self.fusion, self.curves) != (base.fusion, base.curves))
            or (base is not None and self.cost != base.cost)
            or (base is not None and (sources, incomplete) != (base.sources, base.incomplete))
        )

    def _manifest(
        self,
        base: Manifest | None,
        segments: tuple[Segment, ...],
        concepts: tuple[ConceptEntry, ...],
        sources: tuple[SourceRecord, ...],
        *,
        incomplete: bool,
    ) -> Manifest:
        model = base.model if base is not None else self._settings.model
        return next_manifest(
            base,
            now=self._clock(),
            model=model,
            passages=self._settings.passages,
            sources=sources,
            incomplete=incomplete,
            segments=segments,
            concepts=concepts,
            fusion=self.fusion,
            curves=self.curves,
            fields=field_entries(self._files, self._folder, segments, model.dim),
            cost=self.cost,
        )
