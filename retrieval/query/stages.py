"""The stages of a search, in the one order they have.

1. The first stage ranks documents, each by its best passage, or passages (``first_stage``),
   among those that the filter and the conditions on words let through: so there are k of them
   whenever k match.
2. Reranking reads the best again, each with the question (``reranking``); off by default.
3. The least score: hits that score less are left out.
4. Diversity: of 5 k candidates, at least 50, k that differ are chosen (``diversity``).
5. The cut: all but the first k are left out.

Every stage takes and gives a ``ScoredRanking`` for each question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.query.diversity import candidates_for, diversified
from retrieval.query.first_stage import FirstStage, Question
from retrieval.query.scored import ScoredRanking
from retrieval.query.search_options import SearchOptions
from retrieval.records import Hit
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.query.reranking import RerankStage
    from retrieval.store.selection import Selection

_NEED_NO_PARTS = frozenset({"dense"})
"""The parts of a score that is its only part."""
_OF_DOCUMENTS = "probabilities are of documents, and passages were asked for"


def answer(
    snapshot: Snapshot,
    first: FirstStage,
    options: SearchOptions,
    *,
    index: str,
    rerank: RerankStage | None = None,
    allowed: Selection | None = None,
) -> list[list[Hit]]:
    """Answer questions, stage by stage.

    Args:
        snapshot: The generation to search.
        first: What ranks.
        options: What is asked of the ranking.
        index: Name of the index, for the hits.
        rerank: Reads again, where ``options`` ask for it.
        allowed: What ``selected`` gave for ``options``; None for every live document.

    Returns:
        One list of hits a question, best first.

    Raises:
        UsageError: What is to be reranked was not asked in words.
    """
    if rerank is not None:
        for question in first.questions:
            rerank.require_text(question)
    wanted = wanted_of_first(snapshot, options)
    if options.by_passage:
        most = options.max_per_doc
        rankings = first.rank_passages(snapshot, wanted, max_per_doc=most, allowed=allowed)
    else:
        rankings = first.rank(snapshot, wanted, allowed=allowed)
    if rerank is not None:
        rankings = [
            rerank.rerank(snapshot, question, one)
            for question, one in zip(first.questions, rankings, strict=True)
        ]
    found = []
    for question, ranking in zip(first.questions, rankings, strict=True):
        chosen = cut(diverse(snapshot, good_enough(ranking, options), options), options)
        asked = question
        if options.by_passage and question.concept is not None:
            asked = replace(question, no_probability=_OF_DOCUMENTS)
        found.append(hits_of(snapshot, asked, chosen, index=index))
    return found


def selected(snapshot: Snapshot, options: SearchOptions) -> Selection | None:
    """Return the documents that may be found; None for every live one.

    Raises:
        FilterError: The filter does not fit the fields of the index.
        ColumnsMissingError: There is a filter, and the index has no columns.
        UsageError: A condition on words has none that documents are found by.
        WordsMissingError: There are such conditions, and the index has no words.
    """
    found = snapshot.select(options.where)
    if not options.words:
        return found
    from retrieval.store.word_selection import select_by_words

    return select_by_words(snapshot, options.words, found)


def wanted_of_first(snapshot: Snapshot, options: SearchOptions) -> int:
    """Return how many hits of each question the first stage is asked for."""
    if options.k is None:
        live = [
            one.live_passages if options.by_passage else one.live_documents
            for one in snapshot.manifest.segments
        ]
        return max(sum(live), 1)
    wanted = options.k if options.diversify is None else candidates_for(options.k)
    return wanted if options.rerank is None else max(wanted, options.rerank.candidates)


def good_enough(found: ScoredRanking, options: SearchOptions) -> ScoredRanking:
    """Leave out hits that score less than is asked for."""
    if options.min_score is None:
        return found
    return found.take(np.flatnonzero(found.ranking.scores >= options.min_score))


def diverse(snapshot: Snapshot, found: ScoredRanking, options: SearchOptions) -> ScoredRanking:
    """Choose hits that differ, if that is asked for; their scores stay what they are."""
    if options.diversify is None or options.k is None or not len(found):
        return found
    ranking = found.ranking
    rows = np.stack(
        [
            snapshot.segments[segment].vectors[row]
            for segment, row in zip(ranking.segments.tolist(), ranking.rows.tolist(), strict=True)
        ]
    )
    return found.take(diversified(ranking.scores, rows, options.k, options.diversify))


def cut(found: ScoredRanking, options: SearchOptions) -> ScoredRanking:
    """Keep the first k."""
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
            recall=snapshot.vector_search.recall,
        )
        for at, one in enumerate(snapshot.fetch_all(ranking))
    ]


def _parts(found: ScoredRanking, at: int) -> Mapping[str, float] | None:
    if found.scores.keys() <= _NEED_NO_PARTS:
        return None
    parts = {name: float(column[at]) for name, column in found.scores.items()}
    return {name: part for name, part in parts.items() if not math.isnan(part)}
