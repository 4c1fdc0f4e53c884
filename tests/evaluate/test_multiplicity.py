from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import UsageError
from retrieval.evaluate.multiplicity import holm

P_VALUES = st.lists(st.floats(0.0, 1.0), max_size=8)


def test_p_values_are_adjusted_step_by_step() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_one_test_alone_stays_as_it_is() -> None:
    assert holm([0.04]) == (0.04,)
    assert holm([]) == ()


def test_a_refused_test_is_no_test() -> None:
    assert holm([0.02, None, 0.5]) == pytest.approx((0.04, None, 0.5))
    assert holm([None]) == (None,)


@given(P_VALUES)
def test_adjusting_equals_its_formula(p_values: list[float]) -> None:
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    found = holm(p_values)
    for place, at in enumerate(order):
        wanted = max(
            min(1.0, (len(order) - before) * p_values[order[before]]) for before in range(place + 1)
        )
        assert found[at] == pytest.approx(wanted)


@given(P_VALUES)
def test_what_is_rejected_is_what_holms_steps_reject(p_values: list[float]) -> None:
    rejected = set()
    for place, at in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        if p_values[at] * (len(p_values) - place) > 0.05:
            break
        rejected.add(at)
    found = holm(p_values)
    assert {at for at, p in enumerate(found) if p is not None and p <= 0.05} == rejected


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_what_is_no_p_value_is_refused(wrong: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        holm([0.5, wrong])
