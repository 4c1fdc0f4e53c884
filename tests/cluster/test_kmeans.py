from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.cluster import kmeans
from retrieval.cluster.kmeans import inertia_of, nearest_centroids, spherical_kmeans
from retrieval.errors import UsageError
from retrieval.evaluate.agreement import agreement
from retrieval.vectors import exact_scores, unit_rows
from tests.cluster.made import made_rows


@pytest.mark.parametrize("seed", range(12))
def test_groups_that_are_there_are_found(seed: int) -> None:
    rows, own = made_rows(seed, groups=7, each=40)
    found = spherical_kmeans(rows, 7, seed=seed)
    assert agreement(own, found.groups).adjusted_rand == 1.0
    assert found.k == 7


def test_groups_are_found_from_a_sample_of_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kmeans, "_SAMPLE_ROWS", 100)
    monkeypatch.setattr(kmeans, "_SAMPLE_ROWS_A_CLUSTER", 10)
    monkeypatch.setattr(kmeans, "_SEED_ROWS", 50)
    monkeypatch.setattr(kmeans, "_SEED_ROWS_A_CLUSTER", 5)
    monkeypatch.setattr(kmeans, "_BLOCK_ROWS", 64)
    rows, own = made_rows(3, groups=6, each=80)
    assert agreement(own, spherical_kmeans(rows, 6).groups).adjusted_rand == 1.0


def test_inertia_is_the_sum_of_cosine_distances_to_the_centroids() -> None:
    rows, _ = made_rows(1, groups=5, each=30, spread=0.4)
    found = spherical_kmeans(rows, 5)
    by_hand = sum(
        float((1.0 - exact_scores(rows[found.groups == at], found.centroids[at])).sum())
        for at in range(5)
    )
    assert found.inertia == pytest.approx(by_hand, abs=1e-4)
    assert found.inertia == inertia_of(rows, found.groups)


@pytest.mark.parametrize("seed", range(3))
def test_inertia_is_no_worse_than_scikit_learns(seed: int) -> None:
    from sklearn.cluster import KMeans

    rows, _ = made_rows(seed, groups=20, each=40, dim=24, spread=0.5)
    ours = spherical_kmeans(rows, 12, seed=seed, restarts=8)
    theirs = KMeans(12, n_init=8, random_state=seed).fit(rows).labels_.astype(np.int64)
    assert ours.inertia <= inertia_of(rows, theirs) * 1.01


def test_each_row_is_nearest_to_the_centroid_of_its_own() -> None:
    rows, _ = made_rows(2, groups=4, each=50, spread=0.05)
    found = spherical_kmeans(rows, 4)
    assert np.array_equal(nearest_centroids(rows, found.centroids)[0], found.groups)


def test_clusters_are_numbered_by_size_then_by_first_row() -> None:
    axes = np.eye(4, dtype=np.float32)
    rows = axes[[3, 1, 1, 0, 2, 2, 0]]
    assert spherical_kmeans(rows, 4).groups.tolist() == [3, 0, 0, 1, 2, 2, 1]


def test_numbers_do_not_depend_on_the_seed_where_clusters_are_clear() -> None:
    rows, _ = made_rows(9, groups=5, each=20, spread=0.02)
    first = spherical_kmeans(rows, 5, seed=0).groups
    assert all(np.array_equal(spherical_kmeans(rows, 5, seed=at).groups, first) for at in (1, 2))


def test_equal_centroids_give_the_first() -> None:
    rows = np.eye(3, dtype=np.float32)
    groups, scores = nearest_centroids(rows, rows[[1, 0, 1, 2]])
    assert groups.tolist() == [1, 0, 3]
    assert scores.tolist() == [1.0, 1.0, 1.0]


def test_near_ties_are_settled_by_exact_scores() -> None:
    rows, _ = made_rows(6, groups=3, each=40, dim=384, spread=0.5)
    nudged = np.nextafter(rows[:1], np.float32(1)), np.nextafter(rows[:1], np.float32(-1))
    centroids = np.concatenate([rows[:1], *nudged, rows[1:2]])
    exact = np.stack([exact_scores(rows, one) for one in centroids], axis=1)
    assert np.array_equal(nearest_centroids(rows, centroids)[0], exact.argmax(axis=1))


def test_a_cluster_that_runs_empty_is_given_a_far_row() -> None:
    rows = unit_rows(np.array([[1, 0, 0], [1, 0.01, 0], [0, 1, 0], [0, 0, 1]], dtype=float))
    groups, _, _ = kmeans._lloyd(rows, rows[[0, 0, 0]], enough=0.0)
    assert len(set(groups.tolist())) == 3


@pytest.mark.parametrize("threads", ["2"])
def test_the_number_of_threads_changes_nothing(tmp_path: Path, threads: str) -> None:
    script = (
        "import hashlib; from tests.cluster.made import made_rows;"
        "from retrieval.cluster.kmeans import spherical_kmeans as f;"
        "rows, _ = made_rows(4, groups=30, each=60, dim=384, spread=0.6);"
        "c = f(rows, 12, seed=5);"
        "print(hashlib.sha256(c.groups.tobytes() + c.centroids.tobytes()).hexdigest())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[2],
            env={"OPENBLAS_NUM_THREADS": number, "OMP_NUM_THREADS": number, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("1", threads)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("k", "options", "said"),
    [
        (1, {}, "at least 2"),
        (6, {}, "at most 5"),
        (3, {"seed": -1}, "negative"),
        (3, {"restarts": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_is_refused(k: int, options: dict[str, int], said: str) -> None:
    rows, _ = made_rows(1, groups=1, each=5)
    with pytest.raises(UsageError) as raised:
        spherical_kmeans(rows, k, **options)
    assert said in str(raised.value)


def test_more_clusters_than_different_documents_are_refused() -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 1, 2, 0, 1, 2, 2]]
    assert spherical_kmeans(rows, 3).inertia == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(UsageError, match="only 3 clusters"):
        spherical_kmeans(rows, 4)


def test_no_rows_have_no_clusters() -> None:
    with pytest.raises(UsageError, match="0 documents"):
        spherical_kmeans(np.zeros((0, 4), dtype=np.float32), 2)
