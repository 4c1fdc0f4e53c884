"""What every kind of search can be asked besides what it looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from retrieval.errors import UsageError
from retrieval.lexical.conditions import WordConditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter


class Refinements(TypedDict, total=False):
    """Options of every kind of search, as the keywords of ``Index.search``.

    Attributes:
        min_score: Leave out hits that score less.
        where: Find only documents whose metadata fits: a filter as a text or a tree.
        phrases: Find only documents in which the words of each of these texts stand next to
            each other in this order, as terms: endings and function words aside.
        without: Leave out documents that hold all words of one of these texts.
    """

    min_score: float | None
    where: GivenFilter
    phrases: Sequence[str]
    without: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What the stages after the first are asked for.

    Attributes:
        k: Hits wanted for each question, at least 1; None for every document.
        min_score: Least final score of a hit; None for any.
        where: What a document's metadata has to be; None for anything.
        words: Which words a document has to hold, and which it must not.

    Raises:
        UsageError: k < 1, or a score that is no number.
    """

    k: int | None = 10
    min_score: float | None = None
    where: Filter | None = None
    words: WordConditions = field(default_factory=WordConditions)

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
        from retrieval.query.filter_parsing import filter_of

        apart = {"where", "phrases", "without"}
        rest: dict[str, Any] = {name: one for name, one in refine.items() if name not in apart}
        words = WordConditions(
            phrases=texts_of("phrases", refine.get("phrases", ())),
            without=texts_of("without", refine.get("without", ())),
        )
        return cls(k=k, where=filter_of(refine.get("where")), words=words, **rest)


def texts_of(name: str, given: Sequence[str]) -> tuple[str, ...]:
    """Return the texts of an option.

    Raises:
        UsageError: One text was given in place of several.
    """
    if isinstance(given, str):
        raise UsageError(
            f"{name} is a text; it takes a list of texts.", fix=f"Write {name}=[{given!r}]."
        )
    return tuple(given)
