"""Texts of few words, so that they share many, and their postings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from retrieval.lexical.analyzer import Analyzer, AnalyzerSettings
from retrieval.lexical.bm25 import QueryTerm, idf
from retrieval.lexical.postings import Postings

ANALYZER = Analyzer(AnalyzerSettings())


def made_texts(count: int, seed: int = 0) -> list[str]:
    """Return texts of 0 to 12 words of a small vocabulary, some words rarer than others."""
    chance = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(40)]
    weights = 1 / np.arange(1, 41)
    return [
        " ".join(chance.choice(words, size=chance.integers(0, 13), p=weights / weights.sum()))
        for _ in range(count)
    ]


def counts_of(postings: Postings) -> list[Counter[str]]:
    """Return the terms of each row with how often they are in it."""
    rows: list[Counter[str]] = [Counter() for _ in postings.lengths]
    for number in range(len(postings.offsets) - 1):
        for row, times in zip(*postings.of_term(number), strict=True):
            rows[row][postings.term(number).decode()] = int(times)
    return rows


def query_terms(postings: Postings, terms: Sequence[str], passages: int) -> list[QueryTerm]:
    found = []
    for term, times in Counter(terms).items():
        number = postings.find(term.encode())
        if number is not None:
            holding = len(postings.of_term(number)[0])
            found.append(QueryTerm(number, times * idf(passages, holding)))
    return found
