"""Giving every large segment of a generation its approximate index, and measuring what it finds."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import DamagedIndexError
from retrieval.fsops import Files
from retrieval.index.ann_part import write_approximate
from retrieval.index.building import Contract, build_approximate, check_given
from retrieval.index.plan import PlanChoice
from retrieval.index.remeasuring import measure_again
from retrieval.store import layout
from retrieval.store.building import Building
from retrieval.store.derived import with_part
from retrieval.store.layout import PartKind
from retrieval.store.manifest import Manifest, Part, Segment
from retrieval.store.next_manifest import features_of
from retrieval.store.parts import PartWriter
from retrieval.store.recall_entry import CertificateEntry, RecallEntry, RecallOptions
from retrieval.store.recall_queries import read_recall_queries, write_recall_queries
from retrieval.store.segment import OpenSegment
from retrieval.vectors import FloatRows

_STRANGERS = 1000
_FEWEST_STRANGERS = 100


def options_of(
    asked: RecallOptions | None, known: RecallEntry | None, *, adds: bool
) -> RecallOptions | None:
    """Return what approximate indexes are to be built for; None to leave them as they are.

    Args:
        asked: What a person says; None for nothing.
        known: What the index says; None for nothing.
        adds: Whether documents may be added: an index that says nothing then gets the usual.
    """
    if asked is not None:
        return asked
    if known is not None:
        return known.options
    return RecallOptions() if adds else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approximating:
    """The approximate indexes of one commit.

    Attributes:
        options: What they are built for.
        known: What the last generation says of them; None for nothing.
        kept: Real queries that the last generation has; None for none.
        building: How they are built.
        dim: Length of a vector.
    """

    options: RecallOptions
    known: RecallEntry | None
    kept: Part | None
    building: Building
    dim: int

    @property
    def floor_passages(self) -> int | None:
        """Rows from which on a segment gets an approximate index; None where none is wanted."""
        return None if self.options.is_exact else self.building.floor_passages

    def changes(self, files: Files, folder: Path, segments: Sequence[OpenSegment]) -> bool:
        """Tell whether segments that stay as they are would be given anything new."""
        if self.known is not None and self.known.options != self.options:
            return True
        if self._replaces_queries(files, folder):
            return True
        if self.building.queries is not None and any(one.has_approximate for one in segments):
            return True
        return any(self._lacks(one) for one in segments)

    def _choice(self, passages: int) -> PlanChoice:
        return self.building.planner(passages, self.dim, self.options.memory_bytes)

    def _lacks(self, one: OpenSegment) -> bool:
        """Tell whether a segment has to be given an approximate index."""
        if self.options.is_exact or self._choice(one.segment.passages).plan is None:
            return False
        known, part = self.known, one.segment.parts.get(PartKind.ANN)
        if known is None or part is None or not one.has_approximate:
            return True
        if known.options.memory_bytes != self.options.memory_bytes:
            return True
        entry = self._known(part.file)
        if entry is None:
            return True
        if self._has_changed(one, entry):
            try:
                _ = one.approximate
            except DamagedIndexError:  # it cannot be measured, so it is made anew
                return True
        return False

    def applied(
        self,
        files: Files,
        folder: Path,
        manifest: Manifest,
        *,
        place: Callable[[str, PartKind], Path],
        names: layout.Names,
    ) -> Manifest:
        """Build what is missing, each part synced, and measure what has changed.

        Args:
            files: The file system.
            folder: The index folder.
            manifest: The next generation, its other parts written.
            place: Where the part of a kind, under a fresh name, goes.
            names: Source of fresh names.

        Returns:
            The manifest with approximate indexes for its large segments and what was measured.
        """
        queries = self.kept
        if self._replaces_queries(files, folder):
            queries = self._queries_written(files, place(names(), PartKind.QUERIES))
        given = functools.cache(lambda: self._given(files, folder))
        segments: Sequence[Segment] = tuple(map(_without, manifest.segments))
        entries: dict[str, CertificateEntry] = {}
        if not self.options.is_exact:
            built: dict[str, Mapping[str, Any]] = {}

            def write(output: PartWriter, one: OpenSegment) -> None:
                built[one.segment.parts[PartKind.DOCS].file] = self._write(output, one, given())

            segments = with_part(
                files,
                folder,
                manifest.segments,
                PartKind.ANN,
                dim=self.dim,
                place=place,
                names=names,
                lacks=self._lacks,
                rows=lambda segment: segment.passages,
                write=write,
            )
            opened = [OpenSegment(files, folder, one, self.dim) for one in segments]
            for number, one in enumerate(opened):
                part = one.segment.parts.get(PartKind.ANN)
                certificate = built.get(one.segment.parts[PartKind.DOCS].file)
                if part is None:
                    self._say_why_not(one.segment.passages)
                    continue
                kept = self._known(part.file)
                if certificate is None and kept is not None and self._has_changed(one, kept):
                    certificate = self._measured_again(opened, number, given())
                if certificate is not None:
                    entries[part.file] = CertificateEntry(
                        file=part.file,
                        generation=manifest.generation,
                        created=manifest.created,
                        deleted_passages=_deleted_passages(one),
                        certificate=certificate,
                    )
                elif kept is not None:
                    entries[part.file] = kept
        return replace(
            manifest,
            segments=tuple(segments),
            recall=RecallEntry(options=self.options, certificates=entries),
            recall_queries=queries,
            optional=features_of(manifest.concepts, tuple(segments)),
        )

    def _say_why_not(self, passages: int) -> None:
        """Tell who follows why a large segment gets no approximate index."""
        if passages >= self.building.floor_passages:
            self.building.observer.note(self._choice(passages).reason)

    @property
    def _contract(self) -> Contract:
        return Contract(recall=self.options.target, k=self.options.k)

    def _known(self, file: str) -> CertificateEntry | None:
        return None if self.known is None else self.known.certificates.get(file)

    def _has_changed(self, one: OpenSegment, entry: CertificateEntry) -> bool:
        """Tell whether what was measured has to be measured again."""
        asked = (entry.certificate["target"], entry.certificate["k"])
        return (
            asked != (self.options.target, self.options.k)
            or self.building.queries is not None
            or entry.is_outdated(one.segment.passages, _deleted_passages(one))
        )

    def _replaces_queries(self, files: Files, folder: Path) -> bool:
        """Tell whether queries are given that are not those that are kept."""
        given = self.building.queries
        if given is None:
            return False
        if self.kept is None or not len(given):
            return self.kept is not None or len(given) > 0
        try:
            kept = read_recall_queries(files, folder, self.kept, self.dim)
        except DamagedIndexError:
            return True
        return not np.array_equal(kept, given)

    def _queries_written(self, files: Files, path: Path) -> Part | None:
        """Keep the queries that are given; None where they are to be forgotten."""
        given = self.building.queries
        if given is None or not len(given):
            return None
        check_given(given, self.dim)
        return write_recall_queries(files, path, given)

    def _given(self, files: Files, folder: Path) -> FloatRows | None:
        """Return the real queries to measure with: those given now, else those kept."""
        given = self.building.queries
        if given is None and self.kept is not None:
            try:
                given = read_recall_queries(files, folder, self.kept, self.dim)
            except DamagedIndexError as error:
                self.building.observer.note(
                    f"{error.what} Recall is measured without them. {error.fix}"
                )
        return None if given is None or not len(given) else given

    def _write(
        self, output: PartWriter, one: OpenSegment, given: FloatRows | None
    ) -> Mapping[str, Any]:
        """Build the approximate index of a segment and return what was measured of it."""
        choice, building = self._choice(one.segment.passages), self.building
        if choice.plan is None:
            raise ValueError("there is no plan for what is to be built")
        building.begin(choice, one.segment.passages, self.dim)
        index = build_approximate(
            one.vectors,
            choice.plan,
            self._contract,
            given=given,
            read=one.read_vectors,
            progress=building.follow,
            clock=building.timer,
        )
        write_approximate(index, output.write)
        one.drop_pages()
        return index.certificate.to_json()

    def _measured_again(
        self, opened: Sequence[OpenSegment], number: int, given: FloatRows | None
    ) -> Mapping[str, Any]:
        """Measure an approximate index that stays, among the documents that are left."""
        one, building = opened[number], self.building
        building.observer.note(
            f"The recall of {one.segment.live_passages:,} passages is measured again."
        )
        others = [other for at, other in enumerate(opened) if at != number]
        measured = measure_again(
            one.approximate,
            one.searchable,
            self._contract,
            given=given,
            strangers=_strangers(others),
            progress=building.follow,
            clock=building.timer,
        )
        one.drop_pages()
        return measured.to_json()


def _without(segment: Segment) -> Segment:
    """Return a segment without an approximate index."""
    parts = dict(segment.parts)
    parts.pop(PartKind.ANN, None)
    return replace(segment, parts=parts)


def _deleted_passages(one: OpenSegment) -> int:
    return one.segment.passages - one.segment.live_passages


def _strangers(segments: Sequence[OpenSegment]) -> FloatRows | None:
    """Draw rows of other segments, which an index has never seen; None if there are few."""
    chance = np.random.default_rng(0)
    live = [np.flatnonzero(one.rows_of(~one.deleted)) for one in segments]
    total = sum(map(len, live))
    if total < _FEWEST_STRANGERS:
        return None
    drawn = [
        one.vectors[np.sort(chance.choice(own, len(own) * min(_STRANGERS, total) // total, False))]
        for one, own in zip(segments, live, strict=True)
    ]
    return np.concatenate(drawn)
