"""bpref: how few judged non-relevant hits stand before the relevant ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio, sum_by_query
from retrieval.evaluate.measures.parameters import Parameters


def bpref(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``bpref = 1/R sum_r (1 - min(n_r, R) / min(N, R))`` over the relevant hits r.

    R and N are the judged relevant and judged non-relevant documents of the query, n_r
    the judged non-relevant hits before r; unjudged hits are passed over. A term with
    n_r = 0 is 1. The measure is that of Buckley and Voorhees (2004) as trec_eval computes
    it. Judged non-relevant hits with the score of r count half; that is a rule, not an
    expectation, since min is not linear.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    relevant = judged.relevant(parameters.rel)
    counted = judged.relevant(0)
    among_all = judged.grade >= parameters.rel
    before = counted.before[among_all] - relevant.before
    beside = counted.among[among_all] - relevant.among
    totals = judged.totals(parameters.rel)
    others = judged.totals(0) - totals
    passed = np.minimum(before + beside / 2.0, totals[relevant.query])
    bound = np.maximum(np.minimum(others, totals), 1)[relevant.query]
    total = sum_by_query(relevant.query, 1.0 - passed / bound, len(judged))
    return ratio(total, totals)


BPREF = Definition(
    name="bpref",
    summary="how seldom a judged non-relevant document stands before a relevant one",
    at=At.NOTHING,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=True,
    values=bpref,
)
