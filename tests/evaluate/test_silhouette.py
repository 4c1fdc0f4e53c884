from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.silhouette import (
    MOST_SHOWN,
    cosine_silhouette,
    euclidean_silhouette,
    sampled_points,
    silhouette_figure,
)
from retrieval.vectors import FloatRows, unit_rows

Silhouette: TypeAlias = Callable[..., NDArray[np.float64]]


def grouped(count: int, dim: int, groups: int, seed: int) -> tuple[FloatRows, NDArray[np.int64]]:
    chance = np.random.default_rng(seed)
    own = chance.integers(0, groups, count)
    centres = chance.normal(size=(groups, dim))
    return unit_rows(centres[own] + chance.normal(size=(count, dim))), own


def cosine(x: list[float], y: list[float]) -> float:
    product = sum(a * b for a, b in zip(x, y, strict=True))
    lengths = math.hypot(*x) * math.hypot(*y)
    return 1.0 - (product / lengths if lengths else 0.0)


def written_out(
    rows: NDArray[np.floating], groups: NDArray[np.int64], *, euclidean: bool
) -> list[float]:
    distance = math.dist if euclidean else cosine
    values = []
    for at, row in enumerate(rows.tolist()):
        members: dict[int, list[float]] = {}
        for other, group in enumerate(groups.tolist()):
            if other != at:
                members.setdefault(group, []).append(distance(row, rows[other].tolist()))
        own = members.pop(int(groups[at]), [])
        if not own:
            values.append(0.0)
            continue
        a = sum(own) / len(own)
        b = min(sum(one) / len(one) for one in members.values())
        values.append((b - a) / max(a, b))
    return values


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("euclidean", [False, True])
def test_silhouettes_equal_their_formula(seed: int, euclidean: bool) -> None:
    rows, groups = grouped(60, 5, 2 + seed, seed)
    rows[7] = 0.0
    found = (euclidean_silhouette if euclidean else cosine_silhouette)(rows, groups)
    assert found == pytest.approx(written_out(rows, groups, euclidean=euclidean), abs=1e-9)


def test_a_single_member_scores_zero() -> None:
    rows, groups = grouped(20, 4, 3, 1)
    groups[5] = 99
    assert cosine_silhouette(rows, groups)[5] == 0.0
    assert euclidean_silhouette(rows, groups)[5] == 0.0


def test_groups_of_copies_are_perfect_though_sums_round() -> None:
    rows = np.repeat(grouped(3, 50, 3, 2)[0], 40, axis=0)
    groups = np.repeat(np.arange(3), 40)
    assert cosine_silhouette(rows, groups).tolist() == [1.0] * 120
    assert euclidean_silhouette(rows, groups).tolist() == [1.0] * 120


def test_copies_of_one_row_score_zero() -> None:
    rows = np.repeat(grouped(1, 50, 1, 3)[0], 30, axis=0)
    groups = np.arange(30) % 2
    assert not cosine_silhouette(rows, groups).any()
    assert not euclidean_silhouette(rows, groups).any()


def test_near_copies_keep_their_digits() -> None:
    """Distances of 1e-6 around rows of length 1 vanish in ``|x|^2 + |y|^2 - 2 x.y``."""
    chance = np.random.default_rng(4)
    offsets = chance.normal(size=(40, 3)) * 1e-7
    rows = np.array([1.0, 2.0, 3.0]) * (1 - 2 * (np.arange(40) % 2))[:, np.newaxis] + offsets
    groups = np.arange(40) // 2 % 2
    wanted = written_out(rows, groups, euclidean=True)
    assert euclidean_silhouette(rows, groups) == pytest.approx(wanted, abs=1e-6)


def test_rows_far_from_the_origin_keep_their_digits() -> None:
    rows, groups = grouped(50, 3, 3, 5)
    far = rows.astype(np.float64) + 1e6
    wanted = written_out(far, groups, euclidean=True)
    assert euclidean_silhouette(far, groups) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("silhouette", [cosine_silhouette, euclidean_silhouette])
def test_rows_of_several_blocks_are_all_counted(silhouette: Silhouette) -> None:
    rows, groups = grouped(5000, 900, 4, 6)
    points = np.array([0, 1, 2499, 4700, 4999])
    wide = rows.astype(np.float64)
    apart = wide[points][:, np.newaxis] - wide
    distances = np.einsum("ijk,ijk->ij", apart, apart)
    distances = np.sqrt(distances) if silhouette is euclidean_silhouette else distances / 2
    sizes = np.bincount(groups)
    whole = silhouette(rows, groups)
    for at, point in enumerate(points):
        means = np.bincount(groups, weights=distances[at]) / sizes
        own = groups[point]
        within = means[own] * sizes[own] / (sizes[own] - 1)
        nearest = np.delete(means, own).min()
        wanted = (nearest - within) / max(nearest, within)
        assert whole[point] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("silhouette", [cosine_silhouette, euclidean_silhouette])
def test_sampled_points_are_held_against_every_row(silhouette: Silhouette) -> None:
    rows, groups = grouped(300, 6, 4, 7)
    points = sampled_points(300, 25, np.random.default_rng(0))
    found = silhouette(rows, groups, points=points)
    assert found == pytest.approx(silhouette(rows, groups)[points])


def test_points_are_drawn_once_each_and_by_the_generator_alone() -> None:
    one = sampled_points(100, 30, np.random.default_rng(8))
    assert len(set(one.tolist())) == 30
    assert one.tolist() == sorted(one.tolist())
    assert one.tolist() == sampled_points(100, 30, np.random.default_rng(8)).tolist()
    assert one.tolist() != sampled_points(100, 30, np.random.default_rng(9)).tolist()
    assert sampled_points(5, 30, np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]
    assert sampled_points(5, None, np.random.default_rng(0)).tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(UsageError, match="0 points"):
        sampled_points(5, 0, np.random.default_rng(0))


def test_what_groups_are_called_is_no_matter() -> None:
    rows, groups = grouped(80, 4, 3, 9)
    named = np.array([70, -3, 12])[groups]
    assert cosine_silhouette(rows, named) == pytest.approx(cosine_silhouette(rows, groups))


@pytest.mark.parametrize("silhouette", [cosine_silhouette, euclidean_silhouette])
def test_input_that_has_no_silhouette_is_refused(silhouette: Silhouette) -> None:
    rows, groups = grouped(10, 4, 2, 10)
    for bad, match in (
        ((rows, np.zeros(10, dtype=int)), "one group only"),
        ((rows[:0], groups[:0]), "no rows"),
        ((rows, groups[:9]), r"\(10, 4\), groups \(9,\)"),
        ((rows, groups.astype(float)), "float64"),
        ((np.full_like(rows, np.nan), groups), "NaN"),
    ):
        with pytest.raises(UsageError, match=match):
            silhouette(*bad)
    with pytest.raises(UsageError, match="from 0 to 9"):
        silhouette(rows, groups, points=np.array([10]))


def test_the_figure_has_each_group_by_name_with_its_values_descending() -> None:
    values = np.array([0.1, 0.5, -0.2, 0.3])
    found = silhouette_figure(values, np.array([1, 0, 1, 1]), ["b", "a"], grouped_by="field label")
    assert found.mean == pytest.approx(0.175)
    assert [(one.name, one.size, one.values) for one in found.groups] == [
        ("a", 3, (0.3, 0.1, -0.2)),
        ("b", 1, (0.5,)),
    ]
    assert found.groups[0].mean == pytest.approx(0.2 / 3)


def test_large_groups_are_thinned_evenly_and_keep_their_ends() -> None:
    values = np.linspace(-1.0, 1.0, 1991)
    groups = np.zeros(1991, dtype=int)
    (one,) = silhouette_figure(values, groups, ["a"], grouped_by="g").groups
    assert one.size == 1991
    assert len(one.values) == MOST_SHOWN
    assert one.values == pytest.approx(np.linspace(1.0, -1.0, MOST_SHOWN), abs=1e-9)


def test_a_sample_keeps_the_sizes_of_groups_and_leaves_out_unseen_ones() -> None:
    found = silhouette_figure(
        np.array([0.5]), np.array([0, 0, 1]), ["a", "b"], grouped_by="g", points=np.array([1])
    )
    assert [(one.name, one.size) for one in found.groups] == [("a", 2)]


def test_figures_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="2 silhouettes of 3 points"):
        silhouette_figure(np.zeros(2), np.array([0, 0, 0]), ["a"], grouped_by="g")
    with pytest.raises(UsageError, match="1 names"):
        silhouette_figure(np.zeros(2), np.array([0, 1]), ["a"], grouped_by="g")
