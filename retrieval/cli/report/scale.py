"""Axes: from values to places between 0 and 1, with ticks on round values."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis.

    Attributes:
        value: Where it stands.
        label: What is written beside it; may be empty.
        meaning: The label in full, where it was shortened; may be empty.
    """

    value: float
    label: str
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One axis of a chart.

    Attributes:
        title: What it measures.
        low: Value at its beginning.
        high: Value at its end, not the same as ``low``; below it for an axis that runs backwards.
        ticks: Its marks.
        logarithmic: Whether equal ratios take equal room; both ends are then above 0.
        named: Whether the ticks are names of groups, which need room, and not values.
    """

    title: str
    low: float
    high: float
    ticks: tuple[Tick, ...]
    logarithmic: bool = False
    named: bool = False

    def place(self, value: float) -> float:
        """Return where a value stands, 0 at the low end and 1 at the high; never beyond."""
        if self.logarithmic:
            part = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return min(max(part, 0.0), 1.0)


def linear(
    title: str, low: float, high: float, *, most: int = 6, percent: bool = False, snug: bool = False
) -> Scale:
    """Return an axis with ticks on round values.

    Args:
        title: What it measures.
        low: Least value to show.
        high: Greatest value to show; the axis is widened where both are equal.
        most: Ticks there are at most; widening to round values may add one.
        percent: Whether values are shares, to be written in percent, without the sign.
        snug: Whether the axis ends at the values, and not at the next round ones.
    """
    if not high > low:
        low, high = low - 0.5, high + 0.5
    step = _step((high - low) / (most - 1))
    first, last = _whole(low / step, up=snug), _whole(high / step, up=not snug)
    values = [number * step for number in range(first, last + 1)]
    ticks = tuple(Tick(value, _label(value, step, percent=percent)) for value in values)
    if not snug:
        low, high = values[0], values[-1]
    return Scale(title=title, low=low, high=high, ticks=ticks)


def ranks(title: str, last: int) -> Scale:
    """Return a logarithmic axis of ranks from 1 to ``last``, and at least to 10."""
    high = max(last, 10)
    within = (1, 2, 5) if high <= 1000 else (1,)
    values = [
        leading * 10**power
        for power in range(math.ceil(math.log10(high)) + 1)
        for leading in within
        if leading * 10**power <= high
    ]
    ticks = tuple(Tick(float(value), f"{value:,}") for value in values)
    return Scale(title=title, low=1.0, high=float(high), ticks=ticks, logarithmic=True)


def _step(least: float) -> float:
    """Return the smallest round step of at least this size."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def _whole(number: float, *, up: bool) -> int:
    # 0.30000000000000004 / 0.1 is three steps, not four
    return math.ceil(number - 1e-9) if up else math.floor(number + 1e-9)


def _label(value: float, step: float, *, percent: bool) -> str:
    if percent:
        value, step = value * 100, step * 100
    decimals = next((places for places in range(12) if _is_whole(step * 10**places)), 12)
    return f"{value:z,.{decimals}f}"


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6
