"""Passages packed for the prompt of a language model: cited, without repetition, within a budget.

1. Passages are taken best first. One that overlaps or continues a stretch of the same document
   that is already there is joined to it; one that is nearly the same as a passage of another
   document that is there (cosine similarity of at least 0.95) is left out and named. One that
   does not fit is passed over; the best of all is cut on a sentence boundary instead.
2. What is left of the budget goes to neighbours: for each stretch, best first, the passage after
   it and the passage before it.

The budget holds for the text as it is handed over, citations included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.sentences import sentence_spans
from retrieval.errors import UsageError
from retrieval.query.context import Citation, Context, LeftOut, rendered
from retrieval.records import Document, Hit, Span

if TYPE_CHECKING:
    from retrieval.store.reader import Snapshot

NEARLY_THE_SAME = 0.95
"""Cosine similarity from which passages of two documents say the same."""
CUT = " [...]"
"""Stands where a passage was cut."""

CountTokens: TypeAlias = Callable[[str], int]
"""Returns how many tokens a text has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A passage that may go into a context.

    Attributes:
        hit: As it was found.
        vector: float32 (dim,), its unit vector.
        document: Its document.
        spans: Where all passages of the document lie in its text, in order.
    """

    hit: Hit
    vector: NDArray[np.float32]
    document: Document
    spans: tuple[Span, ...]

    @property
    def number(self) -> int:
        """Number of the passage within its document."""
        return int(self.hit.passage_id.rpartition("#")[2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stretch:
    """Passages of one document, from the first to the last, found or joined."""

    found: tuple[Candidate, ...]
    first: int
    last: int
    end: int | None = None
    """Where its text is cut off; None where it is not."""

    @property
    def span(self) -> Span:
        spans = self.found[0].spans[self.first : self.last + 1]
        start, end = min(one.start for one in spans), max(one.end for one in spans)
        quoted = self.found[0].document.text[start : end if self.end is None else self.end]
        start += len(quoted) - len(quoted.lstrip())
        return Span(start, start + len(quoted.strip()))

    @property
    def text(self) -> str:
        span = self.span
        return self.found[0].document.text[span.start : span.end]

    def meets(self, one: Candidate) -> bool:
        """Tell whether a passage overlaps the stretch, or stands next to it."""
        if one.document.doc_id != self.found[0].document.doc_id:
            return False
        if self.first - 1 <= one.number <= self.last + 1:
            return True
        own, other = self.span, one.spans[one.number]
        return own.start < other.end and other.start < own.end

    def with_passage(self, one: Candidate) -> _Stretch:
        return replace(
            self,
            found=(*self.found, one),
            first=min(self.first, one.number),
            last=max(self.last, one.number),
        )

    def with_stretch(self, other: _Stretch) -> _Stretch:
        return replace(
            self,
            found=(*self.found, *other.found),
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


def packed(
    query: str, candidates: Sequence[Candidate], *, token_budget: int, count: CountTokens
) -> Context:
    """Pack passages into a context.

    Args:
        query: What was asked.
        candidates: Passages, each once, best first.
        token_budget: Most tokens of the text, at least 1.
        count: Counts the tokens of a text.

    Returns:
        The context; ``tokens`` is at most the budget, as ``count`` counts.

    Raises:
        UsageError: The budget is below 1, or too small for the first sentence of the best
            passage; or ``count`` returned no number.
    """
    if token_budget < 1:
        raise UsageError(f"The token budget is {token_budget}; at least 1 is needed.")
    packing = _Packing(token_budget, count)
    for at, one in enumerate(candidates):
        packing.take(one, best=at == 0)
    packing.join_neighbours()
    text = rendered(packing.citations())
    return Context(
        query=query,
        text=text,
        tokens=packing.tokens(text),
        token_budget=token_budget,
        citations=packing.citations(),
        left_out=tuple(packing.left_out),
    )


def candidates_of(snapshot: Snapshot, hits: Sequence[Hit]) -> list[Candidate]:
    """Read what packing needs to know of passages that were found.

    Args:
        snapshot: The generation they were found in.
        hits: Passages, best first.

    Raises:
        UsageError: A hit is not in this generation.
    """
    found = []
    for hit in hits:
        place = snapshot.find(hit.doc_id)
        if place is None:
            raise UsageError(f"{hit.doc_id!r} is not in generation {snapshot.generation}.")
        segment = snapshot.segments[place.segment]
        number = int(hit.passage_id.rpartition("#")[2])
        found.append(
            Candidate(
                hit=hit,
                vector=segment.vectors[int(segment.passage_starts[place.ordinal]) + number],
                document=segment.document(place.ordinal),
                spans=segment.spans(place.ordinal),
            )
        )
    return found


class _Packing:
    """A context that grows, one passage at a time."""

    def __init__(self, token_budget: int, count: CountTokens) -> None:
        self._budget = token_budget
        self._count = count
        self._stretches: list[_Stretch] = []
        self.left_out: list[LeftOut] = []

    def tokens(self, text: str) -> int:
        found = self._count(text) if text else 0
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise UsageError(
                f"count returned {found!r}; it has to return how many tokens a text has."
            )
        return found

    def citations(self, stretches: Sequence[_Stretch] | None = None) -> tuple[Citation, ...]:
        chosen = self._stretches if stretches is None else stretches
        return tuple(_citation(number, one) for number, one in enumerate(chosen, 1))

    def take(self, one: Candidate, *, best: bool) -> None:
        """Add a passage if it is new and fits."""
        if any(one.hit.passage_id == own.hit.passage_id for own in self._own()):
            return
        like = self._like(one)
        if like is not None:
            self.left_out.append(like)
            return
        meeting = [at for at, stretch in enumerate(self._stretches) if stretch.meets(one)]
        if any(self._stretches[at].end is not None for at in meeting):
            return  # what was cut off for want of room does not come in by another passage
        if not self._grow(self._with(one, meeting)) and best:
            self._stretches = [self._cut(one)]

    def _own(self) -> list[Candidate]:
        return [one for stretch in self._stretches for one in stretch.found]

    def _like(self, one: Candidate) -> LeftOut | None:
        """Return the first passage of another document that says nearly the same."""
        for own in self._own():
            if own.document.doc_id != one.document.doc_id:
                wide = own.vector.astype(np.float64)
                cosine = float((wide * one.vector).sum())
                if cosine >= NEARLY_THE_SAME:
                    return LeftOut(
                        passage_id=one.hit.passage_id, like=own.hit.passage_id, cosine=cosine
                    )
        return None

    def _with(self, one: Candidate, meeting: Sequence[int]) -> list[_Stretch]:
        """Return the stretches with one more passage, joined to those that it meets."""
        if not meeting:
            return [*self._stretches, _Stretch(found=(one,), first=one.number, last=one.number)]
        joined = self._stretches[meeting[0]].with_passage(one)
        for at in meeting[1:]:
            joined = joined.with_stretch(self._stretches[at])
        grown = list(self._stretches)
        grown[meeting[0]] = joined
        return [stretch for at, stretch in enumerate(grown) if at not in meeting[1:]]

    def _grow(self, stretches: list[_Stretch]) -> bool:
        """Take over stretches if they fit; tell whether they do."""
        fits = self.tokens(rendered(self.citations(stretches))) <= self._budget
        if fits:
            self._stretches = stretches
        return fits

    def _cut(self, one: Candidate) -> _Stretch:
        """Return the longest run of whole sentences from a passage's start that fits alone."""
        whole = _Stretch(found=(one,), first=one.number, last=one.number)
        start = one.spans[one.number].start
        text = one.document.text[start : one.spans[one.number].end]
        ends = [start + sentence.end for sentence in sentence_spans(text)]
        for end in reversed(ends[:-1]):
            cut = replace(whole, end=end)
            if self.tokens(rendered(self.citations([cut]))) <= self._budget:
                return cut
        shortest = replace(whole, end=ends[0]) if len(ends) > 1 else whole
        needed = self.tokens(rendered(self.citations([shortest])))
        raise UsageError(
            f"A token budget of {self._budget} is too small: the first sentence of the best"
            f" passage, {one.hit.passage_id}, takes {needed} with its citation.",
            fix=f"Give it at least {needed} tokens.",
        )

    def join_neighbours(self) -> None:
        """Join to each stretch, best first, the passages after and before it that fit."""
        for best in [stretch.found[0] for stretch in self._stretches]:
            for step in (1, -1):
                at = next((n for n, one in enumerate(self._stretches) if best in one.found), None)
                if at is not None:
                    self._join(at, step)

    def _join(self, at: int, step: int) -> None:
        stretch = self._stretches[at]
        first = stretch.first + min(step, 0)
        last = stretch.last + max(step, 0)
        if stretch.end is not None or first < 0 or last >= len(stretch.found[0].spans):
            return
        grown = replace(stretch, first=first, last=last)
        own_id = stretch.found[0].document.doc_id
        others = [
            n
            for n, one in enumerate(self._stretches)
            if n != at
            and one.found[0].document.doc_id == own_id
            and one.first <= last + 1
            and first - 1 <= one.last
        ]
        if any(self._stretches[other].end is not None for other in others):
            return
        for other in others:
            grown = grown.with_stretch(self._stretches[other])
        # where two stretches meet, the better one's place is kept
        place = min([at, *others])
        stretches = [
            grown if n == place else one
            for n, one in enumerate(self._stretches)
            if n == place or n not in (at, *others)
        ]
        self._grow(stretches)


def _citation(number: int, one: _Stretch) -> Citation:
    best = one.found[0]
    found = {each.number for each in one.found}
    joined = [each for each in range(one.first, one.last + 1) if each not in found]
    return Citation(
        number=number,
        doc_id=best.document.doc_id,
        title=best.document.title,
        span=one.span,
        text=one.text + (CUT if one.end is not None else ""),
        score=max(each.hit.score for each in one.found),
        passage_ids=tuple(each.hit.passage_id for each in one.found),
        neighbours=tuple(f"{best.document.doc_id}#{each}" for each in joined),
        cut=one.end is not None,
    )
