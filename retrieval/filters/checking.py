"""Whether a filter fits the fields of an index, told before anything is searched."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence

from retrieval.errors import FilterError
from retrieval.filters.field_types import FieldType
from retrieval.filters.instants import instant_of
from retrieval.filters.tree import Eq, Exists, Filter, In, Range, leaves
from retrieval.filters.values import FilterValue, value_text

_LISTED = 20
_TAKES = {
    FieldType.INTEGER: "numbers",
    FieldType.FLOAT: "numbers",
    FieldType.STRING: "strings",
    FieldType.STRINGS: "strings",
    FieldType.BOOLEAN: "true or false",
    FieldType.DATE: "dates, such as 2026-01-31 or 2026-01-31T12:00Z",
}
_HOLDS = {
    FieldType.INTEGER: "integers",
    FieldType.FLOAT: "numbers",
    FieldType.STRING: "strings",
    FieldType.STRINGS: "lists of strings",
    FieldType.BOOLEAN: "true or false",
    FieldType.DATE: "dates",
}
_SORTS = {**_HOLDS, FieldType.NESTED: "nested values"}


def check_filter(
    tree: Filter,
    types: Mapping[str, FieldType],
    sorts_of: Callable[[str], Mapping[str, int]],
    *,
    index: str,
) -> None:
    """Refuse a filter that asks of a field what it has not.

    Args:
        tree: The filter.
        types: Type of each field of the index.
        sorts_of: Gives, of a mixed field, documents by the type of their value.
        index: Name of the index.

    Raises:
        FilterError: A field is unknown, has no column, or is compared with a value of another type.
    """
    for leaf in leaves(tree):
        check_field(leaf.field, types, index=index)
        if isinstance(leaf, Exists):
            continue
        found = types[leaf.field]
        check_comparable(leaf.field, found, sorts_of(leaf.field), index=index)
        if isinstance(leaf, Range) and found in {FieldType.STRINGS, FieldType.BOOLEAN}:
            raise FilterError(
                f"The field {leaf.field!r} of {index} holds {_HOLDS[found]}, of which none is"
                " greater than another.",
                fix="Compare it with = or in.",
            )
        for value in _values(leaf):
            _check_value(leaf.field, found, value, index)


def _values(leaf: Eq | In | Range) -> Sequence[FilterValue]:
    if isinstance(leaf, Range):
        return [one for one in (leaf.bounds.low, leaf.bounds.high) if one is not None]
    return leaf.values if isinstance(leaf, In) else (leaf.value,)


def check_field(field: str, types: Mapping[str, FieldType], *, index: str) -> None:
    """Refuse a field that no document has, naming the nearest.

    Raises:
        FilterError: It is unknown.
    """
    if field in types:
        return
    if not types:
        raise FilterError(
            f"There is no field {field!r}: the documents of {index} have no metadata.",
            fix="Index them with further fields beside id, title and text.",
        )
    folded = {name.casefold(): name for name in types}
    near = difflib.get_close_matches(field.casefold(), folded, n=3, cutoff=0.6)
    names = sorted(types)
    listed = ", ".join(names[:_LISTED])
    if len(names) > _LISTED:
        listed += f" and {len(names) - _LISTED} more"
    meant = f"Did you mean {' or '.join(folded[one] for one in near)}? " if near else ""
    raise FilterError(
        f"No document of {index} has a field {field!r}.", fix=f"{meant}Its fields are: {listed}."
    )


def check_comparable(field: str, found: FieldType, sorts: Mapping[str, int], *, index: str) -> None:
    """Refuse a field whose values cannot be compared.

    Raises:
        FilterError: They are mixed or nested.
    """
    if found is FieldType.MIXED:
        told = " and ".join(
            f"{_SORTS[FieldType(name)]} ({count:,} document{'s' * (count != 1)})"
            for name, count in sorts.items()
        )
        raise FilterError(
            f"The field {field!r} of {index} holds {told}, which cannot be compared.",
            fix="Give it values of one type and index the documents again; exists(...) works as"
            " it is.",
        )
    if found is FieldType.NESTED:
        raise FilterError(
            f"The field {field!r} of {index} holds mappings or lists of other things than strings,"
            " which cannot be compared.",
            fix="Index what is to be compared as a field of its own; exists(...) works as it is.",
        )


def _check_value(field: str, found: FieldType, value: FilterValue, index: str) -> None:
    if found is FieldType.BOOLEAN:
        fits = isinstance(value, bool)
    elif found in {FieldType.INTEGER, FieldType.FLOAT}:
        fits = not isinstance(value, str | bool)
    elif found is FieldType.DATE:
        fits = isinstance(value, str) and instant_of(value) is not None
    else:
        fits = isinstance(value, str)
    if not fits:
        raise FilterError(
            f"The field {field!r} of {index} holds {_HOLDS[found]}; {value_text(value)} is"
            f" {_sort(value)}.",
            fix=f"Compare it with {_TAKES[found]}.",
        )


def _sort(value: FilterValue) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a string" if isinstance(value, str) else "a number"
