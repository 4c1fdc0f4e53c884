"""What every kind of search can be asked besides what it looks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict, Unpack

from retrieval.errors import UsageError
from retrieval.lexical.conditions import WordConditions
from retrieval.query.diversity import DEFAULT_RELEVANCE, check_relevance
from retrieval.store.recall_entry import recall_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.filters.tree import Filter
    from retrieval.query.filter_parsing import GivenFilter
    from retrieval.rerank.options import RerankOptions


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
        phrases: Find only documents in which the words of each of these texts stand next to
            each other in this order, as terms: endings and function words aside.
        without: Leave out documents that hold all words of one of these texts.
        rerank: Read the best documents again with a cross-encoder: its name or folder, True
            for the default one, or options.
        candidates: With ``rerank``: how many documents.
        recall: The share of the nearest vectors that is found at least, above 0 and at most 1,
            or ``exact``; None for what the index promises.
    """

    min_score: float | None
    where: GivenFilter
    unit: str
    max_per_doc: int | None
    diversify: bool | float | None
    explain: bool
    phrases: Sequence[str]
    without: Sequence[str]
    rerank: str | bool | RerankOptions | None
    candidates: int | None
    recall: float | str | None


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
        words: Which words a document has to hold, and which it must not.
        rerank: How the best documents are read again; None for not at all.
        recall: The share of the nearest vectors that is found at least; None for what the index
            promises.

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
    words: WordConditions = field(default_factory=WordConditions)
    rerank: RerankOptions | None = None
    recall: float | None = None

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

    def and_words(self, words: WordConditions) -> SearchOptions:
        """Return the same options with further conditions on words."""
        return replace(self, words=self.words.and_also(words))

    @classmethod
    def of(cls, k: int | None, **refine: Unpack[Refinements]) -> SearchOptions:
        """Return options from the keywords of a search.

        Raises:
            UsageError: As the record, or candidates without a reranker.
            FilterError: The filter cannot be read.
        """
        unit, diversify = refine.get("unit", HitUnit.DOCUMENT), refine.get("diversify")
        if unit not in set(HitUnit):
            raise UsageError(f"There is no unit {unit!r}; there are {', '.join(HitUnit)}.")
        if isinstance(diversify, bool):
            diversify = DEFAULT_RELEVANCE if diversify else None
        return cls(
            k=k,
            min_score=refine.get("min_score"),
            where=_filter_of(refine.get("where")),
            words=WordConditions(
                phrases=texts_of("phrases", refine.get("phrases", ())),
                without=texts_of("without", refine.get("without", ())),
            ),
            rerank=_rerank(refine),
            unit=HitUnit(unit),
            max_per_doc=refine.get("max_per_doc"),
            diversify=diversify,
            explain=refine.get("explain", False),
            recall=recall_of(refine.get("recall")),
        )


def _filter_of(given: GivenFilter) -> Filter | None:
    if given is None:  # and then nothing is paid for reading filters
        return None
    from retrieval.query.filter_parsing import filter_of

    return filter_of(given)


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


def _rerank(refine: Refinements) -> RerankOptions | None:
    asked, candidates = refine.get("rerank"), refine.get("candidates")
    if asked is None and candidates is None:
        return None
    from retrieval.rerank.options import RerankOptions

    return RerankOptions.named(asked, candidates=candidates)
