"""AUC: area under the ROC curve of a ranking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio, sum_by_query
from retrieval.evaluate.measures.parameters import Parameters


def area_under_roc(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return the chance that a relevant document is scored above a non-relevant hit.

    ``AUC = 1/(R N) sum_r (after_r + beside_r / 2)`` over the relevant hits r: R relevant
    documents of the judgments, N hits that are not relevant (unjudged ones are not),
    after_r those of them with a lower score than r, beside_r those with an equal one;
    the statistic of Mann and Whitney, as Hanley and McNeil (1982) read it. A relevant
    document that is not ranked loses to every non-relevant hit. trec_eval has no AUC;
    over a ranking of all documents it is ``sklearn.metrics.roc_auc_score``, which is
    undefined where one class is missing: here no relevant document gives 0, and no
    non-relevant hit gives the share of the relevant documents that is ranked.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    hits = judged.relevant(parameters.rel)
    totals = judged.totals(parameters.rel)
    found = np.bincount(hits.query, minlength=len(judged))
    others = (judged.depths - found)[hits.query]
    before = hits.first - 1 - hits.before
    beside = hits.last - hits.first + 1 - hits.among
    beaten = others - before - beside / 2.0
    share = np.ones(len(beaten))
    np.divide(beaten, others, out=share, where=others > 0)
    return ratio(sum_by_query(hits.query, share, len(judged)), totals)


AUC = Definition(
    name="AUC",
    summary="the chance that a relevant document is scored above a hit that is not relevant",
    at=At.NOTHING,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=True,
    values=area_under_roc,
)
