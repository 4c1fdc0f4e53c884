"""RR and Success: where the first relevant hit stands, and whether there is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.expected import over_first_relevant
from retrieval.evaluate.measures.parameters import Parameters


def reciprocal_rank(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return ``RR = 1 / rank`` of the first relevant hit; 0 if there is none, or none within k.

    Voorhees (1999); trec_eval's ``recip_rank``. In a group of equal scores the rank is
    not known: the value is then the expectation of ``1 / rank`` over all orders of the
    group (see ``over_first_relevant``).

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    return _of_first(judged, parameters, lambda ranks: 1.0 / ranks)


def success(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return 1 where a relevant hit is among the first k, else 0, as trec_eval does.

    Where k cuts through the group of equal scores with the first relevant hits, the
    value is the chance that one is within k, ``1 - C(n - r, m) / C(n, m)``: n hits in
    the group, r of them relevant, m of its ranks within k.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    return _of_first(judged, parameters, lambda ranks: np.ones(ranks.shape))


def _of_first(
    judged: JudgedRun,
    parameters: Parameters,
    worth: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    hits = judged.relevant(parameters.rel)
    at = np.flatnonzero(np.diff(hits.query, prepend=-1))
    first, last = hits.first[at], hits.last[at]
    cutoff = parameters.cutoff or int(last.max(initial=0))
    expected = over_first_relevant(first, last - first + 1, hits.among[at], cutoff, worth)
    values = np.zeros(len(judged))
    values[hits.query[at]] = np.minimum(expected, 1.0)
    return values


RR = Definition(
    name="RR",
    summary="reciprocal rank: 1 / rank of the first relevant hit",
    at=At.CUTOFF_OR_NOTHING,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=False,
    values=reciprocal_rank,
)

SUCCESS = Definition(
    name="Success",
    summary="whether a relevant hit is among the first k",
    at=At.CUTOFF,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=False,
    values=success,
)
