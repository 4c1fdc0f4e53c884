from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.filters.column import FieldColumn
from retrieval.filters.evaluation import matching
from retrieval.filters.field_types import FieldType
from retrieval.filters.instants import instant_of
from retrieval.filters.tree import Eq, Filter, In, Range
from retrieval.store.columns import columns_of

INTEGERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.integers(-3, 3), st.integers(2**53, 2**53 + 3)
)
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, 2.5, float(2**53), float(2**63), float(2**64), 5e-324]),
)
NUMBERS = st.one_of(INTEGERS, FLOATS)
ASKED = st.one_of(NUMBERS, st.integers(), st.sampled_from([10**400, -(10**400)]))
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}


def found_in(values: list[int | float | None], tree: Filter) -> list[bool]:
    columns = columns_of({"n": value} for value in values)
    whole = all(isinstance(value, int) for value in values if value is not None)
    kind = FieldType.INTEGER if whole else FieldType.FLOAT

    def column_of(name: str) -> FieldColumn | None:
        return columns.column(name, kind, len(values))

    return [bool(one) for one in matching(tree, column_of, len(values))]


@given(st.lists(st.one_of(NUMBERS, st.none()), min_size=1, max_size=12), ASKED)
@example([1999, 2000, None], 1999.5)
@example([2**53, 2**53 + 1, float(2**53)], 2**53 + 1)
def test_numbers_are_compared_exactly(values: list[int | float | None], asked: int | float) -> None:
    def wanted(sign: Callable[[Any, Any], bool]) -> list[bool]:
        return [value is not None and sign(value, asked) for value in values]

    for name, sign in SIGNS.items():
        assert found_in(values, Range("n", **{name: asked})) == wanted(sign)
    assert found_in(values, Eq("n", asked)) == wanted(operator.eq)
    assert found_in(values, In("n", (asked, 1))) == [
        value is not None and value in (asked, 1) for value in values
    ]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("2020-01-31", "2020-01-31T00:00Z"),
        ("2020-01-31", "2020-01-31 00:00:00"),
        ("2020-01-31T01:00+01:00", "2020-01-31T00:00:00.000"),
        ("2020-01-31T01:00+0100", "2020-01-30T14:00-10"),
        ("0001-01-01T01:00+02:00", "0001-01-01T00:00+01:00"),
    ],
)
def test_dates_are_instants(text: str, other: str) -> None:
    assert instant_of(text) == instant_of(other) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020",
        "2020-01",
        "20200131",
        "2020-02-30",
        "2020-W05-1",
        "2020-01-31T",
        "2020-01-31T25:00",
        "2020-01-31Z",
        "2020-01-31T10:00:00.1234567",
        "２０２０-01-31",
        "31.01.2020",
        "2020-01-31\n",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert instant_of(text) is None
