"""One generation of an index, opened once and kept, whatever writers do: what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from retrieval.errors import DamagedIndexError, SnapshotLostError
from retrieval.fsops import Files, LocalFiles
from retrieval.store.content import EncodedDocument
from retrieval.store.manifest import Manifest, list_generations, read_manifest
from retrieval.store.ranking import FoundPassage, Place, Ranking
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap

if TYPE_CHECKING:
    from retrieval.filters.tree import Filter
    from retrieval.store.field_table import FieldTable
    from retrieval.store.selection import Facet, Selection

_OPEN_ATTEMPTS = 5


class Generation:
    """One generation, read only; safe for any number of threads."""

    def __init__(self, folder: Path, manifest: Manifest, segments: Sequence[OpenSegment]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.segments = tuple(segments)
        self._whole: Self | None = None

    @classmethod
    def open(cls, folder: Path, files: Files | None = None) -> Self:
        """Open the newest generation.

        Args:
            folder: The index folder.
            files: The file system; None for this machine's.

        Raises:
            IndexNotFoundError, NotAnIndexError, NewerFormatError: No index of ours.
            DamagedIndexError: The newest manifest or a part it names is damaged or gone.
            SnapshotLostError: Parts vanished five times while writers went on.
        """
        files = files or LocalFiles()
        for _ in range(_OPEN_ATTEMPTS):
            generation = list_generations(files, folder)[-1]
            try:
                return cls.open_generation(folder, generation, files)
            except FileNotFoundError as error:
                missing = error
                if list_generations(files, folder)[-1] == generation:
                    break
        else:
            raise SnapshotLostError(
                f"Parts of {folder} vanished {_OPEN_ATTEMPTS} times while it was opened.",
                fix="Writers commit faster than it opens; try again in a moment.",
            )
        raise DamagedIndexError(
            f"Generation {generation} of {folder} is damaged: {missing.filename} is missing.",
            fix="Restore the file from a copy, or go back with"
            " `retrieve recover --to-generation N`; `retrieve verify` lists what is whole.",
        )

    @classmethod
    def open_generation(cls, folder: Path, generation: int, files: Files) -> Self:
        """Open one generation; a missing file is a ``FileNotFoundError``."""
        manifest = read_manifest(files, folder, generation)
        dim = manifest.model.dim
        segments = [OpenSegment(files, folder, segment, dim) for segment in manifest.segments]
        return cls(folder, manifest, segments)

    @property
    def generation(self) -> int:
        """Number of the generation."""
        return self.manifest.generation

    @property
    def fields(self) -> FieldTable:
        """The metadata fields of live documents, with their types.

        Raises:
            ColumnsMissingError: A segment lacks columns; the next writer makes them.
            DamagedIndexError: They cannot be read.
        """
        return (self._whole or self)._fields

    @cached_property
    def _fields(self) -> FieldTable:
        from retrieval.store.field_table import FieldTable

        return FieldTable(self.folder.name, self.segments)

    def select(self, where: Filter | None) -> Selection | None:
        """Return the live documents that a filter lets through; None for no filter.

        Raises:
            FilterError: It asks of a field what it has not.
            ColumnsMissingError, DamagedIndexError: As ``fields``.
        """
        if where is None:
            return None
        from retrieval.store.selection import select

        return select(self.segments, self.fields, where, index=self.folder.name)

    def facet(self, field: str, chosen: Selection | None = None) -> Facet:
        """Count the values of a field among live documents, or among chosen ones.

        Raises:
            FilterError: No document has the field, or its values cannot be compared.
            ColumnsMissingError, DamagedIndexError: As ``fields``.
        """
        from retrieval.store.selection import count_values

        return count_values(self.segments, self.fields, field, chosen, index=self.folder.name)

    def rows_allowed(self, chosen: Selection | None) -> list[Bitmap | None]:
        """Return which rows of each segment may be found: bool (passages,), None for all."""
        if chosen is None:
            return [one.searchable for one in self.segments]
        return [one.rows_of(own) for one, own in zip(self.segments, chosen.documents, strict=True)]

    def doc_id(self, place: Place) -> str:
        """Return a document's id."""
        return self.segments[place.segment].doc_id(place.ordinal)

    def find(self, doc_id: str) -> Place | None:
        """Return where the live document of this id lies, None if there is none."""
        wanted = doc_id.encode()
        for number, segment in enumerate(self.segments):
            ordinal = segment.find(wanted)
            if ordinal is not None and not segment.deleted[ordinal]:
                return Place(number, ordinal)
        return None

    def fetch(self, place: Place, row: int | None = None) -> FoundPassage:
        """Read a document and the span of one of its passages.

        Args:
            place: The document.
            row: Row of the passage within the segment; None for the first.
        """
        segment = self.segments[place.segment]
        number = 0 if row is None else row - int(segment.passage_starts[place.ordinal])
        return FoundPassage(
            segment.document(place.ordinal), number, segment.spans(place.ordinal)[number]
        )

    def fetch_all(self, ranking: Ranking) -> list[FoundPassage]:
        """Read the documents of a ranking with the passages they were found by."""
        columns = zip(
            ranking.segments.tolist(), ranking.ordinals.tolist(), ranking.rows.tolist(), strict=True
        )
        return [self.fetch(Place(segment, at), row) for segment, at, row in columns]

    def scan(self) -> Iterator[EncodedDocument]:
        """Yield every live document, segment by segment, in order of id within each."""
        for segment in self.segments:
            for ordinal in segment.live_ordinals():
                yield segment.encoded(ordinal)
