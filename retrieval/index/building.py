"""Build an approximate index and measure it, on queries that it does not hold yet.

Rows drawn at random are left out. The structure is built of the others; half of those left
out tell what effort reaches the target, the other half what it reaches; then they are added.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.index.approximate import ApproximateIndex
from retrieval.index.certificate import Certificate, Measured, QuerySource
from retrieval.index.certifying import certify
from retrieval.index.held_out import Queries, ReadRows, draw_rows, least_scores, without
from retrieval.index.plan import LEAST_CODED, TRAINED_ROWS, AnnPlan, Family
from retrieval.index.structure import Structure
from retrieval.index.tuning import Measuring
from retrieval.vectors import FloatRows

MOST_HELD_OUT = 1000
HELD_OUT_SHARE = 20
"""At most one row in so many is left out."""
_SAMPLE = 8192
_BLOCK_BYTES = 32 << 20


class BuildPhase(StrEnum):
    """What building is at."""

    EXACT = "exact answers"
    TRAIN = "centres"
    ADD = "rows"
    MEASURE = "recall"


Progress: TypeAlias = Callable[[BuildPhase, int, int], None]
"""Told a phase, how much of it is done, and of how much; rows but for the last phase."""


def _silent(phase: BuildPhase, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What an index is to keep.

    Attributes:
        recall: Asked for, in (0, 1).
        k: Neighbours it is asked for, at least 1.
        held_out: Rows to be left out as queries; None for as many as are useful.
    """

    recall: float = 0.99
    k: int = 10
    held_out: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be kept."""
        if not 0 < self.recall < 1:
            raise UsageError(f"A recall of {self.recall} cannot be kept; it lies in (0, 1).")
        if self.k < 1:
            raise UsageError(f"k is {self.k}; recall is measured for at least 1 neighbour.")


def build_approximate(
    rows: FloatRows,
    plan: AnnPlan,
    contract: Contract | None = None,
    *,
    given: FloatRows | None = None,
    read: ReadRows | None = None,
    progress: Progress = _silent,
    clock: Callable[[], float] = time.perf_counter,
) -> ApproximateIndex:
    """Build a structure over rows, choose its effort, and measure what it reaches.

    Args:
        rows: float32 (n, dim), unit rows; may be a memory map. Candidates are scored here.
        plan: What to build.
        contract: What it is to keep; None for recall .99 at 10.
        given: float32 (q, dim), real queries to measure with as well.
        read: Gives rows [start, end) past the map; None reads the map.
        progress: Told how far it is.
        clock: Seconds; times of queries come from it.

    Returns:
        The index. Where no effort reaches the target its certificate has none, and it
        searches exactly.

    Raises:
        UsageError: Fewer rows than a plan needs, or none; or given queries that are not finite or
            of another dimension.
    """
    contract = contract or Contract()
    least = 1 if plan.family is Family.HNSW else max(LEAST_CODED, plan.lists)
    if len(rows) < least:
        raise UsageError(f"There are {len(rows):,} rows; this plan needs {least:,} at least.")
    read = read or (lambda start, end: rows[start:end])
    if given is not None:
        check_given(given, rows.shape[1])
    count, dim = rows.shape
    block_rows = max(1, _BLOCK_BYTES // (4 * dim))
    wanted = MOST_HELD_OUT if contract.held_out is None else contract.held_out
    most = min(count // HELD_OUT_SHARE, count - least)
    left_out = draw_rows(count, max(0, min(wanted, most)), plan.seed)
    asked = _queries(rows, left_out, given)
    if count - len(left_out) > contract.k:
        asked = _answered(
            asked,
            k=contract.k,
            read=read,
            count=count,
            left_out=left_out,
            block_rows=block_rows,
            progress=progress,
        )
    else:
        asked = []

    structure = Structure.new(plan, dim, _sample(rows, plan, left_out, progress))
    for start in range(0, count, block_rows):
        end = min(start + block_rows, count)
        own = without(start, end, left_out)
        structure.add(read(start, end)[own - start], own)
        progress(BuildPhase.ADD, end - len(left_out) * (end == count), count)
    certificate = _certified(
        Measuring(structure=structure, rows=rows, k=contract.k, clock=clock),
        contract,
        asked,
        left_out=left_out,
        given=given,
        progress=progress,
    )
    structure.add(rows[left_out], left_out)
    structure.put_in_order()
    progress(BuildPhase.ADD, count, count)
    return ApproximateIndex(rows, structure, certificate, certificate.effort)


def check_given(queries: FloatRows, dim: int) -> None:
    """Refuse real queries that an index cannot be measured with.

    Raises:
        UsageError: They are of another length, or not finite.
    """
    if queries.ndim != 2 or queries.shape[1] != dim:
        raise UsageError(f"Queries have shape {queries.shape}; rows here have {dim} components.")
    if not np.isfinite(queries).all():
        raise UsageError("A query vector holds a number that is not finite.")


def _queries(
    rows: FloatRows, left_out: NDArray[np.int64], given: FloatRows | None
) -> list[Queries]:
    """Return the queries of each source, of which nothing is known yet."""
    sources = [(QuerySource.CORPUS, rows[left_out])]
    if given is not None:
        sources.append((QuerySource.GIVEN, np.ascontiguousarray(given, dtype=np.float32)))
    # both halves need a query
    return [
        Queries(source=source, vectors=vectors, least=np.empty(0))
        for source, vectors in sources
        if len(vectors) >= 2
    ]


def _answered(
    asked: list[Queries],
    *,
    k: int,
    read: ReadRows,
    count: int,
    left_out: NDArray[np.int64],
    block_rows: int,
    progress: Progress,
) -> list[Queries]:
    """Ask exact search, once for all sources."""
    if not asked:
        return []
    together = np.concatenate([one.vectors for one in asked])
    least = least_scores(
        together,
        k,
        read=read,
        rows=count,
        left_out=left_out,
        block_rows=block_rows,
        met=lambda end: progress(BuildPhase.EXACT, end, count),
    )
    parts = np.split(least, np.cumsum([len(one.vectors) for one in asked])[:-1])
    return [
        Queries(source=one.source, vectors=one.vectors, least=part)
        for one, part in zip(asked, parts, strict=True)
    ]


def _sample(
    rows: FloatRows, plan: AnnPlan, left_out: NDArray[np.int64], progress: Progress
) -> FloatRows:
    """Return rows at random, as many as the scale or the centres are learned from."""
    wanted = _SAMPLE if plan.family is Family.HNSW else TRAINED_ROWS * plan.lists
    kept = without(0, len(rows), left_out)
    drawn = draw_rows(len(kept), min(wanted, len(kept)), plan.seed + 1)
    progress(BuildPhase.TRAIN, 0, len(drawn))
    return rows[kept[drawn]]


def _certified(
    measuring: Measuring,
    contract: Contract,
    asked: list[Queries],
    *,
    left_out: NDArray[np.int64],
    given: FloatRows | None,
    progress: Progress,
) -> Certificate:
    """Choose the effort on one half of the queries, and measure it on the other."""
    curve: list[Measured] = []
    exact_ms = measuring.exact_ms(asked[0].vectors) if asked else 0.0
    if asked:
        tuning = [queries.half(0) for queries in asked]
        for one in measuring.curve(tuning, contract.recall, exact_ms):
            curve.append(one)
            progress(BuildPhase.MEASURE, len(curve), 0)
    found = certify(asked, curve, contract.recall, measuring.at)
    return Certificate(
        plan=measuring.structure.plan,
        rows=len(measuring.rows),
        k=contract.k,
        target=contract.recall,
        effort=found.effort,
        holds=found.effort is not None,
        attempts=found.attempts,
        certified=found.measured,
        curve=tuple(curve),
        exact_ms=exact_ms,
        held_out=tuple(left_out.tolist()),
        given_sha256="" if given is None else hashlib.sha256(given.tobytes()).hexdigest(),
    )
