"""What an open index can give a language model: the part of ``Index`` that packs contexts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retrieval.engine.searching import SearchMethods
from retrieval.errors import UsageError
from retrieval.query.context import PASSAGES, TOKEN_BUDGET
from retrieval.records import Hit

if TYPE_CHECKING:
    from retrieval.query.context import Context
    from retrieval.query.packing import CountTokens


class ContextMethods(SearchMethods):
    """The part of ``Index`` that packs passages for a prompt."""

    def context(
        self,
        query: str = "",
        *,
        token_budget: int = TOKEN_BUDGET,
        count: CountTokens | None = None,
        k: int = PASSAGES,
        **search: Any,
    ) -> Context:
        """Pack the passages of an answer for the prompt of a language model.

        See ``retrieval.query.packing`` for what is joined, left out and cut.

        Args:
            query: What is looked for, in words; empty with ``like`` or a concept.
            token_budget: Most tokens of the text, citations included, at least 1.
            count: Counts the tokens of a text; None for the index's own model, without special
                tokens.
            k: Passages that are looked at, at least 1.
            **search: As for ``search``; the unit is the passage.

        Returns:
            The text with what its numbers cite; no text where nothing was found.

        Raises:
            UsageError: The budget is too small, ``count`` counts nothing, or documents are
                asked for.
            EmptyQueryError, InputError, ModelError, ModelMismatchError: As ``search``.
        """
        if search.get("unit", "passage") != "passage":
            raise UsageError(
                "A context is made of passages, not of documents.", fix="Leave the unit out."
            )
        hits = self.search(query, k, **{**search, "unit": "passage"})
        return self.context_of(hits, query=query, token_budget=token_budget, count=count)

    def context_of(
        self,
        hits: Sequence[Hit],
        *,
        query: str = "",
        token_budget: int = TOKEN_BUDGET,
        count: CountTokens | None = None,
    ) -> Context:
        """Pack passages that were found already; see ``context``.

        Args:
            hits: Hits of this generation, best first.
            query: What was asked, for the record.
            token_budget: Most tokens of the text, at least 1.
            count: Counts the tokens of a text; None for the index's own model.
        """
        from retrieval.engine.wanted_model import can_open
        from retrieval.query.packing import candidates_of, packed

        if count is None and not can_open(self._store.describe().model, self._wanted):
            raise UsageError(
                f"No model of {self.name} is known that could count tokens.",
                fix="Say how they are counted with count=..., or which model it is (--model).",
            )
        counted = count or (lambda text: len(self.encoder.token_offsets([text])[0]))
        candidates = candidates_of(self._store.snapshot, hits)
        return packed(query, candidates, token_budget=token_budget, count=counted)
