"""A snapshot: one generation of an index and how it is searched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.index.grouping import DocumentNeighbours, search_documents
from retrieval.store.generation import Generation
from retrieval.store.manifest import Manifest
from retrieval.store.means import Score, best_means
from retrieval.store.ranking import Ranking, sort_ties_by_id
from retrieval.store.reach import OWN_REACH, Reach, VectorSearch
from retrieval.store.segment import OpenSegment
from retrieval.vectors import FloatRows, exact_scores

if TYPE_CHECKING:
    from retrieval.lexical.bm25 import Bm25Options
    from retrieval.store.selection import Selection
    from retrieval.store.word_search import WordSearch


class Snapshot(Generation):
    """One generation and how it is searched; safe for any number of threads.

    Vectors are searched as far as the index promises (``reach``), until ``reaching`` says
    otherwise.
    """

    def __init__(self, folder: Path, manifest: Manifest, segments: Sequence[OpenSegment]) -> None:
        super().__init__(folder, manifest, segments)
        self.vector_search = VectorSearch(manifest.recall, self.segments, OWN_REACH)

    @property
    def reach(self) -> Reach:
        """What is asked of recall."""
        return self.vector_search.reach

    def reaching(self, reach: Reach) -> Snapshot:
        """Return this generation as one search sees it; what was opened is shared.

        What its ``vector_search`` then promises is of that search alone.

        Args:
            reach: What is asked of recall.
        """
        view = Snapshot(self.folder, self.manifest, self.segments)
        view._whole = self._whole or self
        view.vector_search = VectorSearch(self.manifest.recall, self.segments, reach)
        return view

    def exactly(self) -> Snapshot:
        """Return this generation as it is searched exactly."""
        return self.reaching(Reach(least=1))

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
                self.vector_search.of(number),
                queries,
                k,
                document_starts=segment.passage_starts,
                allowed=rows,
            )
            for number, (segment, rows) in enumerate(
                zip(self.segments, self.rows_allowed(allowed), strict=True)
            )
        ]
        return [self._merged([one[number] for one in found], k) for number in range(len(queries))]

    @property
    def words(self) -> WordSearch:
        """The words of all segments.

        Raises:
            WordsMissingError: A segment lacks them; the next writer makes them.
            DamagedIndexError: They cannot be read.
        """
        return (self._whole or self)._words

    @cached_property
    def _words(self) -> WordSearch:
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
        """Find the k documents whose passages' mean, at unit length, is nearest, exactly.

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
            return self.exactly().search_vectors(query[np.newaxis], k, allowed=allowed)[0]
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


def _joined(columns: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *columns])
