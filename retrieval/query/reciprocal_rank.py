"""Fusion by reciprocal ranks, for scores that cannot be compared.

``fused(d) = sum over rankings of 1 / (60 + rank of d)``, nothing for a ranking that does not
have d, after Cormack et al. (2009), who found that the 60 matters little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RANK_CONSTANT = 60
RANKED = 1000
"""Documents of each ranking that take part; fixed, so that more hits change none."""


def reciprocal_ranks(places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what a ranking adds to each document.

    Args:
        places: int64 (n,), rank of each document from 1; 0 for one that is not ranked.

    Returns:
        float64 (n,).
    """
    shares = 1.0 / (RANK_CONSTANT + places)
    shares[places == 0] = 0.0
    return shares
