"""Filters on fields that no document has: true or false of all, where ours would refuse them."""

from __future__ import annotations

from collections.abc import Container, Iterable

from retrieval.filters.tree import And, Filter, Not, Or


def settled(tree: Filter, known: Container[str]) -> Filter | bool:
    """Return a filter without comparisons of unknown fields.

    A person who names a field that no document has made a mistake. A program asks of fields
    that no document has *yet*, and the frameworks take such a comparison for false.

    Args:
        tree: The filter.
        known: Fields that documents have.

    Returns:
        What is left of it; True or False where that is settled for every document.
    """
    if isinstance(tree, Not):
        inner = settled(tree.filter, known)
        return not inner if isinstance(inner, bool) else Not(inner)
    if isinstance(tree, And):
        return conjunction(settled(one, known) for one in tree.filters)
    if isinstance(tree, Or):
        return disjunction(settled(one, known) for one in tree.filters)
    return tree if tree.field in known else False


def conjunction(parts: Iterable[Filter | bool]) -> Filter | bool:
    """Return what holds where all parts do; True of none."""
    found: list[Filter] = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            found.append(part)
    if not found:
        return True
    return found[0] if len(found) == 1 else And(tuple(found))


def disjunction(parts: Iterable[Filter | bool]) -> Filter | bool:
    """Return what holds where one of the parts does; False of none."""
    inner = conjunction(negation(part) for part in parts)
    if isinstance(inner, And):
        return Or(tuple(one.filter if isinstance(one, Not) else Not(one) for one in inner.filters))
    return negation(inner)


def negation(part: Filter | bool) -> Filter | bool:
    """Return what holds where a part does not."""
    if isinstance(part, bool):
        return not part
    return part.filter if isinstance(part, Not) else Not(part)
