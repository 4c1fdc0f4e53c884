"""Bounds of numbers in the domain of a column, exactly: no integer is rounded to a float."""

from __future__ import annotations

import math

from retrieval.filters.tree import Bounds


def whole_bounds(bounds: Bounds, least: int, greatest: int) -> tuple[int, int]:
    """Return the least and the greatest integer between bounds; the first is greater if none is.

    Args:
        bounds: Of numbers.
        least: Least integer of the domain.
        greatest: Greatest integer of the domain.
    """
    low, high = least, greatest
    if bounds.low is not None:
        number = _number(bounds.low)
        low = math.floor(number) + 1 if bounds.low_open else math.ceil(number)
    if bounds.high is not None:
        number = _number(bounds.high)
        high = math.ceil(number) - 1 if bounds.high_open else math.floor(number)
    return max(low, least), min(high, greatest)


def float_bounds(bounds: Bounds) -> tuple[float, float]:
    """Return the least and the greatest float between bounds, likewise."""
    low, high = -math.inf, math.inf
    if bounds.low is not None:
        low = _least_float(_number(bounds.low), is_open=bounds.low_open)
    if bounds.high is not None:
        high = -_least_float(-_number(bounds.high), is_open=bounds.high_open)
    return low, high


def _number(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return value


def _least_float(number: int | float, *, is_open: bool) -> float:
    """Return the least float that is not below a number, or above it; infinite if none is."""
    try:
        nearest = float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
    # Python compares an integer with a float exactly
    if nearest < number or (is_open and nearest <= number):
        return math.nextafter(nearest, math.inf)
    return nearest
