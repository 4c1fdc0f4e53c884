"""Ranking documents by meaning and words together, exactly.

Only the best of each side are looked at: after the threshold algorithm of Fagin et al. (2003),
a document that is in neither list cannot score more than the last of both together, so once
k documents score more than that, no other can be among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.query.convex import convex
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.reciprocal_rank import RANKED, reciprocal_ranks
from retrieval.query.scored import ScoredRanking
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, exact_scores

if TYPE_CHECKING:
    from retrieval.store.selection import Selection

_LEAST_LOOKED_AT = 100
_LOOKED_AT = 4
"""Documents of each side that are looked at first, for each hit that is wanted."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """Documents with their two scores, in order of segment and ordinal."""

    segments: NDArray[np.int32]
    ordinals: NDArray[np.int64]
    dense: NDArray[np.float64]
    lexical: NDArray[np.float64]


def rank_hybrid(
    snapshot: Snapshot,
    queries: Sequence[str],
    rows: FloatRows,
    k: int,
    options: ModeOptions,
    *,
    allowed: Selection | None = None,
) -> list[ScoredRanking]:
    """Rank the documents of a snapshot for each query by meaning and words.

    Args:
        snapshot: The generation to search.
        queries: Texts.
        rows: float32 (n_queries, dim), their embeddings, unit rows.
        k: Documents a query, at least 1.
        options: How the two are fused.
        allowed: The documents that may be found; None for every live one. A convex fusion
            scores each as it would without: its scales are those of the whole index. Reciprocal
            ranks are ranks among these documents.

    Returns:
        For each query the k documents of the best fused scores, whenever there are k that a
        search by meaning finds; equal ones by id.

    Raises:
        WordsMissingError, DamagedIndexError: The words cannot be searched.
    """
    return [
        _HybridQuery(snapshot, query, row, options, allowed).best(k)
        for query, row in zip(queries, rows, strict=True)
    ]


class _HybridQuery:
    """One query, and what is known of its scores."""

    def __init__(
        self,
        snapshot: Snapshot,
        query: str,
        row: NDArray[np.float32],
        options: ModeOptions,
        allowed: Selection | None,
    ) -> None:
        self._snapshot = snapshot
        self._row = row
        self._options = options
        self._weight = options.weight_in(snapshot)
        self._passage_words = snapshot.words.score(query, options.bm25)
        self._words = [
            scores
            if len(one.passage_starts) - 1 == len(scores)
            else np.maximum.reduceat(scores, one.passage_starts[:-1])
            for one, scores in zip(snapshot.segments, self._passage_words, strict=True)
        ]
        self._greatest_words = max(
            (float(one.max()) for one in self._words if len(one)), default=0.0
        )
        self._greatest_dense: float | None = None
        self._allowed = allowed
        self._findable = self._words
        if allowed is not None:
            columns = zip(self._words, allowed.documents, strict=True)
            self._findable = [scores * own for scores, own in columns]

    def best(self, k: int) -> ScoredRanking:
        if self._options.fusion is Fusion.RRF:
            return self._best_by_ranks(k)
        total = sum(one.segment.documents for one in self._snapshot.segments)
        looked_at = max(_LEAST_LOOKED_AT, _LOOKED_AT * k)
        while True:
            dense, lexical = self._lists(looked_at)
            sides = self._sides(dense, lexical)
            fused = self._fused(sides.dense, sides.lexical)
            ranked = self._ranked(sides, fused, k)
            if looked_at >= total or len(dense) < looked_at:
                return ranked
            bound = self._fused(
                dense.scores[-1:],
                lexical.scores[-1:] if len(lexical) == looked_at else np.zeros(1),
            )
            scores = ranked.ranking.scores
            if len(scores) == k and scores[-1] > bound[0]:
                return ranked
            looked_at *= 4

    def _best_by_ranks(self, k: int) -> ScoredRanking:
        dense, lexical = self._lists(max(RANKED, k))
        sides = self._sides(dense, lexical)
        fused = np.zeros(len(sides.ordinals))
        for ranking in (dense, lexical):
            fused += reciprocal_ranks(_places(sides, ranking))
        return self._ranked(sides, fused, k)

    def _lists(self, count: int) -> tuple[Ranking, Ranking]:
        row, allowed = self._row[np.newaxis], self._allowed
        (dense,) = self._snapshot.search_vectors(row, count, allowed=allowed)
        if self._greatest_dense is None:
            best = dense
            if allowed is not None and self._options.fusion is Fusion.CONVEX:
                (best,) = self._snapshot.search_vectors(row, 1)
            self._greatest_dense = float(best.scores[0]) if len(best) else 0.0
        return dense, self._snapshot.best_documents(self._findable, count)

    def _sides(self, dense: Ranking, lexical: Ranking) -> _Sides:
        """Return the documents of both lists, each once, with both scores."""
        keys = np.concatenate([_keys(dense), _keys(lexical)])
        known = np.concatenate([dense.scores, np.full(len(lexical), np.nan)])
        keys, first = np.unique(keys, return_index=True)
        segments, ordinals = (keys >> 40).astype(np.int32), keys & ((1 << 40) - 1)
        meaning, words = known[first], np.empty(len(keys))
        for number in np.unique(segments).tolist():
            own = np.flatnonzero(segments == number)
            words[own] = self._words[number][ordinals[own]]
            missing = own[np.isnan(meaning[own])]
            meaning[missing] = self._dense_scores(number, ordinals[missing])
        return _Sides(segments, ordinals, meaning, words)

    def _dense_scores(self, number: int, ordinals: NDArray[np.int64]) -> NDArray[np.float64]:
        """Score documents of a segment by their best passages, as a search by meaning does."""
        if not len(ordinals):
            return np.empty(0)
        segment = self._snapshot.segments[number]
        starts = segment.passage_starts
        sizes = starts[ordinals + 1] - starts[ordinals]
        borders = np.cumsum(sizes) - sizes
        rows = np.repeat(starts[ordinals] - borders, sizes) + np.arange(int(sizes.sum()))
        scores = exact_scores(segment.vectors[rows], self._row)
        found: NDArray[np.float64] = np.maximum.reduceat(scores, borders)
        return found

    def _fused(
        self, dense: NDArray[np.float64], lexical: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return convex(
            dense,
            lexical,
            greatest_dense=self._greatest_dense or 0.0,
            greatest_lexical=self._greatest_words,
            weight=self._weight,
        )

    def _ranked(self, sides: _Sides, fused: NDArray[np.float64], k: int) -> ScoredRanking:
        order = self._snapshot.in_order(sides.segments, sides.ordinals, fused)[:k]
        segments, ordinals = sides.segments[order], sides.ordinals[order]
        rows = [
            self._best_passage(segment, ordinal)
            for segment, ordinal in zip(segments.tolist(), ordinals.tolist(), strict=True)
        ]
        parts = {
            "dense": sides.dense[order],
            "lexical": sides.lexical[order],
            "fused": fused[order],
        }
        ranking = Ranking(segments, ordinals, np.array(rows, dtype=np.int64), fused[order])
        return ScoredRanking(ranking, parts)

    def _best_passage(self, number: int, ordinal: int) -> int:
        """Return the row of a document's passage that has the best fused score of its own."""
        segment = self._snapshot.segments[number]
        start, end = segment.passage_starts[ordinal : ordinal + 2].tolist()
        if end - start == 1:
            return int(start)
        dense = exact_scores(segment.vectors[start:end], self._row)
        return int(start) + int(self._fused(dense, self._passage_words[number][start:end]).argmax())


def _keys(ranking: Ranking) -> NDArray[np.int64]:
    return (ranking.segments.astype(np.int64) << 40) | ranking.ordinals


def _places(sides: _Sides, ranking: Ranking) -> NDArray[np.int64]:
    """Return the rank of each document in a ranking, from 1; 0 where it is not in it."""
    places = np.zeros(len(sides.ordinals), dtype=np.int64)
    keys = (sides.segments.astype(np.int64) << 40) | sides.ordinals
    places[np.searchsorted(keys, _keys(ranking))] = np.arange(1, len(ranking) + 1)
    return places


def rank_texts(
    snapshot: Snapshot,
    queries: Sequence[str],
    rows: FloatRows | None,
    k: int,
    options: ModeOptions,
    *,
    allowed: Selection | None = None,
) -> list[ScoredRanking]:
    """Rank the documents of a snapshot for each query text, in any mode.

    Args:
        snapshot: The generation to search.
        queries: Texts.
        rows: float32 (n_queries, dim), their embeddings, unit rows; None for ``lexical``.
        k: Documents a query, at least 1.
        options: By what they are ranked.
        allowed: The documents that may be found; None for every live one.

    Raises:
        WordsMissingError, DamagedIndexError: The words cannot be searched.
    """
    if options.mode is SearchMode.HYBRID and rows is not None:
        return rank_hybrid(snapshot, queries, rows, k, options, allowed=allowed)
    if options.mode is SearchMode.LEXICAL or rows is None:
        found = snapshot.search_words(queries, k, options.bm25, allowed=allowed)
        return [ScoredRanking(one, {"lexical": one.scores}) for one in found]
    rankings = snapshot.search_vectors(rows, k, allowed=allowed)
    return [ScoredRanking(one, {"dense": one.scores}) for one in rankings]
