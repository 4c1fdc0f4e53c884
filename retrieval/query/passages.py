"""Ranking passages instead of documents: what a prompt needs.

Every passage is ranked by its own scores, several of a document at most where a number is given.
Equal scores are in order of document id, then of the passage's number within its document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.lexical.best import best_rows
from retrieval.query.fused_scan import FusionScale
from retrieval.query.fused_units import FusedUnits
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.reciprocal_rank import RANKED, reciprocal_ranks
from retrieval.query.scored import ScoredRanking
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot
from retrieval.vectors import Bitmap, FloatRows, exact_scores

Allowed: TypeAlias = Sequence[Bitmap | None]
"""For each segment bool (passages,), True where a passage may be found; None for all."""

_BestRows: TypeAlias = Callable[[int], tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Returns the best rows of a segment, that many if there are, and their scores."""


@dataclass(frozen=True, slots=True)
class _Side:
    """Passages by one score, best first.

    Attributes:
        segments: int32 (m,).
        rows: int64 (m,), within their segments.
        scores: float64 (m,).
    """

    segments: NDArray[np.int32]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def keys(self) -> NDArray[np.int64]:
        """One number a passage, ascending by segment and row."""
        return (self.segments.astype(np.int64) << 40) | self.rows


def without(snapshot: Snapshot, allowed: Allowed, doc_ids: Collection[str]) -> Allowed:
    """Return the passages that may be found but for those of some documents."""
    found = list(allowed)
    for doc_id in doc_ids:
        place = snapshot.find(doc_id)
        if place is None:
            continue
        segment = snapshot.segments[place.segment]
        own = found[place.segment]
        own = np.ones(segment.segment.passages, dtype=bool) if own is None else own.copy()
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2]
        own[start:end] = False
        found[place.segment] = own
    return found


class PassageRanker:
    """Ranks the passages of a snapshot.

    Args:
        snapshot: The generation to search.
        max_per_doc: Most passages of one document, at least 1; None for any number.
        allowed: Passages that may be found; None for those neither deleted nor empty.

    Raises:
        UsageError: ``max_per_doc`` is below 1.
    """

    def __init__(
        self, snapshot: Snapshot, *, max_per_doc: int | None = None, allowed: Allowed | None = None
    ) -> None:
        if max_per_doc is not None and max_per_doc < 1:
            raise UsageError(f"max_per_doc is {max_per_doc}; at least 1 passage can be shown.")
        self._snapshot = snapshot
        self._most = max_per_doc
        self._allowed = (
            [one.searchable for one in snapshot.segments] if allowed is None else allowed
        )

    def rank(
        self, queries: Sequence[str], rows: FloatRows | None, k: int, options: ModeOptions
    ) -> list[ScoredRanking]:
        """Rank passages for each query text, in any mode.

        Args:
            queries: Texts.
            rows: float32 (n_queries, dim), their embeddings, unit rows; None for ``lexical``.
            k: Passages a query, at least 1.
            options: By what they are ranked.

        Returns:
            For each query k passages whenever there are k: with ``lexical`` of those that hold
            a term of it, else of all that may be found.

        Raises:
            UsageError: k < 1 or a wrong dimension.
            WordsMissingError, DamagedIndexError: The words cannot be searched.
        """
        if k < 1:
            raise UsageError(f"k is {k}; at least 1 hit has to be asked for.")
        if options.mode is SearchMode.LEXICAL or rows is None:
            return [self._lexical(query, k, options) for query in queries]
        if options.mode is SearchMode.HYBRID:
            return [
                self._hybrid(query, row, k, options)
                for query, row in zip(queries, rows, strict=True)
            ]
        return self.nearest(rows, k)

    def nearest(self, rows: FloatRows, k: int) -> list[ScoredRanking]:
        """Find the k passages nearest to each of some vectors, by cosine similarity.

        Args:
            rows: float32 (n_queries, dim), unit rows.
            k: At least 1.
        """
        sides = [self._dense(row, k) for row in rows]
        return [ScoredRanking(self._ranking(one), {"dense": one.scores}) for one in sides]

    def _dense(self, row: NDArray[np.float32], k: int) -> _Side:
        def nearest(segment: int) -> _BestRows:
            index, allowed = self._snapshot.vector_search.of(segment), self._allowed[segment]

            def best(count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
                (found,) = index.search(row[np.newaxis], count, allowed=allowed)
                return found.rows, found.scores

            return best

        return self._best([nearest(at) for at in range(len(self._snapshot.segments))], k)

    def _lexical(self, query: str, k: int, options: ModeOptions) -> ScoredRanking:
        words = self._findable(self._snapshot.words.score(query, options.bm25))
        side = self._worded(words, k)
        return ScoredRanking(self._ranking(side), {"lexical": side.scores})

    def _findable(self, scores: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """Return BM25 scores with 0 for passages that may not be found."""
        return [
            own if allowed is None else np.where(allowed, own, 0.0)
            for own, allowed in zip(scores, self._allowed, strict=True)
        ]

    def _worded(self, words: Sequence[NDArray[np.float64]], k: int) -> _Side:
        def best_of(own: NDArray[np.float64]) -> _BestRows:
            def best(count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
                rows = best_rows(own, count)
                return rows, own[rows]

            return best

        return self._best([best_of(own) for own in words], k)

    def _best(self, segments: Sequence[_BestRows], k: int) -> _Side:
        """Merge the best passages of all segments.

        The passages of a document lie in one segment, so that what is too many of one can be
        left out there.
        """
        numbers, rows, scores = [], [], []
        for number, best in enumerate(segments):
            own, values = self._within(number, best, k)
            numbers.append(np.full(len(own), number, dtype=np.int32))
            rows.append(own)
            scores.append(values)
        side = _Side(
            np.concatenate([np.empty(0, dtype=np.int32), *numbers]),
            np.concatenate([np.empty(0, dtype=np.int64), *rows]),
            np.concatenate([np.empty(0), *scores]),
        )
        return self._taken(side, self._snapshot.in_order(*self._places(side), side.scores)[:k])

    def _within(
        self, number: int, best: _BestRows, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the k best passages of a segment, at most so many of a document."""
        segment = self._snapshot.segments[number]
        wanted = k
        while True:
            rows, scores = best(wanted)
            if self._most is None:
                return rows, scores
            kept = _first_of_each(_owners(segment.passage_starts, rows), self._most)
            if len(kept) >= k or len(rows) < wanted:
                return rows[kept[:k]], scores[kept[:k]]
            wanted *= 4

    def _hybrid(
        self, query: str, row: NDArray[np.float32], k: int, options: ModeOptions
    ) -> ScoredRanking:
        every = self._snapshot.words.score(query, options.bm25)
        words = self._findable(every)
        if options.fusion is Fusion.RRF:
            depth = max(RANKED, k)
            dense, lexical = self._dense(row, depth), self._worded(words, depth)
            both, meaning = self._both(dense, lexical, row)
            fused = _ranks(both, dense) + _ranks(both, lexical)
            return self._fused_best(both, meaning, words, fused, k)
        # what may not be found changes no score: the scales are those of the whole index
        units = FusedUnits(self._snapshot, row, self._allowed)
        scale = FusionScale(
            greatest_dense=units.cosines.greatest(),
            greatest_lexical=max((float(own.max()) for own in every if len(own)), default=0.0),
            weight=options.weight_in(self._snapshot),
        )
        total = sum(one.segment.passages for one in self._snapshot.segments)
        wanted = k
        while True:
            chosen, sure = units.look(words, scale, wanted)
            both, meaning = self._looked_at(chosen, row)
            fused = scale.fused(meaning, _at(words, both))
            found = self._fused_best(both, meaning, words, fused, k)
            scores = found.ranking.scores
            if wanted >= total or (len(scores) == k and scores[-1] >= sure):
                return found
            wanted *= 4  # too many were of the same documents

    def _looked_at(
        self, chosen: Sequence[NDArray[np.int64]], row: NDArray[np.float32]
    ) -> tuple[_Side, NDArray[np.float64]]:
        """Return chosen rows of each segment, and their cosines."""
        sizes = [len(own) for own in chosen]
        segments = np.repeat(np.arange(len(chosen), dtype=np.int32), sizes)
        rows = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
        meaning = np.concatenate(
            [
                np.empty(0),
                *(
                    exact_scores(one.vectors[own], row)
                    for one, own in zip(self._snapshot.segments, chosen, strict=True)
                ),
            ]
        )
        return _Side(segments, rows, np.zeros(len(rows))), meaning

    def _both(
        self, dense: _Side, lexical: _Side, row: NDArray[np.float32]
    ) -> tuple[_Side, NDArray[np.float64]]:
        """Return the passages of both lists, each once by segment and row, and their cosines."""
        known = np.concatenate([dense.scores, np.full(len(lexical), np.nan)])
        keys, first = np.unique(np.concatenate([dense.keys, lexical.keys]), return_index=True)
        segments, rows = (keys >> 40).astype(np.int32), keys & ((1 << 40) - 1)
        meaning = known[first]
        for number in np.unique(segments[np.isnan(meaning)]).tolist():
            own = np.flatnonzero((segments == number) & np.isnan(meaning))
            vectors = self._snapshot.segments[number].vectors
            meaning[own] = exact_scores(vectors[rows[own]], row)
        return _Side(segments, rows, np.zeros(len(rows))), meaning

    def _fused_best(
        self,
        both: _Side,
        meaning: NDArray[np.float64],
        words: Sequence[NDArray[np.float64]],
        fused: NDArray[np.float64],
        k: int,
    ) -> ScoredRanking:
        segments, ordinals = self._places(both)
        order = self._snapshot.in_order(segments, ordinals, fused)
        if self._most is not None:
            owners = (segments.astype(np.int64) << 40) | ordinals
            order = order[_first_of_each(owners[order], self._most)]
        order = order[:k]
        side = _Side(both.segments[order], both.rows[order], fused[order])
        parts = {"dense": meaning[order], "lexical": _at(words, side), "fused": side.scores}
        return ScoredRanking(self._ranking(side), parts)

    def _taken(self, side: _Side, order: NDArray[np.int64]) -> _Side:
        return _Side(side.segments[order], side.rows[order], side.scores[order])

    def _places(self, side: _Side) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the segment and the ordinal of each passage's document."""
        ordinals = np.empty(len(side), dtype=np.int64)
        for number, segment in enumerate(self._snapshot.segments):
            own = side.segments == number
            ordinals[own] = _owners(segment.passage_starts, side.rows[own])
        return side.segments, ordinals

    def _ranking(self, side: _Side) -> Ranking:
        return Ranking(*self._places(side), side.rows, side.scores)


def _ranks(both: _Side, side: _Side) -> NDArray[np.float64]:
    """Return what a ranking adds to each of some passages."""
    places = np.zeros(len(both), dtype=np.int64)
    places[np.searchsorted(both.keys, side.keys)] = np.arange(1, len(side) + 1)
    return reciprocal_ranks(places)


def _at(words: Sequence[NDArray[np.float64]], side: _Side) -> NDArray[np.float64]:
    """Return the BM25 scores of some passages."""
    found = np.empty(len(side))
    for number, own in enumerate(words):
        here = side.segments == number
        found[here] = own[side.rows[here]]
    return found


def _owners(starts: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(starts, rows, side="right") - 1


def _first_of_each(owners: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return, ascending, the places of the first ``most`` passages of each document."""
    order = np.argsort(owners, kind="stable")
    ordered = owners[order]
    begins = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(ordered)), 0))
    return np.sort(order[np.arange(len(ordered)) - first < most])
