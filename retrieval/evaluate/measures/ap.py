"""AP: average precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio, share_within, sum_by_query
from retrieval.evaluate.measures.parameters import Parameters


def average_precision(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Average the precision at the rank of each relevant document.

    ``AP = 1/R sum_i P(rank_i)``: R is the number of relevant documents of the judgments,
    rank_i the rank of the i-th one found, P the precision there. One that is not found
    adds 0. This is trec_eval's ``map``; with a cutoff ``map_cut``, whose R is the same
    (the ``MAP@k`` of sentence-transformers divides by ``min(k, R)``).

    A group of equal scores is reached as a whole: the precision at its last rank counts
    for every relevant hit in it, as in ``sklearn.metrics.average_precision_score``, so
    a constant score gets the share of relevant documents. That is a rule, not an
    expectation: a relevant hit that moves from a group to a better one can lower the
    value, there as here. Of a group across the cutoff k, the expected number e of its
    relevant hits within k counts, each with the precision expected at k,
    ``(b + e) / k`` with b the relevant hits before the group.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    hits = judged.relevant(parameters.rel)
    cutoff = hits.last if parameters.cutoff is None else parameters.cutoff
    share = share_within(hits.first, hits.last, cutoff)
    expected = hits.before + hits.among * share
    precision = expected / np.minimum(hits.last, cutoff)
    total = sum_by_query(hits.query, share * precision, len(judged))
    return ratio(total, judged.totals(parameters.rel))


AP = Definition(
    name="AP",
    summary="average precision: the mean, over the relevant documents, of the precision at each",
    at=At.CUTOFF_OR_NOTHING,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=True,
    values=average_precision,
)
