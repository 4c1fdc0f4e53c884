"""``--fields``: which parts of a hit are shown."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from retrieval.errors import UsageError
from retrieval.records import Hit

ALWAYS = ("schema_version", "query_id", "rank")
"""Parts of a hit that every projection keeps, so that lines can be told apart."""

_METADATA = "metadata."
_DIGITS = {"score": 4, "probability": 2}
_KNOWN = ("schema_version", *Hit.__dataclass_fields__)


def parse_fields(text: str) -> tuple[str, ...]:
    """Read a comma-separated list of fields.

    Args:
        text: Such as ``doc_id,score,metadata.year``.

    Returns:
        The names in the order given, each once.

    Raises:
        UsageError: A name is not a part of a hit; every such name is told.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [
        name
        for name in names
        if name not in _KNOWN and not (name.startswith(_METADATA) and name != _METADATA)
    ]
    if unknown or not names:
        found = ", ".join(map(repr, unknown)) or "nothing"
        near = [match for name in unknown for match in difflib.get_close_matches(name, _KNOWN, 1)]
        guess = f"Did you mean {', '.join(near)}? " if near else ""
        raise UsageError(
            f"--fields names {found}, which no hit has.",
            fix=f"{guess}The fields are {', '.join(_KNOWN)},"
            " and metadata.NAME for one field of your own.",
        )
    return names


def project(hit: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the parts of a hit's JSON that were asked for, and those always kept.

    A metadata field that a document lacks is left out.
    """
    chosen: dict[str, Any] = {name: hit[name] for name in ALWAYS}
    for name in names:
        key = name.removeprefix(_METADATA)
        if key != name and "metadata" not in names:
            kept = chosen.setdefault("metadata", {})
            if key in hit["metadata"]:
                kept[key] = hit["metadata"][key]
        elif key == name:
            chosen[name] = hit.get(name)  # what only concepts have is null for others
    return chosen


def value_of(hit: dict[str, Any], name: str) -> str:
    """Return one part of a hit as text for a table; empty where a document lacks it."""
    if name.startswith(_METADATA):
        value = hit["metadata"].get(name.removeprefix(_METADATA), "")
    else:
        value = hit.get(name)
    if isinstance(value, float):
        digits = _DIGITS.get(name)
        return f"{value:g}" if digits is None else f"{value:.{digits}f}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {part}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
