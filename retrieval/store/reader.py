"""A snapshot: one generation of an index, opened once and kept, whatever writers do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError, SnapshotLostError, UsageError
from retrieval.fsops import Files, LocalFiles
from retrieval.index.grouping import DocumentNeighbours, search_documents
from retrieval.store.content import EncodedDocument
from retrieval.store.manifest import Manifest, list_generations, read_manifest
from retrieval.store.means import Score, best_means
from retrieval.store.ranking import FoundPassage, Place, Ranking, sort_ties_by_id
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap, FloatRows, exact_scores

if TYPE_CHECKING:
    from retrieval.filters.tree import Filter
    from retrieval.lexical.bm25 import Bm25Options
    from retrieval.store.field_table import FieldTable
    from retrieval.store.selection import Facet, Selection
    from retrieval.store.word_search import WordSearch

_OPEN_ATTEMPTS = 5


class Snapshot:
    """One generation, read only; safe for any number of threads."""

    def __init__(self, folder: Path, manifest: Manifest, segments: Sequence[OpenSegment]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.segments = tuple(segments)

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

    @cached_property
    def fields(self) -> FieldTable:
        """The metadata fields of live documents, with their types.

        Raises:
            ColumnsMissingError: A segment lacks columns; the next writer makes them.
            DamagedIndexError: They cannot be read.
        """
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

    def search_vectors(
        self, queries: FloatRows, k: int, *, allowed: Selection | None = None
    ) -> list[Ranking]:
        """Find the k best documents of each query, each by its best passage.

        Args:
            queries: float32 (n_queries, dim), unit rows.
            k: At least 1.
            allowed: The documents that may be found; None for every live one.

        Returns:
            One ranking a query, with k documents whenever there are k that are allowed and
            neither deleted nor empty.

        Raises:
            UsageError: k < 1 or a wrong dimension.
        """
        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        if queries.ndim != 2 or queries.shape[1] != self.manifest.model.dim:
            raise UsageError(
                f"The queries have shape {queries.shape};"
                f" this index takes (n, {self.manifest.model.dim})."
            )
        found = [
            search_documents(
                segment.index,
                queries,
                k,
                document_starts=segment.passage_starts,
                allowed=rows,
            )
            for segment, rows in zip(self.segments, self.rows_allowed(allowed), strict=True)
        ]
        return [self._merged([one[number] for one in found], k) for number in range(len(queries))]

    @cached_property
    def words(self) -> WordSearch:
        """The words of all segments.

        Raises:
            WordsMissingError: A segment lacks them; the next writer makes them.
            DamagedIndexError: They cannot be read.
        """
        from retrieval.store.word_search import WordSearch

        return WordSearch(self.folder.name, self.segments)

    def search_words(
        self,
        queries: Sequence[str],
        k: int,
        options: Bm25Options | None = None,
        *,
        allowed: Selection | None = None,
    ) -> list[Ranking]:
        """Find the k documents that best hold the words of each query, by its best passage.

        Args:
            queries: Texts.
            k: At least 1.
            options: The parameters of BM25; None for k1 1.2 and b 0.75.
            allowed: The documents that may be found; None for every live one. Scores do not
                depend on it.

        Returns:
            One ranking a query, of documents that hold a term of it; the scores are BM25's.

        Raises:
            UsageError: k < 1.
            WordsMissingError, DamagedIndexError: As ``words``.
        """
        from retrieval.lexical.bm25 import Bm25Options

        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        options = options or Bm25Options()
        rows = None if allowed is None else self.rows_allowed(allowed)
        return [
            self._merged(self.words.search(query, k, options, allowed=rows), k) for query in queries
        ]

    def search_means(
        self, query: NDArray[np.float32], k: int, *, allowed: Selection | None = None
    ) -> Ranking:
        """Find the k documents whose passages' mean, at unit length, is nearest to a query.

        Args:
            query: float32 (dim,), a unit vector.
            k: At least 1.
            allowed: The documents that may be found; None for every live one.

        Returns:
            Documents with the scores of their means and the rows of their best passages.

        Raises:
            UsageError: k < 1 or a wrong dimension.
        """
        if all(one.segment.documents == one.segment.passages for one in self.segments):
            return self.search_vectors(query[np.newaxis], k, allowed=allowed)[0]
        if k < 1 or query.shape != (self.manifest.model.dim,):
            raise UsageError(f"k is {k} and the query has shape {query.shape}.")
        return self.scan_means(lambda rows: exact_scores(rows, query), k, allowed=allowed)

    def scan_means(self, score: Score, k: int, *, allowed: Selection | None = None) -> Ranking:
        """Score the mean of every document's passages, at unit length, and find the k best.

        Args:
            score: Gives unit rows, float32 (n, dim), their scores, float64 (n,); the score of
                a row must not depend on the others.
            k: At least 1.
            allowed: The documents that may be found; None for every live one.

        Returns:
            Documents with the scores of their means and the rows of their best passages.

        Raises:
            UsageError: k < 1.
        """
        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        found = [
            best_means(one, score, k, None if allowed is None else allowed.documents[number])
            for number, one in enumerate(self.segments)
        ]
        return self._merged(found, k)

    def _merged(self, found: Sequence[DocumentNeighbours], k: int) -> Ranking:
        sizes = [len(one.scores) for one in found]
        segments = np.repeat(np.arange(len(found), dtype=np.int32), sizes)
        ordinals = _joined([one.documents for one in found], np.int64)
        rows = _joined([one.rows for one in found], np.int64)
        scores = _joined([one.scores for one in found], np.float64)
        order = self.in_order(segments, ordinals, scores)[:k]
        return Ranking(segments[order], ordinals[order], rows[order], scores[order])

    def best_documents(self, scores: Sequence[NDArray[np.float64]], k: int) -> Ranking:
        """Return the k documents of the best scores above 0; their first passages are named.

        Args:
            scores: For each segment float64 (documents,), at least 0.
            k: At least 1.
        """
        from retrieval.lexical.best import best_rows

        found = []
        for one, own in zip(self.segments, scores, strict=True):
            best = best_rows(own, k)
            found.append(DocumentNeighbours(best, one.passage_starts[best], own[best]))
        return self._merged(found, k)

    def in_order(
        self,
        segments: NDArray[np.int32],
        ordinals: NDArray[np.int64],
        scores: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Return the order of documents by score descending, then id ascending.

        Args:
            segments: int32 (n,), the segment of each document, ascending.
            ordinals: int64 (n,), its ordinal there; ascending where scores are equal.
            scores: float64 (n,).
        """
        order = np.argsort(-scores, kind="stable")
        if len(self.segments) > 1:
            sort_ties_by_id(order, self.segments, segments, ordinals, scores)
        return order

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


def _joined(columns: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *columns])
