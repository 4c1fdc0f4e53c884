"""Which rows go into each step of an epoch."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

_STEPS_SORTED = 50
"""Steps whose rows are sorted by length together: enough to waste little padding, few enough
that which rows meet stays a matter of chance."""


def bucketed(
    lengths: NDArray[np.int64], batch_size: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Return every row once, in random order, rows of like length together.

    Args:
        lengths: int64 (rows,), in any unit.
        batch_size: Rows a step; the rest of the division is a step, too.
        generator: Of the order.

    Returns:
        Steps in random order, each int64 (rows of the step,).
    """
    order = generator.permutation(len(lengths))
    chunk = batch_size * _STEPS_SORTED
    steps: list[NDArray[np.int64]] = []
    for start in range(0, len(order), chunk):
        part = order[start : start + chunk]
        part = part[np.argsort(lengths[part], kind="stable")]
        steps.extend(part[at : at + batch_size] for at in range(0, len(part), batch_size))
    return [steps[at] for at in generator.permutation(len(steps)).tolist()]


def without_equals(
    keys: Sequence[tuple[Hashable, ...]],
    against: Sequence[Collection[Hashable]],
    batch_size: int,
    generator: np.random.Generator,
) -> list[NDArray[np.int64]]:
    """Return every row once, in random order, rows of a step without equal keys.

    For losses that take the other rows of a step for wrong answers: a row with the same
    anchor, or with another right answer to it, would be none. A row that fits into none of the
    steps being filled begins one of its own, so steps of often repeated keys are small.

    Args:
        keys: Of each row, such as its two texts.
        against: Of each row, keys that no other row of its step may have, its own among them;
            if a row's are against another's, so are the other's against its.
        batch_size: Most rows a step.
        generator: Of the order.

    Returns:
        Steps in random order, each int64 (rows of the step,), none of a single row: such a
        step would teach nothing.
    """
    open_steps: list[tuple[list[int], set[Hashable]]] = []
    full: list[list[int]] = []
    for row in generator.permutation(len(keys)).tolist():
        for at, (rows, taken) in enumerate(open_steps):
            if taken.isdisjoint(against[row]):
                rows.append(row)
                taken.update(keys[row])
                if len(rows) == batch_size:
                    full.append(rows)
                    del open_steps[at]
                break
        else:
            open_steps.append(([row], set(keys[row])))
    steps = [*full, *(rows for rows, _ in open_steps if len(rows) > 1)]
    return [np.array(steps[at], dtype=np.int64) for at in generator.permutation(len(steps))]
