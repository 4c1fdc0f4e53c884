"""R: recall of the first hits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio
from retrieval.evaluate.measures.parameters import Parameters
from retrieval.evaluate.measures.precision import expected_hits


def recall(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``R@k = h / R``: h relevant hits among the first k, of R relevant documents.

    R counts the judgments, found or not, as in trec_eval. Tied hits count by their
    expected number within k.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    hits = expected_hits(judged, parameters.rel, parameters.cutoff or 1)
    return ratio(hits, judged.totals(parameters.rel))


R = Definition(
    name="R",
    summary="recall: the share of the relevant documents among the first k hits",
    at=At.CUTOFF,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=False,
    values=recall,
)
