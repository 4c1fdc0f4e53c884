"""The silhouette of an index's documents, grouped by a label field."""

from __future__ import annotations

import numpy as np

from retrieval.engine.benchmark.labels import labels_of
from retrieval.engine.index import Index
from retrieval.errors import UsageError
from retrieval.evaluate.bootstrap import mean_interval
from retrieval.evaluate.results import MeasureResult, Resampled, SilhouetteFigure
from retrieval.evaluate.silhouette import cosine_silhouette, silhouette_figure
from retrieval.vectors import unit_rows

SILHOUETTE = "silhouette"


def silhouette_of(
    index: Index, field: str | None, *, seed: int
) -> tuple[MeasureResult, SilhouetteFigure]:
    """Measure how well the values of a field are groups of near documents.

    A document is the mean of its passages, scaled to length 1; documents without text,
    without a label or with several are left out.

    Args:
        index: The open index.
        field: The label field; None for the one that looks like a label.
        seed: Of the interval.

    Raises:
        UsageError: There is no label field, or it has one value only.
    """
    try:
        chosen, labels = labels_of(index, field)
    except UsageError as error:
        raise UsageError(
            f"The silhouette needs groups. {error.what}",
            fix="Name a field whose values are the groups with --label-field NAME.",
        ) from error
    rows, groups = [], []
    names = sorted(set(labels.values()))
    number = {name: at for at, name in enumerate(names)}
    for segment in index.snapshot.segments:
        for ordinal in segment.live_ordinals():
            label = labels.get(segment.doc_id(ordinal))
            if label is not None:
                start, end = segment.passage_starts[ordinal : ordinal + 2]
                rows.append(segment.vectors[start:end].mean(axis=0))
                groups.append(number[label])
    if len(names) < 2:
        raise UsageError(
            f"The field {chosen!r} has {len(names)} value; a silhouette compares at least two.",
            fix="Name another with --label-field NAME.",
        )
    grouped = np.array(groups, dtype=np.int64)
    values = cosine_silhouette(unit_rows(np.stack(rows)), grouped)
    mean = mean_interval(values, seed=seed, resamples=1000)
    result = MeasureResult(
        mean=mean.value,
        low=mean.low,
        high=mean.high,
        n_judged=len(values),
        n_answered=len(values),
        resampled=Resampled.DOCUMENTS,
        caution=f"over documents, grouped by field {chosen}; of the vectors, not of a ranking",
    )
    return result, silhouette_figure(values, grouped, names, grouped_by=f"field {chosen}")
