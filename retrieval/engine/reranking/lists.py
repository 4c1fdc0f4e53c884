"""The ranked documents of judged queries, as texts with their scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.passages import joined_text
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores

MODE = ModeOptions(mode=SearchMode.HYBRID)


@dataclass(frozen=True, slots=True, eq=False)
class RankedQuery:
    """One judged query and what a hybrid search finds for it.

    Attributes:
        query_id: Its id.
        text: What it asks.
        vector: float32 (dim,), its embedding.
        grades: Judgments, by document id.
        doc_ids: Documents found, best first.
        rows: Segment, ordinal and row of each one's best passage.
        fused: float64 (n,), the scores they are ranked by.
        dense: float64 (n,), cosine similarities.
    """

    query_id: str
    text: str
    vector: NDArray[np.float32]
    grades: dict[str, int]
    doc_ids: tuple[str, ...]
    rows: tuple[tuple[int, int, int], ...]
    fused: NDArray[np.float64]
    dense: NDArray[np.float64]


def ranked_queries(index: Index, task: Task, depth: int) -> Iterator[RankedQuery]:
    """Yield the best documents of every query of a task, found by meaning and words."""
    snapshot = index.snapshot
    _ = snapshot.words  # before a model is loaded
    vectors = index.encoder.encode_queries([one.text for one in task.queries])
    total = max(sum(one.live_documents for one in snapshot.manifest.segments), 1)
    for at, query in enumerate(task.queries):
        wanted = min(depth, total)
        (found,) = rank_texts(snapshot, [query.text], vectors[at : at + 1], wanted, MODE)
        ranking = found.ranking
        places = zip(
            ranking.segments.tolist(), ranking.ordinals.tolist(), ranking.rows.tolist(), strict=True
        )
        rows = tuple(places)
        yield RankedQuery(
            query_id=query.query_id,
            text=query.text,
            vector=vectors[at],
            grades=dict(task.qrels.grades_of(query.query_id)),
            doc_ids=tuple(snapshot.segments[segment].doc_id(own) for segment, own, _ in rows),
            rows=rows,
            fused=found.scores["fused"],
            dense=found.scores["dense"],
        )


class PassageTexts:
    """Reads passages as an encoder does: title, a space, text.

    Args:
        snapshot: The generation they are in.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def of_row(self, row: tuple[int, int, int]) -> str:
        """Return the passage of a segment, ordinal and row."""
        segment, ordinal, number = row
        found = self._snapshot.fetch(Place(segment, ordinal), number)
        span, document = found.span, found.document
        return joined_text(document.title, document.text[span.start : span.end])

    def nearest(self, doc_id: str, vector: NDArray[np.float32]) -> tuple[str, float] | None:
        """Return the passage of a document nearest to a query, and its cosine.

        None where the document is unknown or empty.
        """
        place = self._snapshot.find(doc_id)
        if place is None or self._snapshot.segments[place.segment].empty[place.ordinal]:
            return None
        segment = self._snapshot.segments[place.segment]
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2].tolist()
        scores = exact_scores(segment.vectors[start:end], vector)
        best = int(scores.argmax())
        return self.of_row((place.segment, place.ordinal, start + best)), float(scores[best])


def kept_candidates(found: RankedQuery, most: int, *, judged_only: bool) -> Sequence[int]:
    """Return positions of the documents to rank for a query: the best, or those judged."""
    if not judged_only:
        return range(min(most, len(found.doc_ids)))
    return [at for at, one in enumerate(found.doc_ids) if one in found.grades]
