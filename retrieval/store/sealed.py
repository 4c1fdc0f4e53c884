"""A JSON record with its own checksum: one line of JSON, one line with the line's sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from retrieval.errors import DamagedIndexError


def seal(record: Mapping[str, Any]) -> bytes:
    """Return a record as two lines, the second the sha256 of the first (without its newline)."""
    line = orjson.dumps(record)
    return line + b'\n{"sha256":"' + hashlib.sha256(line).hexdigest().encode() + b'"}\n'


def unseal(content: bytes, name: str) -> dict[str, Any]:
    """Read what ``seal`` wrote.

    Args:
        content: The file's bytes.
        name: The file's name, for the message.

    Raises:
        DamagedIndexError: Anything is not exactly as written.
    """
    line, _, _ = content.partition(b"\n")
    found = hashlib.sha256(line).hexdigest()
    if content != line + b'\n{"sha256":"' + found.encode() + b'"}\n':
        raise DamagedIndexError(
            f"{name} is damaged: its {len(content)} bytes do not match their own checksum.",
            fix="`retrieve verify` lists what is damaged; `retrieve recover --to-generation N`"
            " goes back to an earlier generation that is whole.",
        )
    record = orjson.loads(line)
    if not isinstance(record, dict):
        raise DamagedIndexError(f"{name} is damaged: it holds no JSON object.")
    return record
