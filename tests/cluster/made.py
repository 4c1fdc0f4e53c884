"""Made rows: groups of directions that are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors import FloatRows, unit_rows


def made_rows(
    seed: int, groups: int, each: int, *, dim: int = 16, spread: float = 0.1
) -> tuple[FloatRows, NDArray[np.int64]]:
    """Return rows around as many directions as there are groups, mixed, and their groups."""
    chance = np.random.default_rng(seed)
    centres = unit_rows(chance.normal(size=(groups, dim)))
    own = chance.permutation(np.repeat(np.arange(groups), each))
    noise = chance.normal(size=(len(own), dim)) * spread
    return unit_rows(centres[own] + noise), own
