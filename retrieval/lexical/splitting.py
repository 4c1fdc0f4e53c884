r"""Text into raw words: normalised, case folded, cut at Unicode word boundaries.

A raw word is a run of letters, digits, marks and underscores, and of the hyphens, full
stops, apostrophes and commas that join such runs: ``don't``, ``bert-4``, ``3.14``,
``1,000``. This follows the word boundaries of Davis (2023), section 4, but that a hyphen
joins too, so that ``cve-2026-1234`` is seen whole, and that a comma joins digits only.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from retrieval.lexical.characters import unspaced_class, word_class

_ASCII = re.compile(r"[a-z0-9_]+(?:(?:[-.']|(?<=[0-9]),(?=[0-9]))[a-z0-9_]+)*")
_INVISIBLE = ("\u00ad", "\u200c", "\u200d", "\u2060", "\ufeff")
"""Characters within words that nobody sees: soft hyphens, joiners, byte order marks."""
_SPELLINGS = {"\u2010": "-", "\u2019": "'", "\u02bc": "'"}
"""Other hyphens and apostrophes, as they are compared."""


def normalised(text: str) -> str:
    """Return a text as words are compared: NFKC, case folded, without invisible characters."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text)
    for sign in _INVISIBLE:
        text = text.replace(sign, "")
    for sign, plain in _SPELLINGS.items():
        text = text.replace(sign, plain)
    return text


def raw_words(text: str) -> list[str]:
    """Return the raw words of a text in order, normalised."""
    text = normalised(text)
    found: list[str] = (_ASCII if text.isascii() else _unicode_pattern()).findall(text)
    return found


@cache
def _unicode_pattern() -> re.Pattern[str]:
    letters = f"[{word_class()}]+"
    return re.compile(rf"{letters}(?:(?:[-.']|(?<=\d),(?=\d)){letters})*")


@cache
def _unspaced_pattern() -> re.Pattern[str]:
    return re.compile(f"[{unspaced_class()}]+")


def unspaced_runs(word: str) -> list[tuple[str, bool]]:
    """Cut a word where scripts that put no space between words begin or end.

    Returns:
        Its pieces in order, each with whether it is of such a script.
    """
    if word.isascii():
        return [(word, False)]
    pieces, start = [], 0
    for run in _unspaced_pattern().finditer(word):
        if run.start() > start:
            pieces.append((word[start : run.start()], False))
        pieces.append((run[0], True))
        start = run.end()
    if start < len(word):
        pieces.append((word[start:], False))
    return pieces
