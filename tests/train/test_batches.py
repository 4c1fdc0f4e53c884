"""Steps of an epoch, and rows held out."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.train.batches import bucketed, without_equals
from retrieval.train.split import split_rows


def test_every_row_is_in_one_step_and_lengths_are_alike() -> None:
    lengths = np.random.default_rng(0).integers(1, 500, 1003)
    steps = bucketed(lengths, 16, np.random.default_rng(1))
    assert sorted(np.concatenate(steps).tolist()) == list(range(1003))
    assert sorted({len(one) for one in steps}) == [11, 16]
    spread = np.mean([np.ptp(lengths[one]) for one in steps])
    assert spread < np.ptp(lengths) / 10
    again = bucketed(lengths, 16, np.random.default_rng(1))
    assert all((one == other).all() for one, other in zip(steps, again, strict=True))
    other = bucketed(lengths, 16, np.random.default_rng(2))
    assert steps[0].tolist() != other[0].tolist()


def test_no_key_comes_twice_in_a_step() -> None:
    generator = np.random.default_rng(3)
    keys = [(f"q{generator.integers(40)}", f"d{generator.integers(60)}") for _ in range(300)]
    steps = without_equals(keys, [set(one) for one in keys], 8, np.random.default_rng(4))
    rows = np.concatenate(steps).tolist()
    assert len(rows) == len(set(rows)) > 290
    for step in steps:
        assert 2 <= len(step) <= 8
        texts = [text for row in step.tolist() for text in keys[row]]
        assert len(texts) == len(set(texts))


def test_rows_of_a_group_stay_together_and_each_stratum_gives_its_share() -> None:
    groups = [f"text {at // 2}" for at in range(200)]
    strata = ["rare" if at < 20 else "common" for at in range(200)]
    train, held_out = split_rows(groups, strata, fraction=0.2, seed=5)
    assert sorted([*train.tolist(), *held_out.tolist()]) == list(range(200))
    assert not {groups[at] for at in train} & {groups[at] for at in held_out}
    assert sum(strata[at] == "rare" for at in held_out) == 4
    assert sum(strata[at] == "common" for at in held_out) == 36
    assert split_rows(groups, strata, fraction=0.2, seed=6)[1].tolist() != held_out.tolist()


def test_a_small_stratum_keeps_a_row_to_learn_from() -> None:
    train, held_out = split_rows(["a", "b", "c"], ["x", "x", "y"], fraction=0.5, seed=0)
    assert len(held_out) == 1
    assert 2 in train.tolist()
    assert split_rows(["a", "b"], ["x", "x"], fraction=0.0, seed=0)[1].tolist() == []


@pytest.mark.parametrize("fraction", [-0.1, 1.0, float("nan")])
def test_a_fraction_outside_its_range_is_refused(fraction: float) -> None:
    with pytest.raises(UsageError, match="share in"):
        split_rows(["a"], ["x"], fraction=fraction, seed=0)
