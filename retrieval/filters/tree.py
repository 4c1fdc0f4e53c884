"""The nodes of a filter: what a document's metadata has to be.

A filter is true or false of a document, never unknown: a comparison is false where the
field is missing or null, and so its negation is true there. ``docs/filters.md`` has the
language in which a filter prints itself, and in which people write it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from retrieval.errors import FilterError
from retrieval.filters.values import FilterValue, check_field, check_value, quoted, value_text

MAX_DEPTH = 100
"""Deepest nesting of a filter."""

KEYWORDS = frozenset({"and", "or", "not", "in", "exists", "true", "false", "null"})
"""Words that a field's name is quoted for, in whatever case."""

BARE_NAME = re.compile(r"[^\W\d][\w.\-]*")
"""A field's name that needs no quotes."""


class _Node:
    """What all nodes have: they print themselves as they are written."""

    __slots__ = ()

    def __str__(self) -> str:
        return _text(self, inside=False)


@dataclass(frozen=True, slots=True)
class Eq(_Node):
    """The field has this value; a list of strings holds it.

    Attributes:
        field: Name of the field.
        value: The value; numbers are compared exactly, whatever their types.

    Raises:
        FilterError: A name or value that no document can have.
    """

    field: str
    value: FilterValue

    def __post_init__(self) -> None:
        check_field(self.field)
        check_value(self.field, self.value)


@dataclass(frozen=True, slots=True)
class In(_Node):
    """The field has one of these values; a list of strings holds one of them.

    Attributes:
        field: Name of the field.
        values: At least one value.

    Raises:
        FilterError: No value, or a name or value that no document can have.
    """

    field: str
    values: tuple[FilterValue, ...]

    def __post_init__(self) -> None:
        check_field(self.field)
        if isinstance(self.values, str) or not isinstance(self.values, Iterable):
            raise FilterError(f"In takes several values of {self.field!r}, not {self.values!r}.")
        object.__setattr__(self, "values", tuple(self.values))
        if not self.values:
            raise FilterError(f"In of {self.field!r} has no value; it takes at least one.")
        for value in self.values:
            check_value(self.field, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """An interval of values; None for no bound.

    Attributes:
        low: Lower bound.
        high: Upper bound.
        low_open: Whether the lower bound itself lies outside.
        high_open: Whether the upper bound itself lies outside.
    """

    low: FilterValue | None = None
    high: FilterValue | None = None
    low_open: bool = False
    high_open: bool = False


@dataclass(frozen=True, slots=True)
class Range(_Node):
    """The field lies between bounds: numbers, dates, or strings by their code points.

    Attributes:
        field: Name of the field.
        at_least: Least value, itself included.
        above: The value lies above this one.
        at_most: Greatest value, itself included.
        below: The value lies below this one.

    Raises:
        FilterError: No bound, two lower or two upper ones, or bounds of two types.
    """

    field: str
    at_least: FilterValue | None = None
    above: FilterValue | None = None
    at_most: FilterValue | None = None
    below: FilterValue | None = None

    def __post_init__(self) -> None:
        check_field(self.field)
        given = [one for one in (self.at_least, self.above, self.at_most, self.below)
                 if one is not None]  # fmt: skip
        if (
            not given
            or (self.at_least is not None and self.above is not None)
            or (self.at_most is not None and self.below is not None)
        ):
            raise FilterError(
                f"Range of {self.field!r} takes one lower bound (at_least or above), one upper"
                " (at_most or below), or both."
            )
        for value in given:
            check_value(self.field, value)
            if isinstance(value, bool):
                raise FilterError(f"{self.field!r} cannot be above or below {value_text(value)}.")
        if len({isinstance(value, str) for value in given}) > 1:
            raise FilterError(f"The bounds of {self.field!r} are a number and a string.")

    @property
    def bounds(self) -> Bounds:
        """The interval."""
        return Bounds(
            low=self.above if self.at_least is None else self.at_least,
            high=self.below if self.at_most is None else self.at_most,
            low_open=self.above is not None,
            high_open=self.below is not None,
        )


@dataclass(frozen=True, slots=True)
class Exists(_Node):
    """The document has the field, with any value but null.

    Attributes:
        field: Name of the field.

    Raises:
        FilterError: A name that no document can have.
    """

    field: str

    def __post_init__(self) -> None:
        check_field(self.field)


@dataclass(frozen=True, slots=True)
class _Joined(_Node):
    """Several filters.

    Attributes:
        filters: At least two.

    Raises:
        FilterError: Fewer than two, or nested more than 100 deep.
    """

    filters: tuple[Filter, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.filters, Iterable):
            raise FilterError(f"{type(self).__name__} takes several filters, not {self.filters!r}.")
        object.__setattr__(self, "filters", tuple(self.filters))
        if len(self.filters) < 2:
            raise FilterError(
                f"{type(self).__name__} takes at least two filters; it got {len(self.filters)}."
            )
        for one in self.filters:
            _check_operand(self, one)
        _check_depth(self)


@dataclass(frozen=True, slots=True)
class And(_Joined):
    """All of several filters hold."""


@dataclass(frozen=True, slots=True)
class Or(_Joined):
    """At least one of several filters holds."""


@dataclass(frozen=True, slots=True)
class Not(_Node):
    """A filter does not hold.

    Attributes:
        filter: The filter.

    Raises:
        FilterError: No filter, or nested more than 100 deep.
    """

    filter: Filter

    def __post_init__(self) -> None:
        _check_operand(self, self.filter)
        _check_depth(self)


Filter: TypeAlias = "Eq | In | Range | Exists | And | Or | Not"
"""What a search is restricted to."""


def all_of(filters: Iterable[Filter]) -> Filter | None:
    """Return a filter that holds where all of these do; None for no filter at all."""
    given = tuple(filters)
    if len(given) > 1:
        return And(given)
    return given[0] if given else None


def leaves(tree: Filter) -> Iterator[Eq | In | Range | Exists]:
    """Yield the comparisons of a filter, from left to right."""
    if isinstance(tree, And | Or):
        for one in tree.filters:
            yield from leaves(one)
    elif isinstance(tree, Not):
        yield from leaves(tree.filter)
    else:
        yield tree


def _check_operand(node: _Joined | Not, operand: object) -> None:
    if not isinstance(operand, _Node):
        raise FilterError(
            f"{type(node).__name__} takes filters, not {operand!r}.",
            fix="A text becomes a filter with parse_filter(text).",
        )


def _check_depth(node: _Joined | Not) -> None:
    # what is inside was checked when it was made, so this goes no deeper than one more
    if _depth(node) > MAX_DEPTH:
        raise FilterError(f"A filter is nested more than {MAX_DEPTH} deep.")


def _depth(node: Filter | _Joined) -> int:
    if isinstance(node, _Joined):
        return 1 + max(_depth(one) for one in node.filters)
    return 1 + _depth(node.filter) if isinstance(node, Not) else 1


def _text(node: _Node, *, inside: bool) -> str:
    """Return a node as it is written, in brackets where it is inside another and needs some."""
    if isinstance(node, And | Or):
        word = " and " if isinstance(node, And) else " or "
        joined = word.join(_text(one, inside=True) for one in node.filters)
        return f"({joined})" if inside else joined
    if isinstance(node, Not):
        return f"not {_text(node.filter, inside=True)}"
    if isinstance(node, Eq):
        return f"{_name(node.field)} = {value_text(node.value)}"
    if isinstance(node, In):
        return f"{_name(node.field)} in ({', '.join(map(value_text, node.values))})"
    if isinstance(node, Exists):
        return f"exists({_name(node.field)})"
    return _range_text(node) if isinstance(node, Range) else repr(node)


def _range_text(node: Range) -> str:
    bounds = node.bounds
    name = _name(node.field)
    upper = "<" if bounds.high_open else "<="
    if bounds.low is None:
        return f"{name} {upper} {value_text(bounds.high)}"
    if bounds.high is None:
        return f"{name} {'>' if bounds.low_open else '>='} {value_text(bounds.low)}"
    lower = "<" if bounds.low_open else "<="
    return f"{value_text(bounds.low)} {lower} {name} {upper} {value_text(bounds.high)}"


def _name(field: str) -> str:
    bare = BARE_NAME.fullmatch(field) is not None and field.casefold() not in KEYWORDS
    return field if bare else quoted(field)
