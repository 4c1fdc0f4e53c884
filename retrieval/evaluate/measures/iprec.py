"""IPrec: interpolated precision at a level of recall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluate.judged_run import JudgedRun
from retrieval.evaluate.measures.definition import At, Definition, Takes
from retrieval.evaluate.measures.parameters import Parameters


def interpolated_precision(judged: JudgedRun, parameters: Parameters) -> NDArray[np.float64]:
    """Return the best precision at any rank that has at least the recall asked for.

    ``IPrec@x = max P(i)`` over the ranks i with at least ``floor(x R + 0.9)`` relevant
    hits, R being the relevant documents of the query; 0 if no rank has so many. The
    rounding is that of trec_eval's ``iprec_at_recall``. Within a group of equal scores
    no rank but its last is looked at.

    Returns:
        float64 (n_queries,), in [0, 1].
    """
    hits = judged.relevant(parameters.rel)
    needed = np.floor(parameters.level * judged.totals(parameters.rel) + 0.9)
    reached = hits.before + hits.among
    enough = reached >= needed[hits.query]
    values = np.zeros(len(judged))
    np.maximum.at(values, hits.query[enough], (reached / hits.last)[enough])
    return values


IPREC = Definition(
    name="IPrec",
    summary="the best precision at a rank of at least this recall",
    at=At.LEVEL,
    takes=frozenset({Takes.REL, Takes.TIES}),
    full_depth=True,
    values=interpolated_precision,
)
