"""Documents into passages that fit the encoder's window; no token is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.sentences import sentence_spans
from retrieval.encode.protocol import TokenMeasure
from retrieval.errors import UsageError
from retrieval.records import Document, PassageMode, PassageOptions, Span

_JOIN_MARGIN = 1
"""Tokens that joining a title and a text may add in some tokenizers."""


@dataclass(frozen=True, slots=True)
class CutDocument:
    """A document's passages.

    Attributes:
        spans: Characters of the document's text that each passage covers; at least one.
        texts: What is given to the encoder for each: title, a space, the passage.
        unseen_tokens: Tokens of title and text that are in no passage's window.
        empty: Whether there is nothing to encode; the one span is then empty.
    """

    spans: tuple[Span, ...]
    texts: tuple[str, ...]
    unseen_tokens: int
    empty: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, or a share of a long one: characters and number of tokens."""

    start: int
    end: int
    tokens: int


class PassageCutter:
    """Cuts documents by the tokens of one encoder.

    A document that fits the window with its title is one passage. A longer one is cut into
    whole sentences, as many as fit; the next passage repeats the last whole sentences up to
    ``overlap`` tokens. A sentence that alone does not fit is cut between tokens, between
    words where it can be. The title goes before every passage; one longer than half
    the window is cut to half.

    Args:
        measure: Counts tokens; its window bounds a passage.
        options: Mode, tokens and overlap.

    Raises:
        UsageError: The options ask for more than the window, or leave no room for text.
    """

    def __init__(self, measure: TokenMeasure, options: PassageOptions) -> None:
        limit = measure.identity.max_tokens
        wanted = limit if options.tokens is None else options.tokens
        if wanted > limit:
            raise UsageError(
                f"Passages of {wanted} tokens do not fit {measure.identity.name},"
                f" whose window is {limit}.",
                fix=f"Give --passage-tokens at most {limit}.",
            )
        self._measure = measure
        self._options = options
        self._window = wanted - measure.reserved_tokens
        if self._window < 8:
            raise UsageError(
                f"Passages of {wanted} tokens leave {self._window} for text; the model itself"
                f" takes {measure.reserved_tokens}.",
                fix="Give --passage-tokens a greater number.",
            )

    def cut_many(self, documents: Sequence[Document]) -> list[CutDocument]:
        """Cut documents, counting the tokens of all of them at once.

        Returns:
            One record a document, in order.
        """
        titles = self._measure.token_offsets([one.title for one in documents])
        texts = self._measure.token_offsets([one.text for one in documents])
        return [
            self._cut(one, title, text)
            for one, title, text in zip(documents, titles, texts, strict=True)
        ]

    def _cut(
        self, document: Document, title: NDArray[np.int32], text: NDArray[np.int32]
    ) -> CutDocument:
        if document.is_empty:
            return CutDocument((Span(0, 0),), ("",), 0, empty=True)
        whole = (Span(0, len(document.text)),)
        tokens = len(title) + len(text)
        if self._options.mode is PassageMode.WHOLE:
            unseen = max(0, tokens - self._window)
            return CutDocument(whole, (joined_text(document.title, document.text),), unseen, False)
        if tokens + (_JOIN_MARGIN if len(title) and len(text) else 0) <= self._window:
            return CutDocument(whole, (joined_text(document.title, document.text),), 0, False)
        title_text, title_tokens = self._short_title(document.title, title)
        budget = self._window - title_tokens - (_JOIN_MARGIN if title_tokens else 0)
        unseen = len(title) - title_tokens
        if not len(text):
            return CutDocument(whole, (title_text,), unseen, False)
        pieces = list(_pieces(document.text, text, budget))
        spans = tuple(
            fitted
            for span in _packed(pieces, budget, self._options.overlap)
            for fitted in self._fitted(document.text, span, budget)
        )
        joined = tuple(joined_text(title_text, document.text[one.start : one.end]) for one in spans)
        return CutDocument(spans, joined, unseen, False)

    def _short_title(self, title: str, tokens: NDArray[np.int32]) -> tuple[str, int]:
        half = self._window // 2
        if len(tokens) <= half:
            return title, len(tokens)
        return title[: int(tokens[half - 1][1])], half

    def _fitted(self, text: str, span: Span, budget: int) -> Iterator[Span]:
        """Yield a passage, in halves if cutting a word made more tokens of it than it was."""
        (tokens,) = self._measure.token_offsets([text[span.start : span.end]])
        if len(tokens) <= budget or len(tokens) < 2:
            yield span
            return
        middle = span.start + int(tokens[len(tokens) // 2][0])
        if not span.start < middle < span.end:
            yield span
            return
        yield from self._fitted(text, Span(span.start, middle), budget)
        yield from self._fitted(text, Span(middle, span.end), budget)


def joined_text(title: str, text: str) -> str:
    """Return what the encoder reads: title, a space, text; one of them if the other is blank."""
    if not title.strip():
        return text
    return f"{title} {text}" if text.strip() else title


def _pieces(text: str, tokens: NDArray[np.int32], budget: int) -> Iterator[_Piece]:
    """Yield the sentences of a text that have tokens, long ones in shares of the budget."""
    starts, ends = tokens[:, 0], tokens[:, 1]
    for sentence in sentence_spans(text):
        first, last = np.searchsorted(starts, [sentence.start, sentence.end], side="left").tolist()
        while last - first > budget:
            cut = _cut_point(starts, ends, first, budget)
            yield _Piece(int(starts[first]), int(ends[cut - 1]), cut - first)
            first = cut
        if last > first:
            yield _Piece(int(starts[first]), int(ends[last - 1]), last - first)


def _cut_point(starts: NDArray[np.int32], ends: NDArray[np.int32], first: int, budget: int) -> int:
    """Return where to cut a long sentence: after a word in the second half of the share."""
    limit = first + budget
    lowest = first + max(1, budget // 2)
    gaps = np.flatnonzero(starts[lowest : limit + 1] > ends[lowest - 1 : limit])
    return lowest + int(gaps[-1]) if len(gaps) else limit


def _packed(pieces: Sequence[_Piece], budget: int, overlap: int) -> Iterator[Span]:
    """Yield passages: neighbouring pieces up to the budget, the last ones repeated."""
    first = 0
    while first < len(pieces):
        end, used = first, 0
        while end < len(pieces) and used + pieces[end].tokens <= budget:
            used += pieces[end].tokens
            end += 1
        yield Span(pieces[first].start, pieces[end - 1].end)
        if end == len(pieces):
            return
        room = min(overlap, budget - pieces[end].tokens)
        again, repeated = end, 0
        while again - 1 > first and repeated + pieces[again - 1].tokens <= room:
            again -= 1
            repeated += pieces[again].tokens
        first = again
