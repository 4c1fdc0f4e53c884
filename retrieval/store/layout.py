"""The names of the files of an index folder, in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

FORMAT_NAME = "FORMAT"
FORMAT_TEXT = b"retrieve-index 1\n"
FORMAT_FAMILY = b"retrieve-index "
LOCK_NAME = "write.lock"
REJECTS_NAME = "rejects.jsonl"
RECEIPT_NAME = "receipt.json"

Names: TypeAlias = Callable[[], str]
"""A source of fresh names: each call gives 32 hex digits never given before."""

_MANIFEST = re.compile(r"manifest-(\d{16})\.json")
_PART = re.compile(r"p-([0-9a-f]{32})\.([a-z]+)")
_SPILL = re.compile(r"spill-[0-9a-f]{32}")
_TEMPORARY = re.compile(r"tmp-[0-9a-f]{32}")


class PartKind(StrEnum):
    """The kinds of part an index may have; each is a file of its own."""

    VECTORS = "vectors"
    DOCS = "docs"
    ARRAYS = "arrays"
    DELETED = "deleted"
    WORDS = "words"
    COLUMNS = "columns"
    ANN = "ann"
    CONCEPT = "concept"
    """Of the index, not of a segment: a query learned from labels."""
    QUERIES = "queries"
    """Of the index: real queries that its recall is measured with."""


DERIVED_KINDS = frozenset({PartKind.WORDS, PartKind.COLUMNS, PartKind.ANN})
"""Parts that can be rebuilt from the others; a reader names them when they are missing."""


def random_names() -> str:
    """Return 32 random hex digits from the system's source."""
    return os.urandom(16).hex()


def manifest_name(generation: int) -> str:
    """Return the name of a generation's manifest."""
    return f"manifest-{generation:016d}.json"


def part_name(name: str, kind: PartKind) -> str:
    """Return the name of a part."""
    return f"p-{name}.{kind}"


def spill_name(name: str) -> str:
    """Return the name of a spill's folder."""
    return f"spill-{name}"


def temporary_name(name: str) -> str:
    """Return the name of a file that is not yet anything."""
    return f"tmp-{name}"


def generations(names: list[str]) -> list[int]:
    """Return the generations whose manifests are among these names, ascending."""
    return sorted(int(found[1]) for name in names if (found := _MANIFEST.fullmatch(name)))


def is_part(name: str) -> bool:
    """Tell whether a name is that of a part."""
    return _PART.fullmatch(name) is not None


def is_spill(name: str) -> bool:
    """Tell whether a name is that of a spill's folder."""
    return _SPILL.fullmatch(name) is not None


def is_temporary(name: str) -> bool:
    """Tell whether a name is that of an unfinished file of ours."""
    return _TEMPORARY.fullmatch(name) is not None


def is_ours(name: str) -> bool:
    """Tell whether an index folder may hold a file of this name before its first commit."""
    return (
        name in {FORMAT_NAME, LOCK_NAME, REJECTS_NAME}
        or name.startswith("damaged-")
        or name.startswith(f"{REJECTS_NAME}.")
        or is_part(name)
        or is_spill(name)
        or is_temporary(name)
        or _MANIFEST.fullmatch(name) is not None
    )
