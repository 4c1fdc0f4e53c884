"""Which language texts are in, told by their function words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from retrieval.lexical.splitting import raw_words
from retrieval.lexical.stop_words import LANGUAGES, stop_words

LEAST_SHARE = 0.15
"""Share of words that have to be function words of a language for a text to be in it."""
LEAST_WORDS = 8
"""Function words that have to be met before anything is said."""
ENOUGH_WORDS = 50_000
"""Words after which no more are read."""


def detect_language(texts: Iterable[str]) -> str:
    """Return the language that texts are in for the most part.

    A language's share is that of the words which are in its list of function words; related
    languages have some of them in common, so the largest share counts.

    Args:
        texts: Texts of any number; may be a stream, of which a part may be enough.

    Returns:
        An ISO 639-1 code; empty where no listed language reaches ``LEAST_SHARE``.
    """
    counted: Counter[str] = Counter()
    total = 0
    for text in texts:
        words = raw_words(text)
        counted.update(words)
        total += len(words)
        if total >= ENOUGH_WORDS:
            break
    shares = {
        language: sum(counted[word] for word in stop_words(language)) for language in LANGUAGES
    }
    best = min(shares, key=lambda language: (-shares[language], language))
    met = shares[best]
    return best if met >= LEAST_WORDS and met >= LEAST_SHARE * total else ""
