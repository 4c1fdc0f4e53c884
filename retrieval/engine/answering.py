"""How an open index answers whatever is asked: the stages, the sentence to show, the reason why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from retrieval.records import Hit, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.encode.protocol import Encoder
    from retrieval.engine.reranking.opened import Rerankers
    from retrieval.engine.wanted_model import WantedModel
    from retrieval.observer import Observer
    from retrieval.query.first_stage import FirstStage
    from retrieval.query.search_options import SearchOptions
    from retrieval.rerank.opening import OpenReranker
    from retrieval.store.local import LocalStore


class AnswerMethods:
    """The part of ``Index`` that every kind of search goes through."""

    name: str
    _store: LocalStore
    _wanted: WantedModel
    _observer: Observer
    _once: bool
    _warned: set[str]
    _rerankers: Rerankers

    if TYPE_CHECKING:

        @property
        def encoder(self) -> Encoder: ...

    def reranker(self, model: str) -> OpenReranker:
        """Return a reranker, opened when first needed and closed with the index.

        Args:
            model: A registered name, a folder, or a name on the hub.

        Raises:
            ModelError: It cannot be had; the message says how to get one.
        """
        return self._rerankers.get(model)

    def best_sentences(
        self, hits: Sequence[Hit], *, row: NDArray[np.float32] | None = None
    ) -> list[Span]:
        """Find the sentence of each hit's text that is nearest to its query.

        Args:
            hits: Hits of this index.
            row: float32 (dim,), what they were found with, such as the row of a direction;
                None for the text of their query.

        Returns:
            One span a hit, characters of ``hit.text``; where no model of the index is known,
            the first sentence.
        """
        told = [Span(*hit.explanation.sentence) for hit in hits if hit.explanation is not None]
        if len(told) == len(hits):
            return told
        from retrieval.engine.wanted_model import can_open
        from retrieval.query.sentences import best_sentences, first_sentences

        if not can_open(self._store.describe().model, self._wanted):
            return first_sentences(hits)
        return best_sentences(self.encoder, hits, row=row)

    def _answer(
        self, first: FirstStage, options: SearchOptions, *, questions: int | None = None
    ) -> list[list[Hit]]:
        """Answer what is asked.

        Args:
            first: Ranks.
            options: What is asked of the ranking.
            questions: How many questions belong to the same batch; None for those of ``first``.
        """
        from retrieval.query.stages import answer, selected, wanted_of_first
        from retrieval.store.reach import Reach

        known = self._store.snapshot
        least = known.reach.least if options.recall is None else options.recall
        together = len(first.questions) if questions is None else questions
        reach = Reach(least=least, questions=together if self._once else None)
        snapshot = known.reaching(reach)
        allowed = selected(snapshot, options)  # what is wrong is refused before a model is loaded
        rerank = None
        if options.rerank is not None:
            from retrieval.query.reranking import RerankStage

            for question in first.questions:
                RerankStage.require_text(question)
            rerank = RerankStage(self.reranker(options.rerank.model), options.rerank)
        found = answer(snapshot, first, options, index=self.name, rerank=rerank, allowed=allowed)
        for note in rerank.notes() if rerank is not None else ():
            self._observer.note(note)
        for remark in snapshot.vector_search.remarks:
            if remark not in self._warned:  # once, not at every search
                self._warned.add(remark)
                self._observer.warn(remark)
        if not options.explain:
            return found
        from retrieval.query.explain import explained

        depth = wanted_of_first(snapshot, options)
        rows = snapshot.rows_allowed(allowed)
        return [
            explained(
                snapshot,
                asked,
                hits,
                self.best_sentences(hits, row=asked.row),
                options,
                depth=depth,
                allowed=rows,
            )
            for asked, hits in zip(first.asked(), found, strict=True)
        ]
