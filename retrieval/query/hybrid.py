"""Ranking documents by meaning and words together.

A convex fusion looks exactly at those documents alone that can be among the best (``fused_scan``).
Reciprocal ranks need the first of each side only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.query.fused_scan import FusionScale
from retrieval.query.fused_units import FusedUnits, passages_of
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.reciprocal_rank import RANKED, reciprocal_ranks
from retrieval.query.scored import ScoredRanking
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot
from retrieval.vectors import Bitmap, FloatRows, exact_scores

if TYPE_CHECKING:
    from retrieval.store.selection import Selection


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
        self._allowed = allowed
        self._passage_words = snapshot.words.score(query, options.bm25)
        self._words = [
            scores
            if len(one.passage_starts) - 1 == len(scores)
            else np.maximum.reduceat(scores, one.passage_starts[:-1])
            for one, scores in zip(snapshot.segments, self._passage_words, strict=True)
        ]

    def best(self, k: int) -> ScoredRanking:
        if self._options.fusion is Fusion.RRF:
            return self._best_by_ranks(k)
        allowed = self._snapshot.rows_allowed(self._allowed)
        units = FusedUnits(self._snapshot, self._row, allowed, self._findable())
        scale = self._scale(units.cosines.greatest())
        chosen, _ = units.look(self._words, scale, k)
        sizes = [len(one) for one in chosen]
        segments = np.repeat(np.arange(len(chosen), dtype=np.int32), sizes)
        ordinals = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
        sides = self._scored(segments, ordinals, np.full(len(ordinals), np.nan))
        return self._ranked(sides, scale.fused(sides.dense, sides.lexical), scale, k)

    def _best_by_ranks(self, k: int) -> ScoredRanking:
        count, allowed = max(RANKED, k), self._allowed
        (dense,) = self._snapshot.search_vectors(self._row[np.newaxis], count, allowed=allowed)
        words = self._words
        if allowed is not None:
            words = [scores * own for scores, own in zip(words, allowed.documents, strict=True)]
        lexical = self._snapshot.best_documents(words, count)
        keys = np.concatenate([_keys(dense), _keys(lexical)])
        known = np.concatenate([dense.scores, np.full(len(lexical), np.nan)])
        keys, first = np.unique(keys, return_index=True)
        segments, ordinals = (keys >> 40).astype(np.int32), keys & ((1 << 40) - 1)
        sides = self._scored(segments, ordinals, known[first])
        fused = np.zeros(len(sides.ordinals))
        for ranking in (dense, lexical):
            fused += reciprocal_ranks(_places(sides, ranking))
        scale = self._scale(float(dense.scores[0]) if len(dense) else 0.0)
        return self._ranked(sides, fused, scale, k)

    def _scale(self, greatest_dense: float) -> FusionScale:
        return FusionScale(
            greatest_dense=greatest_dense,
            greatest_lexical=max(
                (float(one.max()) for one in self._words if len(one)), default=0.0
            ),
            weight=self._weight,
        )

    def _findable(self) -> list[Bitmap | None]:
        """Return for each segment which documents may be found; None for all."""
        found: list[Bitmap | None] = []
        for number, one in enumerate(self._snapshot.segments):
            if self._allowed is not None:
                found.append(self._allowed.documents[number] & ~one.empty)
            else:
                hidden = one.deleted | one.empty
                found.append(~hidden if hidden.any() else None)
        return found

    def _scored(
        self,
        segments: NDArray[np.int32],
        ordinals: NDArray[np.int64],
        known: NDArray[np.float64],
    ) -> _Sides:
        """Return documents with both scores.

        Args:
            segments: int32 (n,), ascending.
            ordinals: int64 (n,), ascending within a segment.
            known: float64 (n,), their cosines; NaN for one that is to be computed.
        """
        meaning, words = known, np.empty(len(known))
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
        rows, borders = passages_of(segment.passage_starts, ordinals)
        scores = exact_scores(segment.vectors[rows], self._row)
        found: NDArray[np.float64] = np.maximum.reduceat(scores, borders)
        return found

    def _ranked(
        self, sides: _Sides, fused: NDArray[np.float64], scale: FusionScale, k: int
    ) -> ScoredRanking:
        order = self._snapshot.in_order(sides.segments, sides.ordinals, fused)[:k]
        segments, ordinals = sides.segments[order], sides.ordinals[order]
        rows = [
            self._best_passage(segment, ordinal, scale)
            for segment, ordinal in zip(segments.tolist(), ordinals.tolist(), strict=True)
        ]
        parts = {
            "dense": sides.dense[order],
            "lexical": sides.lexical[order],
            "fused": fused[order],
        }
        ranking = Ranking(segments, ordinals, np.array(rows, dtype=np.int64), fused[order])
        return ScoredRanking(ranking, parts)

    def _best_passage(self, number: int, ordinal: int, scale: FusionScale) -> int:
        """Return the row of a document's passage that has the best fused score of its own."""
        segment = self._snapshot.segments[number]
        start, end = segment.passage_starts[ordinal : ordinal + 2].tolist()
        if end - start == 1:
            return int(start)
        dense = exact_scores(segment.vectors[start:end], self._row)
        lexical = self._passage_words[number][start:end]
        return int(start) + int(scale.fused(dense, lexical).argmax())


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
