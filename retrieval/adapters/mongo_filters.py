"""The filter dialect that LangChain's stores share: fields, and signs that begin with a dollar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from retrieval.adapters.constant import conjunction, disjunction, negation
from retrieval.errors import FilterError
from retrieval.filters.tree import Eq, Exists, Filter, In, Range

_COMPARISONS: dict[str, Callable[[str, Any], Filter | bool]] = {
    "$eq": lambda field, value: Eq(field, value) if value is not None else negation(Exists(field)),
    "$ne": lambda field, value: negation(Eq(field, value)) if value is not None else Exists(field),
    "$gt": lambda field, value: Range(field, above=value),
    "$gte": lambda field, value: Range(field, at_least=value),
    "$lt": lambda field, value: Range(field, below=value),
    "$lte": lambda field, value: Range(field, at_most=value),
    "$in": lambda field, value: In(field, tuple(value)) if value else False,
    "$nin": lambda field, value: negation(In(field, tuple(value))) if value else True,
    "$between": lambda field, value: Range(field, at_least=value[0], at_most=value[1]),
    "$exists": lambda field, value: Exists(field) if value else negation(Exists(field)),
}
_SEVERAL = {"$in", "$nin", "$between"}
_FIX = (
    'Write {"year": 2020}, {"year": {"$gte": 2020}} or {"$or": [...]}; the signs are '
    + ", ".join(_COMPARISONS)
    + ", $and, $or and $not."
)


def mongo_filter(given: Mapping[str, Any]) -> Filter | bool:
    """Translate a filter of mappings.

    Args:
        given: ``{field: value}``, ``{field: {sign: value}}`` or ``{"$and": [...]}``; several
            entries of a mapping all have to hold.

    Returns:
        The filter; True or False where it is settled, as by an empty list.

    Raises:
        FilterError: It is none.
    """
    if not isinstance(given, Mapping):
        raise FilterError(f"A filter is a mapping of fields, not {given!r}.", fix=_FIX)
    return conjunction(_entry(name, value) for name, value in given.items())


def _entry(name: str, value: Any) -> Filter | bool:
    if name in {"$and", "$or"}:
        if not isinstance(value, list | tuple):
            raise FilterError(f"{name} takes a list of filters, not {value!r}.", fix=_FIX)
        join = conjunction if name == "$and" else disjunction
        return join(mongo_filter(one) for one in value)
    if name == "$not":
        return negation(mongo_filter(value))
    if not isinstance(name, str) or name.startswith("$"):
        raise FilterError(f"There is no sign {name!r} in filters.", fix=_FIX)
    if not isinstance(value, Mapping):
        return _comparison(name, "$eq", value)
    return conjunction(_comparison(name, sign, one) for sign, one in value.items())


def _comparison(field: str, sign: str, value: Any) -> Filter | bool:
    if sign == "$not":
        return negation(conjunction(_comparison(field, *one) for one in dict(value).items()))
    if sign not in _COMPARISONS:
        raise FilterError(f"There is no sign {sign!r} in filters.", fix=_FIX)
    if (sign in _SEVERAL) != isinstance(value, list | tuple | set | frozenset):
        several = "several values" if sign in _SEVERAL else "one value"
        raise FilterError(f"{sign} takes {several}, not {value!r}.", fix=_FIX)
    if sign == "$between" and len(value) != 2:
        raise FilterError(f"$between takes two values, not {value!r}.", fix=_FIX)
    return _COMPARISONS[sign](field, value)
