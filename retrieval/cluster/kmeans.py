"""Spherical k-means: groups of directions, each as near as can be to the mean of its own.

Dhillon and Modha (2001): with unit rows x and clusters C, maximise ``sum over C of
|sum of x in C|``, by turns giving each row to the centroid of the largest cosine and
each centroid the direction of its rows' sum. Inertia here is ``n - sum over C of |sum of x
in C|``: the sum of cosine distances of rows to their centroids; lower is better.

Products are float32 and fast; a row whose best centroids are within a margin is settled by
float64 sums of a fixed order, and sums of rows are float64. So the same seed gives the same
clusters whatever the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.vectors import FloatRows, unit_rows

DEFAULT_RESTARTS = 4
MOST_ITERATIONS = 100
MARGIN = 1e-5
"""Above the error of a float32 inner product of unit vectors, by an order of magnitude."""
_SAMPLE_ROWS = 6144
_SAMPLE_ROWS_A_CLUSTER = 64
"""Rows that a start is refined on: at least the first, and so many for each cluster."""
_SEED_ROWS = 2048
_SEED_ROWS_A_CLUSTER = 24
"""The same for drawing first centroids."""
ENOUGH = 1e-4
"""The final run ends when an iteration gains less than this share of inertia.

On the abstracts of SciFact a tenth of it lowers inertia by 0.05 %, for a tenth more time; on
36,900 headlines by 0.14 %, for half as much time again.
"""
ENOUGH_TO_COMPARE = 1e-3
"""The same for refining a start, which the final run goes on from."""
_SAME = 1e-6
"""Cosine distance below which two rows are one direction."""
_BLOCK_ROWS = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Rows in clusters, numbered from 0 by size descending, then by their first row.

    Attributes:
        groups: int64 (n,), the cluster of each row.
        centroids: float32 (k, dim), unit rows: the direction of each cluster's sum.
        inertia: Sum of cosine distances of rows to their centroids; lower is better.
    """

    groups: NDArray[np.int64]
    centroids: FloatRows
    inertia: float

    @property
    def k(self) -> int:
        """Number of clusters."""
        return len(self.centroids)


def spherical_kmeans(
    rows: FloatRows, k: int, *, seed: int = 0, restarts: int = DEFAULT_RESTARTS
) -> Clusters:
    """Cluster rows by direction.

    Each restart draws its first centroids with k-means++ (Arthur and Vassilvitskii, 2007)
    under cosine distance, several draws a step. On many rows it is refined on a random sample
    first, as Bradley and Fayyad (1998) do; the restart whose centroids serve all rows best
    is run to its end on all of them.

    Args:
        rows: float32 (n, dim), unit rows.
        k: Clusters, from 2 to n.
        seed: Of every draw, at least 0.
        restarts: First centroids tried, at least 1.

    Raises:
        UsageError: k, seed or restarts cannot be, or the rows have fewer than k directions.
    """
    if k < 2:
        raise UsageError(f"k is {k}; at least 2 clusters make a grouping.")
    if k > len(rows):
        raise UsageError(
            f"k is {k}, and there are {len(rows):,} documents; a cluster has at least one.",
            fix=f"Choose a k of at most {len(rows):,}." if len(rows) > 1 else "",
        )
    found = best_clusters(rows, k, seed=seed, restarts=restarts)
    if found.k < k:
        raise UsageError(
            f"k is {k}, and only {found.k:,} clusters can be told apart: the other documents"
            " have the vectors of documents in these.",
            fix=f"Choose a k of at most {found.k:,}.",
        )
    return found


def best_clusters(
    rows: FloatRows, k: int, *, seed: int, restarts: int, enough: float = ENOUGH
) -> Clusters:
    """Cluster rows as ``spherical_kmeans`` does; fewer clusters where directions are fewer.

    Args:
        rows: float32 (n, dim), unit rows, n at least 1.
        k: Clusters wanted, at least 1.
        seed: Of every draw, at least 0.
        restarts: First centroids tried, at least 1.
        enough: The final run ends when an iteration gains less than this share of inertia.

    Raises:
        UsageError: The seed or the restarts cannot be.
    """
    if restarts < 1:
        raise UsageError(f"There are {restarts} restarts; at least 1 is needed.")
    if seed < 0:
        raise UsageError(f"The seed is {seed}; it cannot be negative.")
    size = max(_SAMPLE_ROWS, k * _SAMPLE_ROWS_A_CLUSTER)
    best, best_score = rows[:k], -np.inf
    for number in range(restarts):
        chance = np.random.default_rng([seed, number])
        if size < len(rows):
            sample = rows[np.sort(chance.choice(len(rows), size, replace=False))]
        else:
            sample = rows
        first = _first_centroids(sample, k, chance)
        _, centroids, score = _lloyd(sample, first, enough=ENOUGH_TO_COMPARE)
        if sample is not rows:
            score = float(nearest_centroids(rows, centroids)[1].sum(dtype=np.float64))
        # by more than rounding, so that the bits of a float32 product choose no winner
        if score > best_score + _SAME * len(rows):
            best, best_score = centroids, score
    return _numbered(rows, _lloyd(rows, best, enough=enough)[0])


def nearest_centroids(
    rows: FloatRows, centroids: FloatRows
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the nearest centroid of each row, and the cosine to it; of equal ones the first.

    Args:
        rows: float32 (n, dim), unit rows.
        centroids: float32 (k, dim), unit rows.

    Returns:
        int64 (n,) and float32 (n,).
    """
    groups = np.empty(len(rows), dtype=np.int64)
    scores = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS]
        products = block @ centroids.T
        own = products.argmax(axis=1)
        best = products[np.arange(len(block)), own]
        near = products >= (best - MARGIN)[:, np.newaxis]
        unsure = np.flatnonzero(near.sum(axis=1) > 1)
        if len(unsure):
            own[unsure] = _settled(block[unsure], centroids, near[unsure])
        groups[start : start + len(block)] = own
        scores[start : start + len(block)] = best
    return groups, scores


def inertia_of(rows: FloatRows, groups: NDArray[np.int64]) -> float:
    """Return the inertia of any grouping: ``sum of |x| - sum over C of |sum of x in C|``.

    The one formula for comparisons, computed from the assignment alone.

    Args:
        rows: float32 (n, dim), unit rows.
        groups: int64 (n,), from 0.
    """
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    sums = _sums(rows, groups, int(groups.max()) + 1)
    return max(0.0, float(lengths.sum() - _lengths(sums).sum()))


def _settled(rows: FloatRows, centroids: FloatRows, near: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the nearest centroid of each row among those near, by float64 sums."""
    at, which = np.nonzero(near)
    exact = np.empty(len(at))
    for start in range(0, len(at), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        block = rows[at[part]].astype(np.float64)
        np.multiply(block, centroids[which[part]], out=block)
        exact[part] = block.sum(axis=1)
    order = np.lexsort((which, -exact, at))
    first = np.flatnonzero(np.diff(at[order], prepend=-1))
    nearest: NDArray[np.int64] = which[order[first]]
    return nearest


def _first_centroids(rows: FloatRows, k: int, chance: np.random.Generator) -> FloatRows:
    """Draw k rows, each with a probability that grows with its distance to those before.

    Of several draws a step, the one that brings all rows nearest is kept (greedy
    k-means++). On many rows a part of them is drawn from.
    """
    size = max(_SEED_ROWS, k * _SEED_ROWS_A_CLUSTER)
    if size < len(rows):
        rows = rows[np.sort(chance.choice(len(rows), size, replace=False))]
    draws = 2 + int(np.log(k))
    chosen = [int(chance.integers(len(rows)))]
    distances = _distances(rows, chosen[0])
    while len(chosen) < k:
        reached = np.cumsum(distances)
        if reached[-1] == 0.0:
            break
        drawn = np.searchsorted(reached, chance.random(draws) * reached[-1], side="right")
        tried = np.minimum(drawn, len(rows) - 1).tolist()
        after = [np.minimum(distances, _distances(rows, row)) for row in tried]
        best = int(np.argmin([one.sum() for one in after]))
        chosen.append(tried[best])
        distances = after[best]
    return rows[chosen]


def _distances(rows: FloatRows, row: int) -> NDArray[np.float64]:
    """Return the cosine distance of each row to one of them, 0 where they are the same."""
    # einsum, not a matrix product: its bits do not depend on the number of threads
    distances: NDArray[np.float64] = 1.0 - np.einsum("ij,j->i", rows, rows[row]).astype(np.float64)
    distances[distances < _SAME] = 0.0
    return distances


def _lloyd(
    rows: FloatRows, centroids: FloatRows, *, enough: float
) -> tuple[NDArray[np.int64], FloatRows, float]:
    """Move centroids until they stay; return groups, centroids and the sum of cosines."""
    k = len(centroids)
    groups = np.full(len(rows), -1, dtype=np.int64)
    sums = np.zeros((k, rows.shape[1]))
    total = 0.0
    for _ in range(MOST_ITERATIONS):
        found, scores = nearest_centroids(rows, centroids)
        _fill_empty(found, scores, k)
        moved = np.flatnonzero(found != groups)
        if not len(moved):
            break
        if len(moved) > len(rows) // 4:
            sums = _sums(rows, found, k)
        else:
            sums += _sums(rows[moved], found[moved], k) - _sums(rows[moved], groups[moved], k)
        groups, before = found, total
        lengths = _lengths(sums)
        total = float(lengths.sum())
        held = lengths > 0.0
        centroids = np.where(held[:, np.newaxis], unit_rows(sums), centroids)
        if total - before <= enough * (len(rows) - total):
            break
    return groups, centroids, total


def _fill_empty(groups: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> None:
    """Give each empty cluster the row that is farthest from its centroid, if one is far."""
    sizes = np.bincount(groups, minlength=k)
    empty = np.flatnonzero(sizes == 0)
    if not len(empty):
        return
    # rounded, so that the last bits of a float32 product order nothing
    far = np.argsort(scores.round(4), kind="stable")
    taken = 0
    for row in far.tolist():
        if taken == len(empty) or scores[row] > 1.0 - _SAME:
            break
        if sizes[groups[row]] > 1:
            sizes[groups[row]] -= 1
            groups[row] = empty[taken]
            taken += 1


def _sums(rows: FloatRows, groups: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Return the sum of each cluster's rows: float64 (k, dim), in order of rows."""
    sums = np.zeros((k, rows.shape[1]))
    for start in range(0, len(rows), _BLOCK_ROWS):
        own = groups[start : start + _BLOCK_ROWS]
        order = np.argsort(own, kind="stable")
        first = np.flatnonzero(np.diff(own[order], prepend=-1))
        block = rows[start : start + _BLOCK_ROWS][order]
        sums[own[order[first]]] += np.add.reduceat(block, first, axis=0, dtype=np.float64)
    return sums


def _lengths(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", sums, sums))
    return lengths


def _numbered(rows: FloatRows, groups: NDArray[np.int64]) -> Clusters:
    """Number the clusters that hold rows, by size descending, then by first row."""
    names, first, own, sizes = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -sizes))
    number = np.empty(len(names), dtype=np.int64)
    number[order] = np.arange(len(names))
    numbered = number[own]
    sums = _sums(rows, numbered, len(names))
    return Clusters(groups=numbered, centroids=unit_rows(sums), inertia=inertia_of(rows, numbered))
