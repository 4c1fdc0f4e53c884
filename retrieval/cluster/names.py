"""Names of clusters: the words that tell a cluster from the others.

Class-based TF-IDF, as Grootendorst (2022) defines it for topics: the weight of word t in
cluster c is ``f(t, c) * log(1 + A / f(t))``; f(t, c): how often t occurs in the documents of
c; f(t): how often in all; A: words a cluster, on average. Function words are left out by a
list (``stop_words``), numbers by themselves too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from retrieval.cluster.stop_words import STOP_WORDS

NAME_WORDS = 3
"""Words that a cluster's name is made of."""
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_LONGEST = 40
"""Characters a word has at most; longer runs are addresses and the like."""


def words_of(text: str) -> list[str]:
    """Return the words of a text that can name something, case-folded, in order.

    Scripts that put no space between words give runs of words.
    """
    found = (match[0].casefold().replace("’", "'") for match in _WORD.finditer(text))
    return [
        word.removesuffix("'s")
        for word in found
        if 1 < len(word) <= _LONGEST
        and word not in STOP_WORDS
        and word.removesuffix("'s") not in STOP_WORDS
        and any(sign.isalpha() for sign in word)
    ]


def distinctive_words(
    documents: Iterable[tuple[int, str]], clusters: int, count: int
) -> list[tuple[str, ...]]:
    """Return the words of the largest weight of each cluster.

    Args:
        documents: The cluster of each document, from 0, and its text; may be a stream.
        clusters: How many clusters there are.
        count: Words wanted of each, at least 0.

    Returns:
        For each cluster at most ``count`` words, of equal weight in alphabetical order; none
        where no document has a word.
    """
    counted: list[Counter[str]] = [Counter() for _ in range(clusters)]
    for cluster, text in documents:
        counted[cluster].update(words_of(text))
    every: Counter[str] = Counter()
    for one in counted:
        every.update(one)
    average = every.total() / max(clusters, 1)
    found = []
    for one in counted:
        weights = {word: n * math.log1p(average / every[word]) for word, n in one.items()}
        best = sorted(weights, key=lambda word: (-weights[word], word))
        found.append(tuple(best[:count]))
    return found


def name_of(words: Sequence[str], number: int) -> str:
    """Return the name of a cluster: its first words, or its number where it has none."""
    return ", ".join(words[:NAME_WORDS]) if words else f"cluster {number}"
