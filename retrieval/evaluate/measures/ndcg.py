"""nDCG: normalised discounted cumulative gain of graded judgments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError
from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import ratio, sum_by_query
from retrieval.evaluate.measures.parameters import Gain, Parameters
from retrieval.evaluate.qrels import Qrels

_GREATEST_EXPONENT = 1000


def ndcg(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``nDCG@k = DCG@k / IDCG@k``.

    ``DCG@k = sum_{i <= k} g_i / log2(i + 1)``: g_i is the gain of the hit at rank i, 0 if
    it was not judged; IDCG@k is the DCG@k of all judged documents by grade descending,
    found or not. The gain is the grade g, as in trec_eval's ``ndcg`` and ``ndcg_cut``;
    the discount is the one that Järvelin and Kekäläinen (2002) made known, from rank 1
    on. ``gain=exp`` is ``2^g - 1`` of Burges et al. (2005). A tied hit is discounted by
    the mean over its group's ranks, 0 beyond k, which gives the expected value over all
    orders of the group (McSherry and Najork (2008)).

    Returns:
        float64 (n_queries,), in [0, 1].

    Raises:
        InputError: A grade is above 1,000 and the gain exponential.
    """
    hits = judged.relevant(1)
    grades = judged.grade[judged.grade >= 1]
    ideal_query, ideal_rank, ideal_grades = _ideal(judged.qrels)
    deepest = max(int(hits.last.max(initial=1)), int(ideal_rank.max(initial=1)))
    discounts = 1.0 / np.log2(np.arange(1, deepest + 1) + 1.0)
    if parameters.cutoff is not None:
        discounts[parameters.cutoff :] = 0.0
    weights = discounts[hits.first - 1]
    tied = np.flatnonzero(hits.last > hits.first)
    if len(tied):
        upto = np.concatenate(([0.0], np.cumsum(discounts)))
        first, last = hits.first[tied], hits.last[tied]
        weights[tied] = (upto[last] - upto[first - 1]) / (last - first + 1)
    dcg = sum_by_query(hits.query, _gains(grades, parameters.gain) * weights, len(judged))
    ideal_gains = _gains(ideal_grades, parameters.gain) * discounts[ideal_rank - 1]
    return ratio(dcg, sum_by_query(ideal_query, ideal_gains, len(judged)))


def _ideal(qrels: Qrels) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return query, rank and grade of the relevant documents by grade descending."""
    kept = np.flatnonzero(qrels.grades >= 1)
    query, grades = qrels.owners()[kept], qrels.grades[kept]
    order = np.lexsort((-grades, query))
    counts = np.bincount(query, minlength=len(qrels.query_ids))
    before = np.cumsum(counts) - counts
    return query, np.arange(len(query)) - before[query] + 1, grades[order]


def _gains(grades: NDArray[np.int64], gain: Gain) -> NDArray[np.float64]:
    if gain is Gain.LINEAR:
        return grades.astype(np.float64)
    if grades.max(initial=0) > _GREATEST_EXPONENT:
        raise InputError(
            f"A grade of {grades.max()} has no exponential gain: 2^{grades.max()} is too large.",
            fix="Use nDCG with its linear gain, or grades of at most 1000.",
        )
    return np.exp2(grades.astype(np.float64)) - 1.0


NDCG = Definition(
    name="nDCG",
    summary="discounted cumulative gain of the grades, as a share of the best that could be",
    at=At.CUTOFF_OR_NOTHING,
    takes=frozenset({Takes.GAIN, Takes.TIES}),
    full_depth=True,
    values=ndcg,
)
