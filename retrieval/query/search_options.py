"""What every kind of search can be asked besides what it looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from retrieval.errors import UsageError

if TYPE_CHECKING:
    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter


class Refinements(TypedDict, total=False):
    """Options of every kind of search, as the keywords of ``Index.search``.

    Attributes:
        min_score: Leave out hits that score less.
        where: Find only documents whose metadata fits: a filter as a text or a tree.
    """

    min_score: float | None
    where: GivenFilter


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What the stages after the first are asked for.

    Attributes:
        k: Hits wanted for each question, at least 1; None for every document.
        min_score: Least final score of a hit; None for any.
        where: What a document's metadata has to be; None for anything.

    Raises:
        UsageError: k < 1, or a score that is no number.
    """

    k: int | None = 10
    min_score: float | None = None
    where: Filter | None = None

    def __post_init__(self) -> None:
        if self.k is not None and self.k < 1:
            raise UsageError(f"k is {self.k}; at least 1 hit has to be asked for.")
        if self.min_score is not None and math.isnan(self.min_score):
            raise UsageError("The least score is not a number.")

    @classmethod
    def of(cls, k: int | None, **refine: Unpack[Refinements]) -> SearchOptions:
        """Return options from the keywords of a search.

        Raises:
            UsageError: As the record.
            FilterError: The filter cannot be read.
        """
        where = refine.get("where")
        rest: dict[str, Any] = {name: one for name, one in refine.items() if name != "where"}
        if where is None:
            return cls(k=k, **rest)
        from retrieval.query.filter_parsing import (
            filter_of,  # which other searches need not pay for
        )

        return cls(k=k, where=filter_of(where), **rest)
