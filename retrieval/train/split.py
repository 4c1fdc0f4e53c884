"""Which rows are trained on and which are validated on."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError


def split_rows(
    groups: Sequence[Hashable], strata: Sequence[Hashable], *, fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw a share of the groups of each stratum for validation.

    Rows of a group, such as those of equal texts, stay together: else validation would
    measure what was learned by heart.

    Args:
        groups: Of each row.
        strata: Of each row, such as its label; that of a group is its first row's.
        fraction: Share of groups to validate on, in [0, 1); each stratum of at least two
            groups gives at least one, unless it is 0.
        seed: Of the draw.

    Returns:
        Rows to train on and rows to validate on, each int64 in ascending order.

    Raises:
        UsageError: The fraction lies outside its range.
    """
    if not 0.0 <= fraction < 1.0:
        raise UsageError(
            f"The fraction of rows for validation is {fraction:g}; a share in [0, 1) is expected."
        )
    stratum_of: dict[Hashable, Hashable] = {}
    for group, stratum in zip(groups, strata, strict=True):
        stratum_of.setdefault(group, stratum)
    members: dict[Hashable, list[Hashable]] = {}
    for group, stratum in stratum_of.items():
        members.setdefault(stratum, []).append(group)
    generator = np.random.default_rng(seed)
    drawn: set[Hashable] = set()
    for inside in members.values():
        count = min(max(round(fraction * len(inside)), 1 if fraction else 0), len(inside) - 1)
        order = generator.permutation(len(inside))[:count]
        drawn.update(inside[at] for at in order.tolist())
    held_out = np.array([group in drawn for group in groups], dtype=bool)
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)
