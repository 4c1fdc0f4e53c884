"""Dates and date-times as instants that can be compared."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = 40

NO_INSTANT = -(1 << 63)
"""Stands for a string that is no date."""


def instant_of(text: str) -> int | None:
    """Return the instant that an ISO 8601 date or date-time names; None where it is none.

    A date is its first moment, and what names no offset is in UTC. Week dates, ordinal dates
    and dates without hyphens are none.

    Args:
        text: Such as ``2026-01-31``, ``2026-01-31T12:30``, ``2026-01-31 12:30:05.25+02:00``.

    Returns:
        Microseconds since 1970-01-01T00:00Z.
    """
    if len(text) > _LONGEST or _DATE.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # such as 2026-02-30
        return None
    since = (moment.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    offset = moment.utcoffset()
    return since if offset is None else since - offset // _MICROSECOND
