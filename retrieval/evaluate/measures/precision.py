"""P: precision of the first hits, and Rprec, where as many count as are relevant."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio, share_within, sum_by_query
from retrieval.evaluate.measures.parameters import Parameters


def expected_hits(judged: JudgedRun, rel: int, cutoff: ArrayLike) -> NDArray[np.float64]:
    """Count the relevant hits among the first ones, tied hits by their chance to be there.

    Args:
        judged: The run.
        rel: Grade from which a hit is relevant.
        cutoff: Integer, or integers (n_queries,).

    Returns:
        float64 (n_queries,).
    """
    hits = judged.relevant(rel)
    cutoffs = np.broadcast_to(np.asarray(cutoff), (len(judged),))[hits.query]
    share = share_within(hits.first, hits.last, cutoffs)
    return sum_by_query(hits.query, share, len(judged))


def precision(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``P@k = h / k`` with h the relevant hits among the first k.

    The divisor is k even where fewer hits were found, as in trec_eval. Tied hits count
    by their expected number within k (McSherry and Najork (2008)).

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    cutoff = parameters.cutoff or 1
    hits = expected_hits(judged, parameters.rel, cutoff)
    return ratio(hits, np.full(len(judged), cutoff))


def r_precision(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``Rprec = h / R`` with h the relevant hits among the first R.

    R is the number of relevant documents of the query, as in trec_eval.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    totals = judged.totals(parameters.rel)
    return ratio(expected_hits(judged, parameters.rel, totals), totals)


P = Definition(
    name="P",
    summary="precision: the share of the first k hits that is relevant",
    at=At.CUTOFF,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=False,
    values=precision,
)

RPREC = Definition(
    name="Rprec",
    summary="precision of the first R hits, where R documents are relevant",
    at=At.NOTHING,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=True,
    values=r_precision,
)
