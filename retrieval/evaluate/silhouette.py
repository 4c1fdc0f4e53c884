"""How well documents fit their own group and how badly the next: the silhouette.

Rousseeuw (1987): ``s(x) = (b - a) / max(a, b)``; a: mean distance of x to the other members
of its group; b: the least, over other groups, of the mean distance of x to all members; 0
for the only member of a group, and where a = b = 0. In [-1, 1].

Everything is exact: each point is held against every row. To save time with Euclidean
distances, compute fewer points (``sampled_points``), never fewer rows on the other side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.results import ClusterSilhouette, SilhouetteFigure
from retrieval.vectors import FloatRows

MOST_SHOWN = 200
"""Values of a group that a figure keeps."""
_BLOCK_BYTES = 32 << 20
_NOTHING = 1e-13
"""Cosine distances below it are rounding of float64 sums: equal directions, distance 0."""
_CLOSE = 1e-9
"""Squared distances below this share of the squared lengths have lost digits."""


def cosine_silhouette(
    rows: FloatRows, groups: NDArray[np.integer], *, points: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Return silhouettes under cosine distance, exact at any size through group sums.

    The mean of ``1 - x.y`` over the members y of a group C is ``1 - x.sum(C) / |C|``, so a
    point costs one product a group instead of one a row. Lengths are taken from the rows,
    since a float32 row has length 1 only within 1e-7, which near duplicates would show.

    Args:
        rows: float32 (n, dim), unit rows. A zero row (an empty document) counts as at right
            angles to everything; leaving such rows out is the caller's matter.
        groups: Integers (n,), the group of each row; any numbers.
        points: int64 (m,), the rows whose silhouettes are wanted; None for all.

    Returns:
        float64 (m,), in [-1, 1].

    Raises:
        UsageError: Fewer than two groups, shapes that do not fit, or rows that are not finite.
    """
    own, sizes, chosen = _checked(rows, groups, points)
    count, dim = rows.shape
    sums = np.zeros((len(sizes), dim))
    order = np.argsort(own, kind="stable")
    step = _rows_of_a_block(dim)
    for start in range(0, count, step):
        at = order[start : start + step]
        block, present = _directions(rows[at]), own[at]
        first = np.flatnonzero(np.diff(present, prepend=-1))
        sums[present[first]] += np.add.reduceat(block, first, axis=0)
    values = np.empty(len(chosen))
    step = _rows_of_a_block(max(dim, len(sizes)))
    for start in range(0, len(chosen), step):
        at = chosen[start : start + step]
        block = _directions(rows[at])
        distances = sizes - block @ sums.T
        # a point is no other member of its group: its distance to itself was counted
        distances[np.arange(len(at)), own[at]] -= 1.0 - np.einsum("ij,ij->i", block, block)
        distances[distances < _NOTHING * sizes] = 0.0
        values[start : start + step] = _coefficients(distances, sizes, own[at])
    return values


def euclidean_silhouette(
    rows: NDArray[np.floating],
    groups: NDArray[np.integer],
    *,
    points: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return silhouettes under Euclidean distance, exact, in blocks of bounded memory.

    Args:
        rows: Floating (n, dim).
        groups: Integers (n,), the group of each row; any numbers.
        points: int64 (m,), the rows whose silhouettes are wanted; None for all. Time is
            m x n x dim; memory is one float64 copy of the rows and blocks of 32 MiB.

    Returns:
        float64 (m,), in [-1, 1].

    Raises:
        UsageError: Fewer than two groups, shapes that do not fit, or rows that are not finite.
    """
    own, sizes, chosen = _checked(rows, groups, points)
    order = np.argsort(own, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    wide = rows[order].astype(np.float64)
    # distances do not change with the origin; far from it every pair would count as close
    wide -= wide.mean(axis=0)
    squares = np.einsum("ij,ij->i", wide, wide)
    if not np.isfinite(squares).all():
        raise UsageError("Some rows hold NaN, infinity or numbers too large to square.")
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    values = np.empty(len(chosen))
    step = _rows_of_a_block(len(wide))
    for start in range(0, len(chosen), step):
        at = place[chosen[start : start + step]]
        distances = _distances(wide, squares, at)
        sums = np.add.reduceat(distances, starts, axis=1)
        values[start : start + step] = _coefficients(sums, sizes, own[order[at]])
    return values


def sampled_points(
    count: int, sample: int | None, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Choose the rows whose silhouettes to compute, each at most once.

    Args:
        count: Rows there are.
        sample: Rows wanted; None, or as many as there are, for all.
        generator: Chooses.

    Returns:
        int64 (min(sample, count),), ascending.

    Raises:
        UsageError: ``sample`` is below 1.
    """
    if sample is not None and sample < 1:
        raise UsageError(f"A sample of {sample} points was asked for; 1 is the least.")
    if sample is None or sample >= count:
        return np.arange(count, dtype=np.int64)
    return np.sort(generator.choice(count, sample, replace=False)).astype(np.int64)


def silhouette_figure(
    values: NDArray[np.float64],
    groups: NDArray[np.integer],
    names: Sequence[str],
    *,
    grouped_by: str,
    points: NDArray[np.int64] | None = None,
) -> SilhouetteFigure:
    """Return the figure of silhouettes: groups by name, their values sorted and thinned.

    Args:
        values: float64 (m,), what one of the functions above returned.
        groups: Integers (n,) from 0, the group of each row.
        names: The name of group g at place g.
        grouped_by: What the groups are, such as ``field label``.
        points: int64 (m,), the rows the values belong to; None for all. A group of which no
            row was sampled has no mean and is left out.

    Raises:
        UsageError: Values and points do not fit each other, or a group has no name.
    """
    shown = groups if points is None else groups[points]
    if len(shown) != len(values) or not len(values):
        raise UsageError(f"There are {len(values)} silhouettes of {len(shown)} points.")
    if groups.min() < 0 or groups.max() >= len(names):
        raise UsageError(
            f"Groups are numbered {groups.min()} to {groups.max()}, and there are"
            f" {len(names)} names for 0 to {len(names) - 1}."
        )
    sizes = np.bincount(groups, minlength=len(names))
    found = []
    for group in sorted(np.unique(shown).tolist(), key=lambda group: (names[group], group)):
        ordered = np.sort(values[shown == group])[::-1]
        kept = np.linspace(0, len(ordered) - 1, min(MOST_SHOWN, len(ordered))).round().astype(int)
        found.append(
            ClusterSilhouette(
                name=names[group],
                size=int(sizes[group]),
                mean=float(ordered.mean()),
                values=tuple(ordered[kept].tolist()),
            )
        )
    return SilhouetteFigure(grouped_by=grouped_by, mean=float(values.mean()), groups=tuple(found))


def _checked(
    rows: NDArray[np.floating], groups: NDArray[np.integer], points: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each row's group from 0, the groups' sizes, and the rows wanted."""
    if rows.ndim != 2 or groups.shape != rows.shape[:1] or groups.dtype.kind not in "iu":
        raise UsageError(
            f"Rows have the shape {rows.shape}, groups {groups.shape} of {groups.dtype};"
            " expected (n, dim) and integers (n,)."
        )
    _, own, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise UsageError(
            f"A silhouette compares groups, and there {_are(len(sizes))}.",
            fix="Group the documents by a field with at least two values.",
        )
    if points is None:
        return own, sizes, np.arange(len(rows))
    if points.ndim != 1 or (len(points) and not 0 <= points.min() <= points.max() < len(rows)):
        raise UsageError(f"Points are rows from 0 to {len(rows) - 1}, as integers (m,).")
    return own, sizes, points


def _are(count: int) -> str:
    return "is one group only" if count else "are no rows"


def _rows_of_a_block(columns: int) -> int:
    return max(1, _BLOCK_BYTES // (8 * max(columns, 1)))


def _directions(rows: FloatRows) -> NDArray[np.float64]:
    """Return rows in float64 with length 1; zero rows stay zero."""
    wide = rows.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    if not np.isfinite(lengths).all():
        raise UsageError("Some rows hold NaN or infinity.")
    lengths[lengths == 0.0] = 1.0
    wide /= lengths[:, np.newaxis]
    return wide


def _distances(
    rows: NDArray[np.float64], squares: NDArray[np.float64], at: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return distances of some rows to all, float64 (m, n).

    ``|x - y|^2 = |x|^2 + |y|^2 - 2 x.y`` is fast and loses digits where x and y are close;
    those few pairs are taken by their difference.
    """
    lengths = squares[at][:, np.newaxis] + squares
    found = rows[at] @ rows.T
    found *= -2.0
    found += lengths
    lengths *= _CLOSE
    one, other = np.nonzero(found <= lengths)
    step = _rows_of_a_block(rows.shape[1])
    for start in range(0, len(one), step):
        a, b = one[start : start + step], other[start : start + step]
        apart = rows[at[a]] - rows[b]
        found[a, b] = np.einsum("ij,ij->i", apart, apart)
    return np.sqrt(found, out=found)


def _coefficients(
    sums: NDArray[np.float64], sizes: NDArray[np.int64], own: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return silhouettes from each point's summed distances to each group.

    Args:
        sums: float64 (m, groups); the point itself adds nothing to its own group's.
        sizes: int64 (groups,).
        own: int64 (m,), the points' groups.
    """
    at = np.arange(len(own))
    within = sums[at, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[at, own] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    values = np.zeros(len(own))
    np.divide(nearest - within, larger, out=values, where=larger > 0.0)
    values[sizes[own] == 1] = 0.0
    return values
