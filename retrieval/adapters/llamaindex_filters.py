"""LlamaIndex's ``MetadataFilters`` as our filters; read by their attributes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from retrieval.adapters.constant import conjunction, disjunction, negation
from retrieval.errors import FilterError
from retrieval.filters.tree import Eq, Exists, Filter, In, Range


def _equal(field: str, value: Any) -> Filter | bool:
    return negation(Exists(field)) if value is None else Eq(field, value)


def _among(field: str, value: Any) -> Filter | bool:
    return In(field, tuple(value)) if value else False


_OPERATORS: dict[str, Callable[[str, Any], Filter | bool]] = {
    "==": _equal,
    "!=": lambda field, value: negation(_equal(field, value)),
    ">": lambda field, value: Range(field, above=value),
    ">=": lambda field, value: Range(field, at_least=value),
    "<": lambda field, value: Range(field, below=value),
    "<=": lambda field, value: Range(field, at_most=value),
    "in": _among,
    "nin": lambda field, value: negation(_among(field, value)),
    "any": _among,
    "all": lambda field, value: conjunction(Eq(field, one) for one in value),
    "contains": _equal,
    "is_empty": lambda field, value: negation(Exists(field)),
}
_SEVERAL = {"in", "nin", "any", "all"}


def metadata_filter(given: Any) -> Filter | bool:
    """Translate filters; what a document lacks is unlike every value.

    Args:
        given: ``MetadataFilters``; None for no filter.

    Returns:
        The filter; True or False where it is settled, as by no filters at all.

    Raises:
        FilterError: An operator that has no meaning here, such as a match of text.
    """
    if given is None:
        return True
    if not hasattr(given, "filters"):
        return _comparison(given)
    parts = [metadata_filter(one) for one in given.filters]
    condition = _word(given.condition or "and")
    if not parts:
        return True
    if condition == "or":
        return disjunction(parts)
    if condition == "not":  # none of them, as LlamaIndex's own store has it
        return negation(disjunction(parts))
    return conjunction(parts)


def _comparison(one: Any) -> Filter | bool:
    sign = _word(one.operator)
    if sign not in _OPERATORS:
        raise FilterError(
            f"The operator {sign!r} on {one.key!r} has no meaning for an index.",
            fix=f"Use one of {', '.join(_OPERATORS)}; words are found by a text query.",
        )
    if sign in _SEVERAL and not isinstance(one.value, list | tuple):
        raise FilterError(f"{sign!r} on {one.key!r} takes several values, not {one.value!r}.")
    return _OPERATORS[sign](one.key, one.value)


def _word(given: Any) -> str:
    return str(getattr(given, "value", given))
