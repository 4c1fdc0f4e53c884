"""Places on a plane: where documents that are near in meaning come to lie near.

First the two principal components, then a refinement that pulls each row towards its nearest
neighbours and pushes it from rows drawn at random, with the forces of Tang et al. (2016) for
the similarity ``1 / (1 + d^2)``: ``-2 v / (1 + d^2)`` from a neighbour, ``2 v / ((0.01 + d^2)
(1 + d^2))`` from a random row; v: the difference of two places, d its length. All rows move at
once, by averages, a little less each round. Distances between far groups mean little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.vectors import FloatRows

Places = NDArray[np.float64]
"""float64 (n, 2)."""

NEIGHBOURS = 10
ROUNDS = 200
_PUSHED_FROM = 5
_STRONGEST = 4.0
_COMPONENTS = 50
_BLOCK_ROWS = 1024


def places_of(rows: FloatRows, *, seed: int = 0, rounds: int = ROUNDS) -> Places:
    """Return a place on the plane for each row.

    Args:
        rows: float32 (n, dim), unit rows.
        seed: Of the rows drawn at random.
        rounds: Rounds of refinement; 0 for the principal components alone.

    Returns:
        float64 (n, 2), in [0, 1] either way; 0.5 where all rows agree.
    """
    if len(rows) < 3:
        return np.linspace(0.25, 0.75, max(len(rows), 1))[: len(rows), np.newaxis].repeat(2, 1)
    components = principal_components(rows, min(_COMPONENTS, *rows.shape))
    places = components[:, :2].astype(np.float64)
    if places.shape[1] < 2:
        places = np.column_stack([places, np.zeros(len(rows))])
    if rounds and len(rows) > NEIGHBOURS:
        places = _refined(places, neighbours_of(components, NEIGHBOURS), seed, rounds)
    return _within(places)


def principal_components(rows: FloatRows, count: int) -> FloatRows:
    """Return rows in their first principal components: float32 (n, count).

    The sign of each is such that its largest loading is positive.
    """
    centred: FloatRows = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = vectors[:, ::-1][:, :count]
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(count)])
    found: FloatRows = centred @ (axes * signs).astype(np.float32)
    return found


def neighbours_of(rows: FloatRows, count: int) -> NDArray[np.int64]:
    """Return the nearest other rows of each by Euclidean distance: int64 (n, count), no order."""
    squares = np.einsum("ij,ij->i", rows, rows)
    found = np.empty((len(rows), count), dtype=np.int64)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = rows[start : start + _BLOCK_ROWS]
        distances = squares - 2.0 * (block @ rows.T)
        distances[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        found[start : start + len(block)] = np.argpartition(distances, count, axis=1)[:, :count]
    return found


def _refined(places: Places, near: NDArray[np.int64], seed: int, rounds: int) -> Places:
    chance = np.random.default_rng([seed, 3])
    count = len(places)
    spread = places.std(axis=0).max()
    # jitter tells equal rows apart; the width is one on which the forces act
    places = places / (spread or 1.0) * 5.0 + chance.normal(size=places.shape) * 1e-3
    for number in range(rounds):
        step = 1.0 - number / rounds
        pulled = places[:, np.newaxis] - places[near]
        squares = np.einsum("ijk,ijk->ij", pulled, pulled)[:, :, np.newaxis]
        move = (-2.0 * pulled / (1.0 + squares)).mean(axis=1)
        others = chance.integers(0, count, (count, _PUSHED_FROM))
        pushed = places[:, np.newaxis] - places[others]
        squares = np.einsum("ijk,ijk->ij", pushed, pushed)[:, :, np.newaxis]
        forces = 2.0 * pushed / ((0.01 + squares) * (1.0 + squares))
        move += np.clip(forces, -_STRONGEST, _STRONGEST).mean(axis=1)
        places = places + step * move
    return places


def _within(places: Places) -> Places:
    """Scale places into [0, 1], the same either way, and spread them to fill the plane.

    Each coordinate is the mean of its value and its rank, so that a group far from all the
    others does not squeeze these into a corner; order along both axes stays.
    """
    low, high = np.quantile(places, [0.002, 0.998], axis=0)
    middle, width = (low + high) / 2, float((high - low).max())
    if width == 0.0:
        return np.full_like(places, 0.5)
    scaled: Places = np.clip((places - middle) / width * 0.94 + 0.5, 0.0, 1.0)
    ranks = np.argsort(np.argsort(places, axis=0, kind="stable"), axis=0, kind="stable")
    return (scaled + ranks / (len(places) - 1)) / 2
