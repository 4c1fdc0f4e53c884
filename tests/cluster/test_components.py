from __future__ import annotations

import numpy as np
import pytest

from retrieval.cluster.components import Components


def groups(components: Components) -> list[list[int]]:
    return [one.tolist() for one in components.groups()]


def test_rows_hang_together_through_others() -> None:
    components = Components(6)
    components.join(np.array([4, 0]), np.array([2, 4]))
    components.join(np.array([5]), np.array([1]))
    assert groups(components) == [[0, 2, 4], [1, 5]]


def test_rows_alone_are_no_group_and_size_comes_first() -> None:
    components = Components(5)
    assert groups(components) == []
    components.join(np.array([0, 2, 3]), np.array([1, 3, 4]))
    assert groups(components) == [[2, 3, 4], [0, 1]]


@pytest.mark.parametrize("seed", range(20))
def test_the_groups_are_those_of_scipy(seed: int) -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    chance = np.random.default_rng(seed)
    count = 60
    one, other = chance.integers(0, count, (2, 45))
    components = Components(count)
    for start in range(0, 45, 7):
        components.join(one[start : start + 7], other[start : start + 7])
    graph = coo_array((np.ones(45), (one, other)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    theirs = {tuple(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}
    assert {tuple(one) for one in groups(components)} == {one for one in theirs if len(one) > 1}


def test_a_long_chain_is_one_group() -> None:
    components = Components(1000)
    order = np.random.default_rng(1).permutation(1000)
    components.join(order[:-1], order[1:])
    assert len(components.groups()[0]) == 1000
