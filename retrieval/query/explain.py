"""Telling why hits are where they are: every number that made the score, and the sentence.

Nothing is kept while searching: what a score was made of is computed again from the vectors and
words of the same generation, which gives the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.explanation import Explanation, Fused, FusedSide, Meaning, Reranked, Words
from retrieval.query.asked import Asked
from retrieval.query.convex import LEAST_COSINE
from retrieval.query.cosines import Cosines
from retrieval.query.matching_words import matching_words
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.parts import shares_of
from retrieval.query.passages import Allowed, PassageRanker
from retrieval.query.reciprocal_rank import RANKED, reciprocal_ranks
from retrieval.records import Hit, Span
from retrieval.vectors import document_means, exact_scores

if TYPE_CHECKING:
    from retrieval.query.search_options import SearchOptions
    from retrieval.store.ranking import Place
    from retrieval.store.reader import Snapshot


def explained(
    snapshot: Snapshot,
    asked: Asked,
    hits: Sequence[Hit],
    sentences: Sequence[Span],
    options: SearchOptions,
    *,
    depth: int,
    allowed: Allowed | None = None,
) -> list[Hit]:
    """Give each hit of a query its explanation.

    Args:
        snapshot: The generation the hits were found in.
        asked: What was searched for.
        hits: Best first.
        sentences: For each hit the characters of its text that are nearest to the query.
        options: What was asked of the ranking.
        depth: Hits that the first stage was asked for.
        allowed: Passages that might be found; None for those neither deleted nor empty.

    Raises:
        UsageError: A hit is not in this generation.
        WordsMissingError, DamagedIndexError: The words cannot be searched.
    """
    one = _Explainer(snapshot, asked, options, depth, allowed)
    return [
        replace(hit, explanation=one.explain(hit, sentence))
        for hit, sentence in zip(hits, sentences, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """A hit in its segment: where its document lies, and the rows that could make its score."""

    place: Place
    start: int
    end: int


class _Explainer:
    """One query, and what its scores are measured by."""

    def __init__(
        self,
        snapshot: Snapshot,
        asked: Asked,
        options: SearchOptions,
        depth: int,
        allowed: Allowed | None,
    ) -> None:
        self._snapshot = snapshot
        self._asked = asked
        self._by_passage = options.by_passage
        self._by_mean = asked.by_mean and not options.by_passage
        self._depth = depth
        # a document's rank is that of its best passage, one of each
        most = options.max_per_doc if options.by_passage else 1
        self._ranker = PassageRanker(snapshot, max_per_doc=most, allowed=allowed)

    def explain(self, hit: Hit, sentence: Span) -> Explanation:
        rows = self._rows(hit)
        dense, lexical = self._meaning(hit, rows), self._words_of(hit, rows)
        scores = hit.scores or {}
        return Explanation(
            dense=dense,
            lexical=lexical,
            fusion=self._fusion(dense, lexical, rows),
            rerank=Reranked(first=scores["first"], rerank=scores.get("rerank"), score=hit.score)
            if "first" in scores
            else None,
            parts=shares_of(self._asked.parts, self._vector(hit, rows))
            if self._asked.parts
            else (),
            probability=hit.probability,
            sentence=(sentence.start, sentence.end),
            words=tuple((one.start, one.end) for one in matching_words(hit.text, self._asked.text)),
        )

    def _rows(self, hit: Hit) -> _Rows:
        place = self._snapshot.find(hit.doc_id)
        if place is None:
            raise UsageError(
                f"{hit.doc_id!r} is not in generation {self._snapshot.generation}, so it cannot be"
                " said why it was a hit.",
                fix="Explain hits before the index moves to another generation.",
            )
        starts = self._snapshot.segments[place.segment].passage_starts
        start, end = starts[place.ordinal : place.ordinal + 2].tolist()
        if self._by_passage:
            start += _number(hit)
            end = start + 1
        return _Rows(place, start, end)

    def _vector(self, hit: Hit, rows: _Rows) -> NDArray[np.float32]:
        """Return the vector that made the hit's cosine: float32 (dim,)."""
        segment = self._snapshot.segments[rows.place.segment]
        own = segment.vectors[rows.start : rows.end]
        if self._by_mean:
            own = document_means(own, np.array([0, len(own)]))
            return np.asarray(own[0])
        vector: NDArray[np.float32] = own[0 if self._by_passage else _number(hit)]
        return vector

    def _meaning(self, hit: Hit, rows: _Rows) -> Meaning | None:
        row = self._asked.row
        if row is None or self._asked.options.mode is SearchMode.LEXICAL:
            return None
        if self._by_mean:
            mean = self._vector(hit, rows)[np.newaxis]
            return Meaning(score=float(exact_scores(mean, row)[0]), passage_id=None)
        vectors = self._snapshot.segments[rows.place.segment].vectors
        scores = exact_scores(vectors[rows.start : rows.end], row)
        best = int(scores.argmax())
        return Meaning(score=float(scores[best]), passage_id=self._passage_id(hit, rows, best))

    def _words_of(self, hit: Hit, rows: _Rows) -> Words | None:
        options = self._asked.options
        if options.mode is SearchMode.DENSE:
            return None
        segment = rows.place.segment
        scores = self._scores[segment][rows.start : rows.end]
        best = int(scores.argmax())
        return Words(
            score=float(scores[best]),
            passage_id=self._passage_id(hit, rows, best),
            terms=self._snapshot.words.shares(
                self._asked.text, options.bm25, segment, rows.start + best
            ),
        )

    def _passage_id(self, hit: Hit, rows: _Rows, best: int) -> str:
        return hit.passage_id if self._by_passage else f"{hit.doc_id}#{best}"

    @cached_property
    def _scores(self) -> list[NDArray[np.float64]]:
        """The BM25 score of every passage, by segment."""
        return self._snapshot.words.score(self._asked.text, self._asked.options.bm25)

    @cached_property
    def _greatest(self) -> tuple[float, float]:
        """The greatest cosine and BM25 score of the index, as fusion scales by them."""
        words = max((float(own.max()) for own in self._scores if len(own)), default=0.0)
        row = self._asked.row
        return (0.0 if row is None else Cosines(self._snapshot, row).greatest()), words

    def _side(self, mode: SearchMode, depth: int) -> _Side:
        """Rank by one side alone."""
        asked = self._asked
        options = ModeOptions(mode=mode, bm25=asked.options.bm25)
        rows = None if asked.row is None else asked.row[np.newaxis]
        (found,) = self._ranker.rank([asked.text], rows, depth, options)
        ranking = found.ranking
        last = ranking.rows if self._by_passage else ranking.ordinals
        keys = zip(ranking.segments.tolist(), last.tolist(), strict=True)
        return _Side(ranking.scores, {key: rank for rank, key in enumerate(keys, 1)})

    @cached_property
    def _ranked(self) -> tuple[_Side, _Side]:
        """Both rankings that are fused by their ranks."""
        depth = max(RANKED, self._depth)
        return self._side(SearchMode.DENSE, depth), self._side(SearchMode.LEXICAL, depth)

    def _fusion(self, dense: Meaning | None, lexical: Words | None, rows: _Rows) -> Fused | None:
        options = self._asked.options
        if dense is None or lexical is None or options.mode is not SearchMode.HYBRID:
            return None
        if options.fusion is Fusion.RRF:
            last = rows.start if self._by_passage else rows.place.ordinal
            key = (rows.place.segment, last)
            ranks = [one.ranks.get(key, 0) for one in self._ranked]
            sides = [_by_rank(dense.score, ranks[0]), _by_rank(lexical.score, ranks[1])]
        else:
            weight = options.weight_in(self._snapshot)
            most_dense, most_words = self._greatest
            sides = [
                _scaled(dense.score, LEAST_COSINE, most_dense, weight),
                _scaled(lexical.score, 0.0, most_words, 1.0 - weight),
            ]
        return Fused(
            method=options.fusion,
            dense=sides[0],
            lexical=sides[1],
            score=sides[0].share + sides[1].share,
        )


@dataclass(frozen=True, slots=True)
class _Side:
    """A ranking by one side, and the rank of each hit in it by segment and row or ordinal."""

    scores: NDArray[np.float64]
    ranks: dict[tuple[int, int], int]


def _scaled(score: float, least: float, greatest: float, weight: float) -> FusedSide:
    width = greatest - least
    scaled = (score - least) / width if width > 0 else 0.0
    return FusedSide(
        score=score,
        least=least,
        greatest=greatest,
        scaled=scaled,
        rank=None,
        weight=weight,
        share=weight * scaled,
    )


def _by_rank(score: float, rank: int) -> FusedSide:
    return FusedSide(
        score=score,
        least=None,
        greatest=None,
        scaled=None,
        rank=rank or None,
        weight=1.0,
        share=float(reciprocal_ranks(np.array([rank]))[0]),
    )


def _number(hit: Hit) -> int:
    """Return the number of a hit's passage within its document."""
    return int(hit.passage_id.rpartition("#")[2])
