"""What a precision costs, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.records import JsonValue


def precision_cost(cost: Mapping[str, JsonValue] | None) -> str:
    """Say what was measured; empty where nothing was."""
    if cost is None:
        return ""
    return (
        f"{cost['precision']}: {cost['overlap']:.1%} of the {cost['depth']} nearest passages are"
        f" those of fp32 ({cost['low']:.1%} to {cost['high']:.1%}; {cost['passages']:,} drawn)"
    )
