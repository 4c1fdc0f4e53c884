"""What every kind of search can be asked besides what it looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter
    from retrieval.rerank.options import RerankOptions


class Refinements(TypedDict, total=False):
    """Options of every kind of search, as the keywords of ``Index.search``.

    Attributes:
        min_score: Leave out hits that score less.
        where: Find only documents whose metadata fits: a filter as a text or a tree.
        rerank: Read the best documents again with a cross-encoder: its name or folder, True
            for the default one, or options.
        candidates: With ``rerank``: how many documents.
    """

    min_score: float | None
    where: GivenFilter
    rerank: str | bool | RerankOptions | None
    candidates: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What the stages after the first are asked for.

    Attributes:
        k: Hits wanted for each question, at least 1; None for every document.
        min_score: Least final score of a hit; None for any.
        where: What a document's metadata has to be; None for anything.
        rerank: How the best documents are read again; None for not at all.

    Raises:
        UsageError: k < 1, or a score that is no number.
    """

    k: int | None = 10
    min_score: float | None = None
    where: Filter | None = None
    rerank: RerankOptions | None = None

    @property
    def candidates(self) -> int | None:
        """Documents that the first stage is to rank; None for every one."""
        if self.k is None or self.rerank is None:
            return self.k
        return max(self.k, self.rerank.candidates)

    def __post_init__(self) -> None:
        if self.k is not None and self.k < 1:
            raise UsageError(f"k is {self.k}; at least 1 hit has to be asked for.")
        if self.min_score is not None and math.isnan(self.min_score):
            raise UsageError("The least score is not a number.")

    @classmethod
    def of(cls, k: int | None, **refine: Unpack[Refinements]) -> SearchOptions:
        """Return options from the keywords of a search.

        Raises:
            UsageError: As the record, or candidates without a reranker.
            FilterError: The filter cannot be read.
        """
        from retrieval.query.filter_parsing import filter_of

        asked, candidates = refine.pop("rerank", None), refine.pop("candidates", None)
        rerank = None
        if asked is not None or candidates is not None:
            from retrieval.rerank.options import RerankOptions

            rerank = RerankOptions.named(asked, candidates=candidates)
        where = filter_of(refine.pop("where", None))
        rest: dict[str, Any] = dict(refine)
        return cls(k=k, where=where, rerank=rerank, **rest)
