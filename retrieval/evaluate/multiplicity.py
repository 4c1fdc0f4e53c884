"""Many tests at once: p-values adjusted so that chance finds no more than with one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.errors import UsageError


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return p-values adjusted for being shown together.

    Holm (1979): with the m p-values ascending, ``adjusted(i) = max over j <= i of
    min(1, (m - j + 1) p(j))``. Calling significant what is below 0.05 then errs in any of
    the tests with a chance of at most 0.05, however the tests depend on each other.

    Args:
        p_values: Each in [0, 1]; None for a test that was refused, which is no test.

    Returns:
        The adjusted values in the same order; None where there was none.

    Raises:
        UsageError: A p-value is outside [0, 1].
    """
    places = [at for at, p in enumerate(p_values) if p is not None]
    values = np.array([p for p in p_values if p is not None], dtype=np.float64)
    wrong = values[~((values >= 0.0) & (values <= 1.0))]
    if len(wrong):
        raise UsageError(f"A p-value is {wrong[0]}; p-values lie between 0 and 1.")
    order = np.argsort(values, kind="stable")
    raised = np.minimum(values[order] * np.arange(len(values), 0, -1), 1.0)
    adjusted: list[float | None] = [None] * len(p_values)
    for place, value in zip(order.tolist(), np.maximum.accumulate(raised).tolist(), strict=True):
        adjusted[places[place]] = value
    return tuple(adjusted)
