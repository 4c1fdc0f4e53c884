"""BM25 the obvious way: dictionaries and loops, to compare with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from retrieval.lexical.analyzer import Analyzer
from retrieval.lexical.bm25 import Bm25Options


def reference_scores(
    analyzer: Analyzer, texts: Sequence[str], query: str, options: Bm25Options
) -> list[float]:
    """Score each text for a query; the formula is that of ``bm25``."""
    documents = [Counter(analyzer.terms(text)) for text in texts]
    lengths = [counts.total() for counts in documents]
    average = sum(lengths) / len(lengths) if lengths else 0.0
    holding = Counter(term for counts in documents for term in counts)
    scores = []
    for counts, length in zip(documents, lengths, strict=True):
        score = 0.0
        for term, times in Counter(analyzer.terms(query)).items():
            tf, df = counts[term], holding[term]
            if tf:
                weight = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
                norm = options.k1 * (1 - options.b + options.b * length / average)
                score += times * weight * tf / (tf + norm)
        scores.append(score)
    return scores
