"""Texts as the first stage: ranked by meaning, by words, or by both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from retrieval.errors import EmptyQueryError, UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.scored import ScoredRanking
from retrieval.store.reader import Snapshot

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.query.modes import ModeOptions
    from retrieval.query.vector import QueryEncoder
    from retrieval.store.selection import Selection
    from retrieval.vectors import FloatRows


class TextStage:
    """Several query texts, searched in one batch; each as it would be alone.

    Args:
        queries: Query texts, none empty.
        searched: What is searched for each query, where that is not its text.
        query_ids: Ids of the queries; None numbers them from 1.
        mode: By what documents are ranked: a mode's name, or options; None for ``dense``.
        encoder: Gives the model of the index; not called for ``lexical``.

    Raises:
        EmptyQueryError: A query is empty or only white space.
        UsageError: Another number of ids than of queries, or an unknown mode.
    """

    def __init__(
        self,
        queries: Sequence[str],
        *,
        searched: Sequence[str] | None = None,
        query_ids: Sequence[str] | None = None,
        mode: str | ModeOptions | None = None,
        encoder: Callable[[], QueryEncoder],
    ) -> None:
        self.questions = _questions(queries, query_ids)
        self._texts = list(queries if searched is None else searched)
        self._encoder = encoder
        self._rows: FloatRows | None = None
        self._mode: ModeOptions | None = None
        if mode not in {None, "dense"}:
            from retrieval.query.modes import ModeOptions

            self._mode = ModeOptions.named(mode)

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank documents for each text; see ``FirstStage.rank``.

        By words only documents that hold a word of the text are found.

        Raises:
            WordsMissingError, DamagedIndexError: The words cannot be searched.
        """
        if not self._texts:
            return []
        rows = self._encoded(snapshot)
        if self._mode is None and rows is not None:
            vectors = snapshot.search_vectors(rows, k, allowed=allowed)
            found = [ScoredRanking(one, {"dense": one.scores}) for one in vectors]
        else:
            from retrieval.query.hybrid import rank_texts

            found = rank_texts(snapshot, self._texts, rows, k, self._options, allowed=allowed)
        if not snapshot.manifest.curves:
            return found
        from retrieval.query.probability import with_probabilities

        return [
            with_probabilities(snapshot, one, self._options, filtered=allowed is not None)
            for one in found
        ]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank passages for each text; see ``FirstStage.rank_passages``.

        Raises:
            WordsMissingError, DamagedIndexError: The words cannot be searched.
        """
        from retrieval.query.passages import PassageRanker

        if not self._texts:
            return []
        ranker = PassageRanker(
            snapshot, max_per_doc=max_per_doc, allowed=snapshot.rows_allowed(allowed)
        )
        return ranker.rank(self._texts, self._encoded(snapshot), k, self._options)

    def asked(self) -> list[Asked]:
        """Return what each text was ranked by; see ``FirstStage.asked``."""
        from retrieval.query.asked import Asked

        rows = [None] * len(self._texts) if self._rows is None else list(self._rows)
        return [
            Asked(text=text, options=self._options, row=row)
            for text, row in zip(self._texts, rows, strict=True)
        ]

    @property
    def _options(self) -> ModeOptions:
        from retrieval.query.modes import ModeOptions

        return self._mode or ModeOptions()

    def _encoded(self, snapshot: Snapshot) -> FloatRows | None:
        """Return the texts' embeddings; None where words alone are searched."""
        if self._rows is None and (self._mode is None or self._mode.mode != "lexical"):
            if self._mode is not None and self._mode.mode == "hybrid":
                _ = snapshot.words  # whatever they lack is said before a model is loaded
            self._rows = self._encoder().encode_queries(self._texts)
        return self._rows


def _questions(queries: Sequence[str], query_ids: Sequence[str] | None) -> list[Question]:
    """Return a question for each query, or refuse what cannot be asked."""
    ids = [str(number) for number in range(1, len(queries) + 1)]
    if query_ids is not None:
        ids = list(query_ids)
    if len(ids) != len(queries):
        raise UsageError(f"{len(queries)} queries came with {len(ids)} ids; one each is needed.")
    for query_id, query in zip(ids, queries, strict=True):
        if not query.strip():
            raise EmptyQueryError(
                f"Query {query_id} is empty.", fix="Give it at least one word to search for."
            )
    return [
        Question(query_id=query_id, query=query, kind=QueryKind.TEXT)
        for query_id, query in zip(ids, queries, strict=True)
    ]
