from __future__ import annotations

import math
from typing import Any

import pytest

from retrieval.errors import FilterError
from retrieval.filters.tree import MAX_DEPTH, And, Eq, Exists, Filter, In, Not, Or, Range, all_of


@pytest.mark.parametrize(
    ("tree", "written"),
    [
        (Eq("lang", "en"), 'lang = "en"'),
        (Eq("a b", True), '"a b" = true'),
        (Eq("not", 1.0), '"not" = 1.0'),
        (In("year", (1, 2)), "year in (1, 2)"),
        (Range("year", at_least=2000, below=2010), "2000 <= year < 2010"),
        (Range("year", above=1), "year > 1"),
        (Exists("author"), "exists(author)"),
        (Not(Or((Exists("a"), Eq("b", 1)))), "not (exists(a) or b = 1)"),
        (And((Or((Exists("a"), Exists("b"))), Eq("c", 1))), "(exists(a) or exists(b)) and c = 1"),
    ],
)  # fmt: skip
def test_a_filter_prints_as_it_is_written(tree: Filter, written: str) -> None:
    assert str(tree) == written


@pytest.mark.parametrize(
    "make",
    [
        lambda: Eq("a", None),  # type: ignore[arg-type]
        lambda: Eq("a", math.nan),
        lambda: Eq("a", "\ud800"),
        lambda: Eq(1, 1),  # type: ignore[arg-type]
        lambda: In("a", ()),
        lambda: In("a", "text"),  # type: ignore[arg-type]
        lambda: Range("a"),
        lambda: Range("a", at_least=1, above=1),
        lambda: Range("a", at_least=1, below="2"),
        lambda: Range("a", at_least=True),
        lambda: And((Exists("a"),)),
        lambda: Or((Exists("a"), "b = 1")),  # type: ignore[arg-type]
        lambda: Not("a = 1"),  # type: ignore[arg-type]
    ],
)
def test_a_filter_that_means_nothing_is_refused(make: Any) -> None:
    with pytest.raises(FilterError):
        make()


def test_nesting_has_a_limit_and_no_recursion_error() -> None:
    tree: Filter = Exists("a")
    for _ in range(MAX_DEPTH - 1):
        tree = Not(tree)
    assert hash(tree) == hash(tree)
    assert str(tree).startswith("not not")
    with pytest.raises(FilterError, match="100 deep"):
        Not(tree)


def test_all_of_joins_what_there_is() -> None:
    one, two = Exists("a"), Exists("b")
    assert all_of([]) is None
    assert all_of([one]) == one
    assert all_of([one, two]) == And((one, two))
