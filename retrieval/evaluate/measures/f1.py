"""F1: the harmonic mean of precision and recall of the first hits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio
from retrieval.evaluate.measures.parameters import Parameters
from retrieval.evaluate.measures.precision import expected_hits


def f1(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``F1@k = 2 h / (k + R)``, which is ``2 P R / (P + R)`` of P@k and R@k.

    h are the relevant hits among the first k, R the relevant documents of the query
    (Rijsbergen (1979), chapter 7, with equal weights). trec_eval has no F with a cutoff;
    its ``set_F`` takes all hits. Linear in h, so tied hits count by their expected
    number within k.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    cutoff = parameters.cutoff or 1
    hits = expected_hits(judged, parameters.rel, cutoff)
    return ratio(2 * hits, cutoff + judged.totals(parameters.rel))


F1 = Definition(
    name="F1",
    summary="the harmonic mean of precision and recall of the first k hits",
    at=At.CUTOFF,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=False,
    values=f1,
)
