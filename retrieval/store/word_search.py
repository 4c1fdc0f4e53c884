"""Searching the words of a generation: one vocabulary of counts over all its segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError, WordsMissingError
from retrieval.explanation import TermShare
from retrieval.index.grouping import DocumentNeighbours
from retrieval.lexical.analyzer import RULES, Analyzer
from retrieval.lexical.best import best_rows
from retrieval.lexical.bm25 import Bm25Options, QueryTerm, idf, norms, score_rows
from retrieval.lexical.postings import Postings
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap


class WordSearch:
    """The words of a generation's segments; safe for any number of threads.

    Passages that count are those of documents neither deleted nor empty; idf and the average
    length are over these, so that a score does not depend on what was deleted or on segments.

    Args:
        name: The index, for messages.
        segments: Every segment of the generation.

    Raises:
        WordsMissingError: A segment has no words, or words of other rules than the others.
        DamagedIndexError: A words part cannot be read.
    """

    def __init__(self, name: str, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        found = [one.words for one in segments if one.words is not None]
        missing = len(segments) - len(found)
        if missing:
            every = "no words" if missing == len(segments) else f"no words for {missing} segments"
            raise WordsMissingError(
                f"{name} has {every}, so it can be searched by meaning only.",
                fix="Run `retrieve index` on its input again: it makes them and encodes nothing.",
            )
        settings = {one.settings for one in found}
        if len(settings) > 1 or any(one.rules != RULES for one in settings):
            raise WordsMissingError(
                f"The words of {name} were made by other rules than this version's.",
                fix="Run `retrieve index` on its input again: it makes them and encodes nothing.",
            )
        self._postings: list[Postings] = [one.postings for one in found]
        self._settings = found[0].settings if found else None
        self._norms: dict[Bm25Options, list[NDArray[np.float64]]] = {}

    @cached_property
    def analyzer(self) -> Analyzer:
        """What makes the terms of a query."""
        from retrieval.lexical.analyzer import AnalyzerSettings

        return Analyzer(self._settings or AnalyzerSettings())

    @cached_property
    def _hidden(self) -> list[NDArray[np.int64] | None]:
        """Rows of each segment that may not be found; None for none."""
        return [
            None if one.searchable is None else np.flatnonzero(~one.searchable)
            for one in self._segments
        ]

    @cached_property
    def passages(self) -> int:
        """Passages that count."""
        hidden = sum(len(rows) for rows in self._hidden if rows is not None)
        return sum(one.segment.passages for one in self._segments) - hidden

    @cached_property
    def average_length(self) -> float:
        """Terms of a passage that counts, on average; 0 if there is none."""
        total = sum(
            int(postings.lengths.sum(dtype=np.int64))
            - (0 if hidden is None else int(postings.lengths[hidden].sum(dtype=np.int64)))
            for postings, hidden in zip(self._postings, self._hidden, strict=True)
        )
        return total / self.passages if self.passages else 0.0

    def terms_of(self, query: str) -> Counter[str]:
        """Return the terms of a query, each with how often it is in it."""
        return Counter(self.analyzer.terms(query))

    def holding(self, terms: Sequence[str]) -> list[Bitmap]:
        """Return the documents that hold every one of some terms, in whatever passages.

        Returns:
            For each segment bool (documents,).

        Raises:
            DamagedIndexError: Postings are not what was written.
        """
        found = []
        for one, postings in zip(self._segments, self._postings, strict=True):
            every = np.ones(one.segment.documents, dtype=np.bool_)
            for term in dict.fromkeys(terms):
                every &= self._documents_with(one, postings, term.encode())
            found.append(every)
        return found

    def _documents_with(self, one: OpenSegment, postings: Postings, term: bytes) -> Bitmap:
        held = np.zeros(one.segment.documents, dtype=np.bool_)
        number = postings.find(term)
        if number is None:
            return held
        try:
            rows, _ = postings.of_term(number)
            held[np.searchsorted(one.passage_starts, rows, side="right") - 1] = True
        except (IndexError, ValueError) as error:
            raise self._damage(one, error) from error
        return held

    def score(self, query: str, options: Bm25Options) -> list[NDArray[np.float64]]:
        """Score every passage for a query.

        Returns:
            For each segment float64 (passages,); 0 where no term occurs and in rows that
            do not count.

        Raises:
            DamagedIndexError: Postings are not what was written.
        """
        terms = self._query_terms(query)
        found = []
        for one, postings, norm, own, hidden in zip(
            self._segments, self._postings, self._norms_of(options), terms, self._hidden,
            strict=True,
        ):  # fmt: skip
            try:
                scores = score_rows(postings, own, norm)
            except (IndexError, ValueError) as error:
                raise self._damage(one, error) from error
            if hidden is not None:
                scores[hidden] = 0.0
            found.append(scores)
        return found

    def search(
        self,
        query: str,
        k: int,
        options: Bm25Options,
        *,
        allowed: Sequence[Bitmap | None] | None = None,
    ) -> list[DocumentNeighbours]:
        """Find the k best documents of each segment, each by its best passage.

        Args:
            query: Text; its function words and signs mean nothing.
            k: At least 1.
            options: The parameters of BM25.
            allowed: For each segment bool (passages,), the rows that may be found, of those that
                count; None for all. What a term is worth does not depend on them: a filter takes
                documents away and changes no score, so that a hit's score means the same with it
                as without.

        Returns:
            One record a segment, of documents that hold a term of the query.
        """
        scores = self.score(query, options)
        for own, rows in zip(scores, allowed or (), strict=allowed is not None):
            if rows is not None:
                np.multiply(own, rows, out=own)
        return [
            _best_documents(own, k, one.passage_starts)
            for one, own in zip(self._segments, scores, strict=True)
        ]

    def shares(
        self, query: str, options: Bm25Options, segment: int, row: int
    ) -> tuple[TermShare, ...]:
        """Tell what each term of a query adds to the score of one passage that counts.

        Args:
            query: Text, as it was searched for.
            options: The parameters of BM25.
            segment: Number of the passage's segment.
            row: Its row there.

        Returns:
            Every term of the query, by weight descending, then by term; the weights add up to
            the passage's score.

        Raises:
            DamagedIndexError: Postings are not what was written.
        """
        norm = float(self._norms_of(options)[segment][row])
        postings = self._postings[segment]
        found = []
        for term, in_query in self.terms_of(query).items():
            name = term.encode()
            numbers = [one.find(name) for one in self._postings]
            holding = sum(
                self._holding(at, number) for at, number in enumerate(numbers) if number is not None
            )
            rarity = idf(self.passages, holding)
            in_passage, own = 0, numbers[segment]
            if own is not None:
                rows, times = postings.of_term(own)
                at = int(np.searchsorted(rows, row))
                in_passage = int(times[at]) if at < len(rows) and rows[at] == row else 0
            share = in_query * rarity * (in_passage / (in_passage + norm)) if in_passage else 0.0
            found.append(
                TermShare(
                    term=term, in_query=in_query, in_passage=in_passage, idf=rarity, weight=share
                )
            )
        return tuple(sorted(found, key=lambda one: (-one.weight, one.term)))

    def _query_terms(self, query: str) -> list[list[QueryTerm]]:
        """Return for each segment the query's terms, in an order of their own."""
        found: list[list[QueryTerm]] = [[] for _ in self._segments]
        for term, times in sorted(self.terms_of(query).items()):
            name = term.encode()
            numbers = [postings.find(name) for postings in self._postings]
            holding = sum(
                self._holding(at, number) for at, number in enumerate(numbers) if number is not None
            )
            weight = times * idf(self.passages, holding)
            for own, number in zip(found, numbers, strict=True):
                own.append(QueryTerm(number, weight))
        return found

    def _holding(self, segment: int, number: int) -> int:
        """Return how many passages that count hold a term."""
        rows, _ = self._postings[segment].of_term(number)
        searchable = self._segments[segment].searchable
        try:
            return len(rows) if searchable is None else int(searchable[rows].sum())
        except IndexError as error:
            raise self._damage(self._segments[segment], error) from error

    def _norms_of(self, options: Bm25Options) -> list[NDArray[np.float64]]:
        known = self._norms.get(options)
        if known is None:
            known = [norms(one.lengths, self.average_length, options) for one in self._postings]
            self._norms = {options: known}  # of the options last used
        return known

    def _damage(self, segment: OpenSegment, error: Exception) -> DamagedIndexError:
        return DamagedIndexError(
            f"The words of a segment in {segment.folder} are damaged: {error}.",
            fix="`retrieve verify` names the file.",
        )


def _best_documents(
    scores: NDArray[np.float64], k: int, document_starts: NDArray[np.int64]
) -> DocumentNeighbours:
    """Return the k best documents of a segment, by score descending, then ordinal ascending."""
    documents = len(document_starts) - 1
    if documents == len(scores):
        rows = best_rows(scores, k)
        return DocumentNeighbours(rows, rows, scores[rows])
    wanted = max(1, min(len(scores), 2 * k * -(-len(scores) // documents)))
    while True:
        rows = best_rows(scores, wanted)
        owners = np.searchsorted(document_starts, rows, side="right") - 1
        _, first = np.unique(owners, return_index=True)
        if len(first) >= k or len(rows) < wanted or wanted >= len(scores):
            first = np.sort(first)[:k]
            return DocumentNeighbours(owners[first], rows[first], scores[rows[first]])
        wanted = min(len(scores), 4 * wanted)
