"""A measured number with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value with its 95 % interval: bootstrap over documents, or exact for shares."""

    value: float
    low: float
    high: float
