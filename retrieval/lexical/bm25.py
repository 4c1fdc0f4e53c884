"""BM25: what it is worth that a passage holds a word of the query.

``score(q, d) = sum over terms t of q: qtf(t) * idf(t) * tf / (tf + k1 * (1 - b + b * dl / avgdl))``
with ``idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))``, after Robertson and Zaragoza (2009),
section 3.2, without their constant factor k1 + 1 and with an idf that is never negative, both
as in Lucene 8 and later. tf: how often t is in the passage; qtf: how often in the query; dl:
terms of the passage; avgdl: their mean over passages; N: passages; df: passages that hold t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.lexical.postings import Postings


@dataclass(frozen=True, slots=True, kw_only=True)
class Bm25Options:
    """The two parameters of BM25.

    Attributes:
        k1: How slowly further occurrences of a term stop counting, at least 0.
        b: How far a passage's length counts, 0 to 1.
    """

    k1: float = 1.2
    b: float = 0.75

    def __post_init__(self) -> None:
        if not (math.isfinite(self.k1) and self.k1 >= 0):
            raise UsageError(f"BM25's k1 is {self.k1}; it is a number of at least 0.")
        if not 0 <= self.b <= 1:
            raise UsageError(f"BM25's b is {self.b}; it is a number from 0 to 1.")


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term of a query, as it stands in one segment.

    Attributes:
        number: Its number in the segment; None where no passage has it.
        weight: ``qtf(t) * idf(t)``.
    """

    number: int | None
    weight: float


def idf(passages: int, holding: int) -> float:
    """Return the weight of a term that ``holding`` of ``passages`` passages hold."""
    return math.log1p((passages - holding + 0.5) / (holding + 0.5))


def norms(lengths: NDArray[np.int32], average: float, options: Bm25Options) -> NDArray[np.float64]:
    """Return ``k1 * (1 - b + b * dl / avgdl)`` of each passage: float64 (passages,)."""
    scale = options.b / average if average > 0 else 0.0
    wide = lengths.astype(np.float64)
    return options.k1 * ((1.0 - options.b) + scale * wide)


def score_rows(
    postings: Postings, terms: Sequence[QueryTerm], norm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Score every passage of a segment.

    The terms' shares are added in the order given, so that a passage has the same bits in
    whichever segment it lies.

    Args:
        postings: The segment's words.
        terms: The query's terms.
        norm: float64 (passages,), see ``norms``.

    Returns:
        float64 (passages,), 0 where no term occurs.
    """
    scores = np.zeros(len(norm))
    for term in terms:
        if term.number is None:
            continue
        rows, times = postings.of_term(term.number)
        share = norm[rows]
        share += times
        np.divide(times, share, out=share)
        share *= term.weight
        scores[rows] += share  # a term has a row once, so nothing is lost
    return scores
