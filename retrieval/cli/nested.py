"""A JSON value as rows of a label and a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.cli.figures import size


def rows_of(fields: Mapping[str, Any], *, prefix: str = "") -> list[tuple[str, str]]:
    """Return every leaf of nested mappings as a row.

    Labels are the keys in words, joined by spaces; a key ending in ``_bytes`` gives a
    size. Lists of plain values are joined by commas; mappings in a list are numbered
    from 1.
    """
    rows: list[tuple[str, str]] = []
    for key, value in fields.items():
        label = f"{prefix}{key.replace('_', ' ')}"
        if isinstance(value, Mapping):
            rows.extend(rows_of(value, prefix=f"{label} "))
        elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
            numbered = {str(number): part for number, part in enumerate(value, 1)}
            rows.extend(rows_of(numbered, prefix=f"{label} "))
        else:
            rows.append((label.removesuffix(" bytes"), _text(key, value)))
    return rows


def _text(key: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return size(value) if key.endswith("_bytes") else f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(_text("", part) for part in value) or "none"
    return str(value)
