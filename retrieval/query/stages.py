"""The stages of a search, in the one order they have.

1. The first stage ranks documents, each by its best passage (``first_stage``), among those
   that the filter lets through: so there are k of them whenever k match.
2. Reranking reads the best documents again with the question (``rerank``); off by default.
3. The cut: hits of too low a score are left out, then all but the k best.

Every stage takes and gives a ``ScoredRanking`` for each question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from retrieval.query.first_stage import FirstStage, Question
from retrieval.query.scored import ScoredRanking
from retrieval.query.search_options import SearchOptions
from retrieval.records import Hit
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.query.reranking import RerankStage

_NEED_NO_PARTS = frozenset({"dense"})
"""The parts of a score that is its only part."""


def answer(
    snapshot: Snapshot,
    first: FirstStage,
    options: SearchOptions,
    *,
    index: str,
    rerank: RerankStage | None = None,
) -> list[list[Hit]]:
    """Answer questions, stage by stage.

    Args:
        snapshot: The generation to search.
        first: What ranks.
        options: What is asked of the ranking.
        index: Name of the index, for the hits.
        rerank: Reads again, where ``options`` ask for it.

    Returns:
        One list of hits a question, best first.

    Raises:
        UsageError: What is to be reranked was not asked in words.
        FilterError: The filter does not fit the fields of the index.
        ColumnsMissingError: There is a filter, and the index has no columns.
    """
    if rerank is not None:
        for question in first.questions:
            rerank.require_text(question)
    allowed = snapshot.select(options.where)  # refused, if it must be, before a model is loaded
    every = max(sum(one.live_documents for one in snapshot.manifest.segments), 1)
    wanted = options.candidates
    rankings = first.rank(snapshot, every if wanted is None else wanted, allowed=allowed)
    if rerank is not None:
        rankings = [
            rerank.rerank(snapshot, question, found)
            for question, found in zip(first.questions, rankings, strict=True)
        ]
    return [
        hits_of(snapshot, question, cut(found, options), index=index)
        for question, found in zip(first.questions, rankings, strict=True)
    ]


def cut(found: ScoredRanking, options: SearchOptions) -> ScoredRanking:
    """Keep the k best of those that score enough."""
    if options.min_score is not None:
        found = found.take(np.flatnonzero(found.ranking.scores >= options.min_score))
    return found.take(slice(options.k))


def hits_of(
    snapshot: Snapshot, question: Question, found: ScoredRanking, *, index: str
) -> list[Hit]:
    """Read what was found and show each document by the passage it was found by.

    Args:
        snapshot: Where documents are read from.
        question: What was asked.
        found: What was found, best first.
        index: Name of the index.
    """
    ranking = found.ranking
    return [
        Hit(
            index=index,
            query_id=question.query_id,
            query=question.query,
            query_kind=question.kind,
            rank=at + 1,
            score=float(ranking.scores[at]),
            doc_id=one.document.doc_id,
            passage_id=f"{one.document.doc_id}#{one.number}",
            title=one.document.title,
            text=one.document.text[one.span.start : one.span.end],
            span=one.span,
            metadata=one.document.metadata,
            concept=question.concept,
            concept_version=question.concept_version,
            probability=None if found.probabilities is None else float(found.probabilities[at]),
            no_probability=question.no_probability,
            scores=_parts(found, at),
        )
        for at, one in enumerate(snapshot.fetch_all(ranking))
    ]


def _parts(found: ScoredRanking, at: int) -> Mapping[str, float] | None:
    if found.scores.keys() <= _NEED_NO_PARTS:
        return None
    parts = {name: float(column[at]) for name, column in found.scores.items()}
    return {name: part for name, part in parts.items() if not math.isnan(part)}
