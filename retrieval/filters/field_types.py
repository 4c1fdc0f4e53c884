"""What kinds of value a field has, and what type that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class Kind(IntEnum):
    """The kind of one value, as a byte of a columns part."""

    BOOLEAN = 1
    INTEGER = 2
    """An integer of 64 bits with sign."""
    LARGE = 3
    """A greater integer, of 64 bits without sign."""
    FLOAT = 4
    STRING = 5
    DATE = 6
    """A string that is an ISO 8601 date or date-time."""
    MEMBER = 7
    """One string of a list of strings."""
    EMPTY = 8
    """A list of nothing."""
    NESTED = 9
    """A mapping, or a list of anything but strings."""


class FieldType(StrEnum):
    """What the values of a field are, over all documents of an index."""

    INTEGER = "integer"
    FLOAT = "float"
    """Numbers, integers among them or not."""
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    """Strings, each an ISO 8601 date or date-time."""
    STRINGS = "list of strings"
    MIXED = "mixed"
    """Values that cannot be compared with each other; no filter but exists takes them."""
    NESTED = "nested"
    """Mappings, or lists of other things than strings; likewise."""

    @property
    def is_column(self) -> bool:
        """Whether values can be compared."""
        return self not in {FieldType.MIXED, FieldType.NESTED}


_FAMILIES = {
    Kind.BOOLEAN: FieldType.BOOLEAN,
    Kind.INTEGER: FieldType.FLOAT,
    Kind.LARGE: FieldType.FLOAT,
    Kind.FLOAT: FieldType.FLOAT,
    Kind.STRING: FieldType.STRING,
    Kind.DATE: FieldType.STRING,
    Kind.MEMBER: FieldType.STRINGS,
    Kind.EMPTY: FieldType.STRINGS,
    Kind.NESTED: FieldType.NESTED,
}
"""Kinds of one family make one type."""


def type_of_kinds(kinds: frozenset[Kind]) -> FieldType:
    """Return the type of a field whose values are of these kinds, of which there is one.

    Integers among other numbers become numbers, dates among other strings strings; nothing
    else is taken for something that it is not.
    """
    families = {_FAMILIES[one] for one in kinds}
    if len(families) != 1:
        return FieldType.MIXED
    if kinds <= {Kind.INTEGER, Kind.LARGE}:
        return FieldType.INTEGER
    if kinds == {Kind.DATE}:
        return FieldType.DATE
    return families.pop()


def names_of_kinds(counts: Mapping[Kind, int]) -> dict[str, int]:
    """Return how many documents have values of each sort, for a person.

    Args:
        counts: Documents by kind; those of a list count under one of its kinds.
    """
    named: dict[str, int] = {}
    for kind, count in sorted(counts.items()):
        name = {
            Kind.INTEGER: FieldType.INTEGER,
            Kind.LARGE: FieldType.INTEGER,
            Kind.DATE: FieldType.STRING,
        }.get(kind, _FAMILIES[kind])
        named[name.value] = named.get(name.value, 0) + count
    return named
