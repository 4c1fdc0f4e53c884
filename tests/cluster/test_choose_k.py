from __future__ import annotations

import numpy as np
import pytest

from retrieval.cluster import choose_k as module
from retrieval.cluster.choose_k import TriedK, choose_k, tried_values
from retrieval.errors import UsageError
from tests.cluster.made import made_rows


@pytest.mark.parametrize("groups", [3, 5, 9])
def test_the_number_of_groups_that_are_there_is_chosen(groups: int) -> None:
    rows, _ = made_rows(groups, groups, each=30, dim=24)
    k, tried = choose_k(rows, 2, 12)
    assert k == groups
    assert [one.k for one in tried] == list(range(2, 13))
    found = next(one for one in tried if one.k == groups)
    assert found.stability > 0.9
    assert found.silhouette > 0.7


def test_groups_that_are_not_there_do_not_come_again() -> None:
    chance = np.random.default_rng(0)
    rows, _ = made_rows(1, 1, each=200, dim=24, spread=float(chance.uniform(0.3, 0.4)))
    _, tried = choose_k(rows, 6, 12)
    assert all(one.stability < 0.5 for one in tried)


def test_worth_is_silhouette_times_stability_and_never_rewards_two_evils() -> None:
    assert TriedK(k=2, silhouette=0.5, stability=0.5).worth == 0.25
    assert TriedK(k=2, silhouette=-0.5, stability=-0.5).worth == 0.0


def test_of_many_rows_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 90)
    rows, _ = made_rows(4, 4, each=100)
    k, tried = choose_k(rows, 2, 60)
    assert k == 4
    assert tried[-1].k == 30


def test_the_range_is_spread_by_ratio_with_both_ends() -> None:
    assert tried_values(2, 6) == [2, 3, 4, 5, 6]
    wide = tried_values(2, 60)
    assert (wide[0], wide[-1]) == (2, 60)
    assert len(wide) <= module.MOST_TRIED
    assert tried_values(5, 4) == []


def test_the_same_seed_gives_the_same_figures() -> None:
    rows, _ = made_rows(2, 3, each=20, spread=0.4)
    assert choose_k(rows, 2, 5, seed=3) == choose_k(rows, 2, 5, seed=3)


def test_fewer_directions_than_the_range_end_it() -> None:
    rows = np.repeat(np.eye(4, dtype=np.float32), 10, axis=0)
    _, tried = choose_k(rows, 2, 9)
    assert [one.k for one in tried] == [2, 3, 4]


@pytest.mark.parametrize(("low", "high"), [(1, 5), (5, 4), (30, 40)])
def test_what_cannot_be_is_refused(low: int, high: int) -> None:
    rows, _ = made_rows(1, 2, each=10)
    with pytest.raises(UsageError):
        choose_k(rows, low, high)


def test_documents_that_are_all_alike_are_refused() -> None:
    with pytest.raises(UsageError, match="too few different"):
        choose_k(np.ones((30, 1), dtype=np.float32), 2, 5)
