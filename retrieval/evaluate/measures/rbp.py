"""RBP: rank-biased precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import sum_by_query
from retrieval.evaluate.measures.parameters import Parameters


def rank_biased_precision(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``RBP = (1 - p) sum_i rel_i p^(i - 1)`` over the ranks i.

    rel_i is 1 for a relevant hit, else 0; p is the chance that a reader goes on to the
    next hit (Moffat and Zobel (2008)). Their residual, what the unjudged hits and the
    ranks behind the last could add, is not reported. trec_eval has no RBP. A tied hit
    gets the mean of the weights of its group's ranks a..b,
    ``(p^(a - 1) - p^b) / (b - a + 1)``.

    Returns:
        float64 (n_queries,), in [0, 1).
    """
    hits = judged.relevant(parameters.rel)
    upto_first = np.power(parameters.p, hits.first - 1.0)
    upto_last = np.power(parameters.p, hits.last.astype(np.float64))
    weights = (upto_first - upto_last) / (hits.last - hits.first + 1)
    return np.minimum(sum_by_query(hits.query, weights, len(judged)), 1.0)


RBP = Definition(
    name="RBP",
    summary="rank-biased precision: what a reader gains who goes on to the next hit with chance p",
    at=At.NOTHING,
    takes=frozenset({Takes.P, Takes.REL, Takes.TIES}),
    full_depth=False,
    values=rank_biased_precision,
)
