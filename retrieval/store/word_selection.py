"""The documents of a generation whose words meet conditions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.errors import UsageError
from retrieval.lexical.conditions import WordConditions, stands_in
from retrieval.store.reader import Snapshot
from retrieval.store.segment import OpenSegment
from retrieval.store.selection import Selection
from retrieval.store.word_search import WordSearch
from retrieval.vectors import Bitmap


def select_by_words(
    snapshot: Snapshot, conditions: WordConditions, within: Selection | None = None
) -> Selection:
    """Return the live documents whose words meet conditions.

    A document holds a word in its title or in any of its passages. A phrase stands in its title
    or in its text, endings aside; function words in it have to stand there too, and alone they
    are no phrase. No positions are stored: the postings tell which documents hold the terms of a
    phrase, and these are read and analysed.

    Args:
        snapshot: The generation.
        conditions: What is asked for.
        within: Documents to choose among; None for every live one.

    Raises:
        UsageError: A condition has no word that documents are found by.
        WordsMissingError: The generation has no words.
        DamagedIndexError: Words are not what was written.
    """
    segments, search = snapshot.segments, snapshot.words
    found = [
        ~one.deleted if within is None else within.documents[at] for at, one in enumerate(segments)
    ]
    for text in conditions.words:
        found = _both(found, search.holding(_terms(search, text)))
    for text in conditions.without:
        held = search.holding(_terms(search, text))
        found = [own & ~also for own, also in zip(found, held, strict=True)]
    for text in conditions.phrases:
        found = _with_phrase(segments, search, text, found)
    for text in conditions.without_phrases:
        held = _with_phrase(segments, search, text, found)
        found = [own & ~also for own, also in zip(found, held, strict=True)]
    return Selection(tuple(found))


def _both(one: Sequence[Bitmap], other: Sequence[Bitmap]) -> list[Bitmap]:
    return [own & also for own, also in zip(one, other, strict=True)]


def _terms(search: WordSearch, text: str) -> list[str]:
    """Return the terms of a condition, or refuse one that has none."""
    terms = search.analyzer.terms(text)
    if not terms:
        raise UsageError(
            f"{text!r} holds no word that documents are found by: function words and signs are"
            " in too many to tell any apart.",
            fix="Leave it out, or name a word that means something.",
        )
    return terms


def _with_phrase(
    segments: Sequence[OpenSegment], search: WordSearch, text: str, among: Sequence[Bitmap]
) -> list[Bitmap]:
    """Return those of some documents in which a phrase stands."""
    _terms(search, text)  # a phrase of function words alone would have every document read
    analyzer = search.analyzer
    phrase = analyzer.ordered_terms(text)
    looked_up = [term for term in phrase if not analyzer.is_function_word(term)]
    candidates = _both(among, search.holding(looked_up))
    if len(phrase) == 1:
        return candidates
    for one, own in zip(segments, candidates, strict=True):
        for ordinal in np.flatnonzero(own).tolist():
            document = one.document(ordinal)
            own[ordinal] = any(
                stands_in(phrase, analyzer.ordered_terms(part))
                for part in (document.title, document.text)
            )
    return candidates
