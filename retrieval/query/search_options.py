"""What every kind of search can be asked besides what it looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict, Unpack

from retrieval.errors import UsageError
from retrieval.query.diversity import DEFAULT_RELEVANCE, check_relevance

if TYPE_CHECKING:
    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter


class HitUnit(StrEnum):
    """What a hit is."""

    DOCUMENT = "document"
    """A document, by its best passage."""
    PASSAGE = "passage"
    """A passage by itself; a document may have several."""


class Refinements(TypedDict, total=False):
    """Options of every kind of search, as the keywords of ``Index.search``.

    Attributes:
        min_score: Leave out hits that score less.
        where: Find only documents whose metadata fits: a filter as a text or a tree.
        unit: ``document`` for documents by their best passages, ``passage`` for passages.
        max_per_doc: With passages: most of one document; None for any number.
        diversify: Choose hits that differ: the weight of relevance beside it, 0 to 1, or True
            for 0.7; None or False for the ranking as it is.
        explain: Whether hits say why they are where they are.
    """

    min_score: float | None
    where: GivenFilter
    unit: str
    max_per_doc: int | None
    diversify: bool | float | None
    explain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What the stages after the first are asked for.

    Attributes:
        k: Hits wanted for each question, at least 1; None for every document.
        min_score: Least final score of a hit; None for any.
        where: What a document's metadata has to be; None for anything.
        unit: What a hit is.
        max_per_doc: Most passages of one document, where passages are hits; None for any.
        diversify: Weight of relevance where hits are to differ, 0 to 1; None where not.
        explain: Whether hits are explained.

    Raises:
        UsageError: A number out of range, or options that do not go together.
    """

    k: int | None = 10
    min_score: float | None = None
    where: Filter | None = None
    unit: HitUnit = HitUnit.DOCUMENT
    max_per_doc: int | None = None
    diversify: float | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        if self.k is not None and self.k < 1:
            raise UsageError(f"k is {self.k}; at least 1 hit has to be asked for.")
        if self.min_score is not None and math.isnan(self.min_score):
            raise UsageError("The least score is not a number.")
        if self.max_per_doc is not None:
            if self.unit is not HitUnit.PASSAGE:
                raise UsageError(
                    "max_per_doc says how many passages of a document are hits; here documents"
                    " are, each once.",
                    fix="Ask for passages with unit='passage' (--unit passage).",
                )
            if self.max_per_doc < 1:
                raise UsageError(
                    f"max_per_doc is {self.max_per_doc}; at least 1 passage can be shown."
                )
        if self.diversify is not None:
            check_relevance(self.diversify)
            if self.k is None:
                raise UsageError("Hits that differ are chosen from more; that needs a number, k.")

    @property
    def by_passage(self) -> bool:
        """Whether passages are the hits."""
        return self.unit is HitUnit.PASSAGE

    @classmethod
    def of(cls, k: int | None, **refine: Unpack[Refinements]) -> SearchOptions:
        """Return options from the keywords of a search.

        Raises:
            UsageError: As the record.
            FilterError: The filter cannot be read.
        """
        from retrieval.query.filter_parsing import filter_of

        unit, diversify = refine.get("unit", HitUnit.DOCUMENT), refine.get("diversify")
        if unit not in set(HitUnit):
            raise UsageError(f"There is no unit {unit!r}; there are {', '.join(HitUnit)}.")
        if isinstance(diversify, bool):
            diversify = DEFAULT_RELEVANCE if diversify else None
        return cls(
            k=k,
            min_score=refine.get("min_score"),
            where=filter_of(refine.get("where")),
            unit=HitUnit(unit),
            max_per_doc=refine.get("max_per_doc"),
            diversify=diversify,
            explain=refine.get("explain", False),
        )
