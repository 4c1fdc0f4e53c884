from __future__ import annotations

import numpy as np
import pytest

from retrieval.cluster.projection import neighbours_of, places_of, principal_components
from tests.cluster.made import made_rows


def share_kept(rows: np.ndarray, places: np.ndarray) -> float:
    """Return the share of the ten nearest rows that are among the ten nearest places."""
    near, there = neighbours_of(rows, 10), neighbours_of(places.astype(np.float32), 10)
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(near, there, strict=True)]))


def test_refinement_keeps_more_neighbours_than_components_alone() -> None:
    rows, own = made_rows(1, groups=12, each=40, dim=32, spread=0.2)
    alone, refined = places_of(rows, rounds=0), places_of(rows)
    assert share_kept(rows, refined) > 1.2 * share_kept(rows, alone)
    near = neighbours_of(refined.astype(np.float32), 5)
    assert (own[near] == own[:, np.newaxis]).mean() > 0.95


def test_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    rows, _ = made_rows(3, groups=4, each=30, dim=12)
    ours, theirs = principal_components(rows, 3), PCA(3).fit_transform(rows.astype(np.float64))
    signs = np.sign((ours * theirs).sum(axis=0))
    assert ours * signs == pytest.approx(theirs, abs=1e-4)


def test_neighbours_are_the_nearest_others(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, _ = made_rows(4, groups=3, each=20)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    monkeypatch.setattr("retrieval.cluster.projection._BLOCK_ROWS", 7)
    for found, row in zip(neighbours_of(rows, 4), distances, strict=True):
        assert set(found) == set(np.argsort(row)[:4])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 11, 40])
def test_places_are_within_the_map_whatever_the_number(count: int) -> None:
    rows, _ = made_rows(2, groups=1, each=max(count, 1))
    places = places_of(rows[:count])
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()
    assert ((places >= 0) & (places <= 1)).all()


def test_rows_that_agree_have_places_too() -> None:
    places = places_of(np.ones((30, 1), dtype=np.float32))
    assert np.isfinite(places).all()
    assert ((places >= 0) & (places <= 1)).all()


def test_the_same_seed_gives_the_same_places() -> None:
    rows, _ = made_rows(5, groups=3, each=20)
    assert np.array_equal(places_of(rows, seed=4), places_of(rows, seed=4))
