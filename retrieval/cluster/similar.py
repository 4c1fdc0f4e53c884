"""The most similar pairs among all: exact, in blocks, memory bounded.

Matrix products in float32 find the candidates; one float64 kernel settles every score that
is shown and every one within a margin of a border. So neither block size nor threads change
what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.components import Components
from retrieval.errors import UsageError
from retrieval.vectors import FloatRows

MARGIN = 1e-5
"""Above the error of a float32 inner product of unit vectors, by an order of magnitude."""
BLOCK_ROWS = 1024
_MOST_HELD = 1 << 21
"""Candidates held before the best are settled: 50 MB."""
_SCORED_AT_ONCE = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of rows, by score descending, then by first and second row.

    Attributes:
        first: int64 (m,), the lower row of each.
        second: int64 (m,), the higher row.
        scores: float64 (m,), cosine similarities.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scores)


def most_similar_pairs(
    rows: FloatRows,
    k: int,
    *,
    least: float = -1.0,
    components: Components | None = None,
    followed: Callable[[int], None] = lambda _: None,
    block_rows: int = BLOCK_ROWS,
) -> Pairs:
    """Find the k most similar of all n (n - 1) / 2 pairs of rows.

    Args:
        rows: float32 (n, dim), unit rows.
        k: Pairs wanted, at least 1.
        least: Score a pair has at least.
        components: Joins every pair of at least that score, not only the k best.
        followed: Told how many rows are done.
        block_rows: Rows of a block on either side; results do not depend on it.

    Returns:
        At most k pairs.

    Raises:
        UsageError: k < 1, or ``least`` is not in [-1, 1].
    """
    if k < 1:
        raise UsageError(f"k is {k}; at least 1 pair has to be asked for.")
    if not -1.0 <= least <= 1.0:
        raise UsageError(f"The least score is {least}; a cosine similarity lies in [-1, 1].")
    held: list[Pairs] = []
    border, count = least, 0
    for start, begin, products in _blocks(rows, block_rows):
        if begin == start:
            followed(start)
        floor = least if components is not None else border
        at = np.flatnonzero(products.ravel() >= np.float32(floor - MARGIN))
        if not len(at):
            continue
        width = products.shape[1]
        one, two = start + at // width, begin + at % width
        close = products.ravel()[at].astype(np.float64)
        if components is not None:
            components.join(*_reaching(rows, one, two, close, least))
            near = close >= border - MARGIN
            one, two, close = one[near], two[near], close[near]
        held.append(Pairs(first=one, second=two, scores=close))
        count += len(one)
        if count > max(_MOST_HELD, 4 * k):
            held = [settled := _best(rows, held, k, least)]
            count = len(settled)
            border = float(settled.scores[-1]) if count == k else least
        elif count > 4 * k:
            # the k-th best so far, give or take a margin, is a border already
            scores = np.concatenate([part.scores for part in held])
            border = max(border, float(np.partition(scores, -k)[-k]) - MARGIN)
            held = [_above(part, border - MARGIN) for part in held]
            count = sum(map(len, held))
    followed(len(rows))
    return _best(rows, held, k, least)


def pair_scores(
    rows: FloatRows, one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the exact cosine similarities of pairs of rows.

    Products are summed as ``vectors.exact_scores`` sums them, and divided by the rows' own
    lengths, which are 1 only within 1e-7: equal rows score exactly 1.

    Args:
        rows: float32 (n, dim), unit rows; a zero row scores 0 with every other.
        one: int64 (m,), rows.
        other: int64 (m,), rows.

    Returns:
        float64 (m,), in [-1, 1].
    """
    scores = np.empty(len(one))
    for start in range(0, len(one), _SCORED_AT_ONCE):
        at = slice(start, start + _SCORED_AT_ONCE)
        left, right = rows[one[at]].astype(np.float64), rows[other[at]].astype(np.float64)
        squares = (left * left).sum(axis=1) * (right * right).sum(axis=1)
        squares[squares == 0.0] = 1.0
        scores[at] = (left * right).sum(axis=1) / np.sqrt(squares)
    return np.clip(scores, -1.0, 1.0, out=scores)


def least_similar_score(rows: FloatRows) -> float:
    """Return the score of the least similar pair, its bits exact unless thousands tie within 1e-5.

    Args:
        rows: float32 (n, dim), unit rows; n is at least 2.

    Raises:
        UsageError: There are fewer than two rows.
    """
    if len(rows) < 2:
        raise UsageError("Fewer than two rows have no pair.")
    lowest = np.inf
    for start, begin, products in _blocks(rows, BLOCK_ROWS, beyond=2.0):
        close = np.flatnonzero(products.ravel() <= products.min() + MARGIN)[:_SCORED_AT_ONCE]
        one, two = start + close // products.shape[1], begin + close % products.shape[1]
        lowest = min(lowest, float(pair_scores(rows, one, two).min()))
    return lowest


def _blocks(
    rows: FloatRows, block_rows: int, *, beyond: float = -2.0
) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield the upper triangle of all products in blocks: first row, first column, products.

    What is on or below the diagonal has the value ``beyond``, which no product reaches.
    """
    for start in range(0, len(rows), block_rows):
        block = rows[start : start + block_rows]
        for begin in range(start, len(rows), block_rows):
            products = block @ rows[begin : begin + block_rows].T
            if begin == start:
                products[np.tril_indices(len(block))] = beyond
            yield start, begin, products


def _reaching(
    rows: FloatRows,
    one: NDArray[np.int64],
    two: NDArray[np.int64],
    close: NDArray[np.float64],
    least: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs whose exact score is at least ``least``."""
    unsure = np.flatnonzero(close < least + MARGIN)
    reached = np.ones(len(one), dtype=bool)
    reached[unsure] = pair_scores(rows, one[unsure], two[unsure]) >= least
    return one[reached], two[reached]


def _above(pairs: Pairs, border: float) -> Pairs:
    near = pairs.scores >= border
    return Pairs(first=pairs.first[near], second=pairs.second[near], scores=pairs.scores[near])


def _best(rows: FloatRows, held: list[Pairs], k: int, least: float) -> Pairs:
    """Return the k best of what is held, by exact scores."""
    nothing = np.empty(0, dtype=np.int64)
    first = np.concatenate([nothing, *(part.first for part in held)])
    second = np.concatenate([nothing, *(part.second for part in held)])
    close = np.concatenate([np.empty(0), *(part.scores for part in held)])
    if len(close) > k:
        near = close >= np.partition(close, -k)[-k] - 2 * MARGIN
        first, second = first[near], second[near]
    scores = pair_scores(rows, first, second)
    order = np.lexsort((second, first, -scores))
    order = order[scores[order] >= least][:k]
    return Pairs(first=first[order], second=second[order], scores=scores[order])
