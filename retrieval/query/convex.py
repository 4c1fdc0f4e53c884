"""Fusion by a convex combination of scores on their theoretical scales.

``fused(d) = w * (dense(d) + 1) / (max dense + 1) + (1 - w) * lexical(d) / max lexical``: each
score is brought between its theoretical minimum (-1 for a cosine, 0 for BM25) and the greatest
that the query has, after Bruch et al. (2023), sections 3 and 4, who call it theoretical
minimum-maximum (TM2C2). w is the share of meaning, 0 to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST_COSINE = -1.0
"""The least that a dense score can be."""


def convex(
    dense: NDArray[np.float64],
    lexical: NDArray[np.float64],
    *,
    greatest_dense: float,
    greatest_lexical: float,
    weight: float,
) -> NDArray[np.float64]:
    """Return the fused scores of documents.

    Every step is monotone in both scores, rounding included, so that a bound on the two
    gives a bound on the fused one.

    Args:
        dense: float64 (n,), cosine similarities.
        lexical: float64 (n,), BM25 scores; 0 for a document without a word of the query.
        greatest_dense: The greatest cosine of any document of the index.
        greatest_lexical: The greatest BM25 score; 0 where no document has a word.
        weight: The share of meaning, 0 to 1.

    Returns:
        float64 (n,), from 0 to 1.
    """
    width = greatest_dense - LEAST_COSINE
    meaning = (dense - LEAST_COSINE) / width if width > 0 else np.zeros(len(dense))
    words = lexical / greatest_lexical if greatest_lexical > 0 else np.zeros(len(lexical))
    fused: NDArray[np.float64] = weight * meaning + (1.0 - weight) * words
    return fused
