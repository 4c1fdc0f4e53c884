"""When a filtered search goes through a structure, and when every allowed row is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import Contract, build_approximate
from retrieval.index.certificate import Effort
from retrieval.index.plan import AnnPlan
from retrieval.testing.approximate_index_contract import clustered_rows

ROWS = 1_000_000
"""As many as the costs were measured with; one row, seen again and again."""


@pytest.fixture(scope="module")
def index() -> ApproximateIndex:
    few = build_approximate(clustered_rows(2000, 0), AnnPlan(links=4, build_breadth=10), Contract())
    rows = np.broadcast_to(np.ones(384, dtype=np.float32), (ROWS, 384))
    effort = Effort(breadth=490, rescored=15)
    return ApproximateIndex(rows, few.structure, few.certificate, effort)


@pytest.mark.parametrize(
    ("share", "through_structure"),
    [(1.0, True), (0.5, True), (0.1, False), (0.01, False)],
)
def test_what_took_less_time_is_done(
    index: ApproximateIndex, share: float, *, through_structure: bool
) -> None:
    assert index.is_approximate(10, int(share * ROWS)) == through_structure
