"""The values that a field can be compared with, and how they are written."""

from __future__ import annotations

import math
from typing import TypeAlias

from retrieval.errors import FilterError

FilterValue: TypeAlias = "str | int | float | bool"
"""What a field is compared with; a date is written as a string."""

_MOST_BITS = 10_000
"""Longer integers are neither read nor printed by Python."""


def check_field(field: object) -> None:
    """Refuse what is no name of a field.

    Raises:
        FilterError: It is no string, or one that no document can hold.
    """
    if not isinstance(field, str):
        raise FilterError(f"A field's name is a string, not {field!r}.")
    check_text(field)


def check_text(text: str) -> None:
    """Refuse a string that no document can hold.

    Raises:
        FilterError: It holds a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FilterError(f"{text!a} holds a lone surrogate, which no document does.") from None


def check_value(field: str, value: object) -> None:
    """Refuse what a field cannot be compared with.

    Raises:
        FilterError: It is no string, boolean or finite number.
    """
    if isinstance(value, str):
        check_text(value)
    elif not isinstance(value, bool | int | float):
        raise FilterError(
            f"{field!r} cannot be compared with {value!r}; a value is a string, a number, or"
            " true or false.",
            fix="Write a date as a string, such as 2026-01-31, and null as not exists(...).",
        )
    elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise FilterError(f"{field!r} cannot be compared with an integer of so many digits.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise FilterError(f"{field!r} cannot be compared with {value!r}, which is no number.")


def value_text(value: FilterValue | None) -> str:
    """Return a value as it is written in a filter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """Return a string in quotes, as it is written in a filter."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
