"""Comparisons of unknown fields are false, whatever they are inside of."""

from __future__ import annotations

import itertools

import pytest

from retrieval.adapters.constant import conjunction, disjunction, negation, settled
from retrieval.filters.tree import And, Eq, Exists, Filter, In, Not, Or, Range

KNOWN, OTHER, UNKNOWN = Eq("a", 1), Range("b", at_least=2), Eq("x", 1)
FIELDS = {"a", "b"}


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (KNOWN, KNOWN),
        (UNKNOWN, False),
        (Exists("x"), False),
        (In("x", (1, 2)), False),
        (Not(UNKNOWN), True),
        (Not(Not(UNKNOWN)), False),
        (And((KNOWN, UNKNOWN)), False),
        (And((KNOWN, Not(UNKNOWN))), KNOWN),
        (Or((UNKNOWN, KNOWN)), KNOWN),
        (Or((UNKNOWN, Not(UNKNOWN))), True),
        (Or((UNKNOWN, UNKNOWN)), False),
        (And((KNOWN, OTHER, Or((UNKNOWN, KNOWN)))), And((KNOWN, OTHER, KNOWN))),
        (Not(Or((KNOWN, OTHER, UNKNOWN))), Not(Or((KNOWN, OTHER)))),
    ],
)
def test_what_is_unknown_is_settled(tree: Filter, wanted: Filter | bool) -> None:
    assert settled(tree, FIELDS) == wanted


def holds(tree: Filter | bool, values: dict[str, int]) -> bool:
    """Evaluate a filter over fields that are 1 or something else, the obvious way."""
    if isinstance(tree, bool):
        return tree
    if isinstance(tree, Not):
        return not holds(tree.filter, values)
    if isinstance(tree, And):
        return all(holds(one, values) for one in tree.filters)
    if isinstance(tree, Or):
        return any(holds(one, values) for one in tree.filters)
    assert isinstance(tree, Eq)
    return values.get(tree.field) == tree.value


def test_joining_and_negating_mean_what_they_say() -> None:
    a, b = Eq("a", 1), Eq("b", 1)
    parts: list[Filter | bool] = [True, False, a, b, Not(a), And((a, b)), Not(And((a, b)))]
    for values in ({}, {"a": 1}, {"b": 1}, {"a": 1, "b": 1}):
        for chosen in itertools.product(parts, repeat=2):
            each = [holds(one, values) for one in chosen]
            assert holds(conjunction(chosen), values) == all(each)
            assert holds(disjunction(chosen), values) == any(each)
        for part in parts:
            assert holds(negation(part), values) != holds(part, values)
    assert conjunction([]) is True
    assert disjunction([]) is False
