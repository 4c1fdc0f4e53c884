"""Haystack's filters, nested dictionaries of comparisons and logic, as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from retrieval.adapters.constant import conjunction, disjunction, negation
from retrieval.errors import FilterError
from retrieval.filters.tree import Eq, Exists, Filter, Range

_PREFIX = "meta."
_OF_DOCUMENTS = {"id", "content", "blob", "score", "embedding", "sparse_embedding", "meta"}


def _equal(field: str, value: Any) -> Filter | bool:
    return negation(Exists(field)) if value is None else Eq(field, value)


def _among(field: str, value: Any) -> Filter | bool:
    if not isinstance(value, list):
        raise FilterError(f"'in' and 'not in' take a list for {field!r}, not {value!r}.")
    return disjunction(_equal(field, one) for one in value)


def _bound(side: str) -> Callable[[str, Any], Filter | bool]:
    def bound(field: str, value: Any) -> Filter | bool:
        return False if value is None else Range(field, **{side: value})

    return bound


_COMPARISONS: dict[str, Callable[[str, Any], Filter | bool]] = {
    "==": _equal,
    "!=": lambda field, value: negation(_equal(field, value)),
    ">": _bound("above"),
    ">=": _bound("at_least"),
    "<": _bound("below"),
    "<=": _bound("at_most"),
    "in": _among,
    "not in": lambda field, value: negation(_among(field, value)),
}


def haystack_filter(given: Mapping[str, Any] | None) -> Filter | bool:
    """Translate a filter; what a document lacks is unlike every value but None.

    Args:
        given: A comparison (``field``, ``operator``, ``value``) or logic (``operator``,
            ``conditions``); empty or None for no filter.

    Returns:
        The filter; True or False where it is settled.

    Raises:
        FilterError: It is malformed, or about something that is no metadata.
    """
    if not given:
        return True
    if "field" in given:
        return _comparison(given)
    if "operator" not in given or "conditions" not in given:
        raise FilterError(
            f"A filter has a field, an operator and a value, or an operator and conditions:"
            f" {dict(given)!r} has neither."
        )
    parts = (haystack_filter(one) if one else True for one in given["conditions"])
    operator = str(given["operator"]).upper()
    if operator == "OR":
        return disjunction(parts)
    if operator == "NOT":  # not all of them, as Haystack's own store has it
        return negation(conjunction(parts))
    if operator == "AND":
        return conjunction(parts)
    raise FilterError(f"{given['operator']!r} joins no filters; AND, OR and NOT do.")


def _comparison(given: Mapping[str, Any]) -> Filter | bool:
    if "operator" not in given or "value" not in given:
        raise FilterError(f"A comparison needs an operator and a value: {dict(given)!r}.")
    field, operator, value = given["field"], given["operator"], given["value"]
    if field in _OF_DOCUMENTS:
        raise FilterError(
            f"Documents are filtered by their metadata, not by their {field}.",
            fix="Write the field as meta.NAME.",
        )
    if operator not in _COMPARISONS:
        raise FilterError(f"There is no comparison {operator!r}; there are {_listed()}.")
    name = field.removeprefix(_PREFIX)
    return _COMPARISONS[operator](name, _value(value))


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _listed() -> str:
    return ", ".join(_COMPARISONS)
