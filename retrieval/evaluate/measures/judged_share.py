"""Judged: how many of the first hits somebody judged at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio
from retrieval.evaluate.measures.parameters import Parameters
from retrieval.evaluate.measures.precision import expected_hits


def judged_share(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``Judged@k = j / min(k, n)``: j judged hits among the first k of n.

    ir_measures divides by the same; trec_eval has no such measure. Unlike ir_measures,
    a grade below 0 counts as unjudged. A query without hits gets 0.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    cutoff = parameters.cutoff or 1
    return ratio(expected_hits(judged, 0, cutoff), np.minimum(cutoff, judged.depths))


JUDGED = Definition(
    name="Judged",
    summary="the share of the first k hits that was judged, relevant or not",
    at=At.CUTOFF,
    takes=frozenset({Takes.TIES}),
    full_depth=False,
    values=judged_share,
)
