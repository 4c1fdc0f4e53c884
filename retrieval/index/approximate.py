"""Approximate search: candidates by a structure over codes, hits by the rows themselves.

Scores are the bits of exact search and the order is total; what may be missing is a
near row that was no candidate. How often is measured (``certificate``).

A filtered search is an unfiltered one, so broad that k allowed rows lie well inside of what
it keeps in sight; only then are its hits the nearest allowed rows, whatever the filter
has to do with direction. Where too few allowed rows are met, or where looking at each
allowed row costs less, the search is exact.
"""

from __future__ import annotations

import math
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.candidates import SPARSE
from retrieval.index.certificate import Certificate, Effort
from retrieval.index.checks import check_search
from retrieval.index.exact import ExactIndex
from retrieval.index.parts import LEAST_BYTES
from retrieval.index.plan import AnnPlan, Family
from retrieval.index.protocol import Neighbours
from retrieval.index.rescoring import best, rescored
from retrieval.index.scattered import ScatteredRows
from retrieval.index.structure import Structure
from retrieval.vectors import Bitmap, FloatRows

FILTER_BREADTH = 1.5
"""How much broader than its share of allowed rows demands a filtered search is."""
BREADTH_GROWTH = 0.7
"""The breadth grows like this power of k; decision 0009 has what was measured of it."""
_ROW_IN_SIGHT_US = 4.0
_ROW_SCORED_US = 0.14
_ALLOWED_ROW_US = 0.3
_ROW_SKIPPED_US = 0.005
_CODE_US = 0.01
_DIM = 384
"""The components that the costs of a row were measured with."""
_CORES = 2
"""That share an exact query on many rows, whatever machine this is: hits must not depend on it."""


class ApproximateIndex:
    """A structure over an array, which may be a memory map, with what is known of it.

    Safe for any number of searching threads.
    """

    def __init__(
        self,
        rows: FloatRows,
        structure: Structure,
        certificate: Certificate,
        effort: Effort | None,
        *,
        scattered: ScatteredRows | None = None,
    ) -> None:
        """Put an index together.

        Args:
            rows: float32 (n, dim).
            structure: Over them.
            certificate: What is known of it.
            effort: Of searches; None for exact ones.
            scattered: The same rows, to score candidates from; None for ``rows``.
        """
        self.rows = rows
        self.structure = structure
        self.certificate = certificate
        self.effort = effort
        self.scattered = scattered
        self._exact = ExactIndex(rows)

    @classmethod
    def build(cls, rows: FloatRows) -> Self:
        """Build over float32 (n, dim) by the usual plan; see ``building.build_approximate``."""
        from retrieval.index.building import build_approximate

        made = build_approximate(rows, AnnPlan())
        return cls(made.rows, made.structure, made.certificate, made.effort)

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, effort: Effort | None) -> Self:
        """Return the same index, searching with another effort; None searches exactly."""
        return type(self)(
            self.rows, self.structure, self.certificate, effort, scattered=self.scattered
        )

    def at_recall(self, recall: float) -> Self:
        """Return the same index, searching with the least effort known to reach a recall.

        Raises:
            UsageError: None is known to reach it.
        """
        return self.at(self.certificate.effort_for(recall))

    def is_approximate(self, k: int, count: int) -> bool:
        """Tell whether a search for k of ``count`` allowed rows goes through the structure."""
        return self._effort(k, count) is not None

    def search(
        self, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> list[Neighbours]:
        """Find k good allowed rows of each query; see ``VectorIndex.search``.

        There are k of them wherever k rows are allowed. Their scores are exact.
        """
        check_search(self.rows, queries, k, allowed)
        rows = len(self.rows)
        count = rows if allowed is None else int(np.count_nonzero(allowed))
        if count == rows:
            allowed = None
        effort = self._effort(k, count)
        if effort is None or len(queries) == 0:
            return self._exact.search(queries, k, allowed=allowed)
        if allowed is None:
            found = self.structure.find(queries, effort.rescored, effort.breadth)
        else:
            wide = _wide(effort.rescored, count / rows)
            if self.structure.plan.family is Family.HNSW:
                wide = max(wide, effort.breadth)
            found = self.structure.find(queries, min(wide, rows), effort.breadth)
            found = _allowed_first(found, allowed, effort.rescored)
        scored = self.rows if self.scattered is None else self.scattered
        hits = best(found, rescored(scored, queries, found), k)
        needed = min(effort.rescored if allowed is not None else k, count)
        for at in np.flatnonzero(np.count_nonzero(found >= 0, axis=1) < needed):
            (hits[at],) = self._exact.search(queries[at : at + 1], k, allowed=allowed)
        return hits

    def _effort(self, k: int, count: int) -> Effort | None:
        """Return what finding k of ``count`` allowed rows takes; None where exact is cheaper."""
        if self.effort is None or count == 0:
            return None
        rows, plan = len(self.rows), self.structure.plan
        growth = max(1.0, k / self.certificate.k)
        wider = growth**BREADTH_GROWTH
        kept = math.ceil(self.effort.rescored * growth)
        broader = wider * (1 + FILTER_BREADTH * (rows / count - 1))
        breadth = math.ceil(self.effort.breadth * broader)
        if plan.family is Family.HNSW:
            cost = _ROW_IN_SIGHT_US * breadth
        else:
            breadth = min(breadth, plan.lists)
            cost = _CODE_US * breadth * rows / plan.lists + _ROW_IN_SIGHT_US * kept
        if cost >= _exact_us(self.rows.shape, count) or kept >= count:
            return None
        return Effort(breadth=breadth, rescored=kept)


def _wide(count: int, share: float) -> int:
    """Return of how many rows ``count`` are allowed, but for one time in a thousand.

    Of as many as it takes on average, and three standard deviations of a binomial more.
    """
    return math.ceil((count + 3 * math.sqrt(count * (1 - share))) / share)


def _exact_us(shape: tuple[int, ...], allowed: int) -> float:
    """Return about how many microseconds an exact query takes (see ``candidates``)."""
    rows, dim = shape
    if allowed < SPARSE * rows:
        every = _ALLOWED_ROW_US * allowed * dim / _DIM + _ROW_SKIPPED_US * rows
    else:
        every = _ROW_SCORED_US * rows * dim / _DIM
    return every / min(_CORES, max(1, 4 * rows * dim // LEAST_BYTES))


def _allowed_first(found: NDArray[np.int64], allowed: Bitmap, count: int) -> NDArray[np.int64]:
    """Return of each query's candidates the first allowed ones: int64 (n_queries, count)."""
    chosen = np.full((len(found), count), -1, dtype=np.int64)
    for own, kept in zip(found, chosen, strict=True):
        met = own[own >= 0]
        met = met[allowed[met]][:count]
        kept[: len(met)] = met
    return chosen
