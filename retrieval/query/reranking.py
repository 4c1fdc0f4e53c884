"""Reranking as a stage: the first documents of a ranking are read again, with the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retrieval.corpus.passages import joined_text
from retrieval.errors import UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.scored import ScoredRanking
from retrieval.rerank.options import RerankOptions
from retrieval.rerank.reranking import Candidates, rerank
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.rerank.opening import OpenReranker


class RerankStage:
    """Puts the candidates of questions in a new order.

    Args:
        opened: The model, and its own weight.
        options: How.

    Attributes:
        questions: Questions reranked so far.
        candidates: Passages that were to be read for them.
        unscored: Passages that time did not suffice for.
        cut: Passages read in part, being longer than the reranker's window leaves room for.
    """

    def __init__(self, opened: OpenReranker, options: RerankOptions) -> None:
        self.options = options
        self.questions = self.candidates = self.unscored = self.cut = 0
        self._opened = opened

    def rerank(self, snapshot: Snapshot, question: Question, found: ScoredRanking) -> ScoredRanking:
        """Read the best passages of the first documents with the question, and order anew.

        The parts of a score get ``first``, the score of the stage before, and ``rerank``, the
        reranker's, which is not a number for documents that were not read: these stand below,
        in the order they had.

        Raises:
            UsageError: What was asked is no text.
        """
        self.require_text(question)
        ranking = found.ranking
        passages = [
            joined_text(one.document.title, one.document.text[one.span.start : one.span.end])
            for one in snapshot.fetch_all(ranking.take(slice(self.options.candidates)))
        ]
        ids = [
            snapshot.segments[segment].doc_id(ordinal)
            for segment, ordinal in zip(
                ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True
            )
        ]
        made = rerank(
            self._opened.model,
            question.query,
            Candidates(passages, ids, ranking.scores),
            self.options,
            learned_weight=self._opened.weight,
        )
        self.questions += 1
        self.candidates += len(passages)
        self.unscored += len(passages) - int((~np.isnan(made.rerank)).sum())
        self.cut += made.cut
        ordered = found.take(made.order)
        parts = {
            **ordered.scores,
            "first": ordered.ranking.scores,
            "rerank": made.rerank,
        }
        own = ordered.ranking
        return ScoredRanking(
            Ranking(own.segments, own.ordinals, own.rows, made.scores), parts, ordered.probabilities
        )

    @staticmethod
    def require_text(question: Question) -> None:
        """Refuse to rerank what was not asked in words.

        Raises:
            UsageError: It is a concept, a combination, examples, or texts against texts.
        """
        if question.kind is not QueryKind.TEXT:
            raise UsageError(
                "A reranker reads a text as the query; concepts, examples and texts against"
                " texts are none.",
                fix="Ask for a text, or leave reranking out.",
            )

    def notes(self) -> list[str]:
        """Say what a person should know of the work so far, one sentence each."""
        identity = self._opened.model.identity
        told = []
        if self.unscored:
            told.append(
                f"Reranking took longer than {self.options.timeout_s:g} seconds: {self.unscored:,}"
                f" of {self.candidates:,} candidates were not read and stand below the others, in"
                " the order of the first stage."
            )
        if self.cut:
            told.append(
                f"{self.cut:,} of {self.candidates:,} passages are longer than {identity.name}"
                f" reads with the query ({identity.max_tokens} tokens); their ends were not read."
            )
        return told
