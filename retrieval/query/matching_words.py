"""Which words of a sentence a reader will recognise from the query."""

from __future__ import annotations

import re

from retrieval.records import Span, fold

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LONGEST_ENDING = 3
_SHORTEST_STEM = 4
# words so frequent in English that seeing them again says nothing
_FUNCTION = (
    "a an and are as at be but by for from has have i in is it its not of on or that the this to"
    " was were with"
)
_FUNCTION_WORDS = frozenset(_FUNCTION.split())


def matching_words(sentence: str, query: str) -> list[Span]:
    """Find the words of a sentence that are in the query, or only end otherwise.

    This is for the eye alone: scores come from the meaning of the whole passage. Two
    words match when equal in small letters, or when one is the other with up to three
    more letters (``review`` and ``reviews``, ``reviewed``), four letters at least.

    Args:
        sentence: Any text.
        query: The text that was searched for.

    Returns:
        Characters of the sentence, in order; function words only if the query has no other.
    """
    asked = {fold(match[0]) for match in _WORD.finditer(query)}
    asked = asked - _FUNCTION_WORDS or asked
    return [
        Span(*match.span())
        for match in _WORD.finditer(sentence)
        if any(_alike(fold(match[0]), word) for word in asked)
    ]


def _alike(first: str, second: str) -> bool:
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return (
        len(shorter) >= _SHORTEST_STEM
        and len(longer) - len(shorter) <= _LONGEST_ENDING
        and longer.startswith(shorter)
    )
