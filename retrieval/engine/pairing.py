"""The use case of finding what an index holds twice: similar pairs and groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.cluster.components import Components
from retrieval.cluster.documents import DocumentRows, document_rows
from retrieval.cluster.similar import least_similar_score, most_similar_pairs
from retrieval.engine.index import Index
from retrieval.observer import SILENT, Observer
from retrieval.records import Document

DEFAULT_PAIRS = 100
DEFAULT_LEAST = 0.9
EXCERPT = 300
"""Most characters of a text that a report repeats."""


class Reason(StrEnum):
    """Why documents are taken for similar; the first that holds."""

    SAME_TEXT = "same text"
    """Title and text are equal, character by character."""
    SAME_WORDS = "same text but for case and white space"
    """They are equal once case is folded and runs of white space are one space."""
    CLOSE = "close in meaning"
    """Their vectors are near each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPair:
    """Two documents that are near each other.

    Attributes:
        index: Name of the index.
        rank: 1 for the most similar pair.
        score: Cosine similarity of the means of their passages.
        reason: Why they are similar.
        first_id: The lower id.
        first_text: Its title and text on one line, cut after 300 characters.
        second_id: The higher id.
        second_text: As for the first.
    """

    index: str
    rank: int
    score: float
    reason: Reason
    first_id: str
    first_text: str
    second_id: str
    second_text: str

    def to_json(self) -> dict[str, Any]:
        """Return the pair as the command line's JSON, schema version 1."""
        return {"schema_version": 1, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarGroup:
    """Documents that hang together by pairs of at least the least score.

    Attributes:
        index: Name of the index.
        group: 1 for the largest; of equal size, the one with the lowest id first.
        size: Documents in it.
        score: Cosine similarity of its least similar pair, which may be below the least
            score: documents hang together through others.
        reason: What holds for all of them.
        ids: Their ids, ascending.
        text: Title and text of the first, on one line, cut after 300 characters.
    """

    index: str
    group: int
    size: int
    score: float
    reason: Reason
    ids: tuple[str, ...]
    text: str

    def to_json(self) -> dict[str, Any]:
        """Return the group as the command line's JSON, schema version 1."""
        return {"schema_version": 1, **asdict(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsReport:
    """What an index holds twice, or nearly so.

    Attributes:
        index: Name of the index.
        generation: The generation looked at.
        documents: Documents compared with each other.
        empty: Documents left out because they have no text.
        least: Score of a pair at least.
        pairs: The most similar pairs, best first.
        groups: Near-duplicate groups, the largest first; none unless asked for.
    """

    index: str
    generation: int
    documents: int
    empty: int
    least: float
    pairs: tuple[SimilarPair, ...]
    groups: tuple[SimilarGroup, ...]


def similar_pairs(
    index: Index,
    k: int = DEFAULT_PAIRS,
    *,
    least: float = DEFAULT_LEAST,
    groups: bool = False,
    observer: Observer = SILENT,
) -> PairsReport:
    """Find the most similar pairs among all documents of an index; exact.

    A document is the mean of its passages, scaled to length 1. Every pair is compared:
    10,000 documents have 49,995,000 pairs and take seconds, time growing with the square.

    Args:
        index: The open index; no model is loaded.
        k: Most pairs, at least 1.
        least: Score of a pair at least, in [-1, 1].
        groups: Also find near-duplicate groups: all documents that are linked, directly
            or through others, by pairs of at least that score.
        observer: Follows the work.

    Returns:
        Pairs by score, then by id; groups by size, then by id.

    Raises:
        UsageError: k < 1, or ``least`` is no cosine similarity.
        DamagedIndexError: The index is not what was written.
    """
    documents = document_rows(index.snapshot)
    count = len(documents)
    components = Components(count) if groups else None
    found = most_similar_pairs(
        documents.rows,
        k,
        least=least,
        components=components,
        followed=lambda done: observer.progress("comparing", done, count, "documents"),
    )
    pairs = []
    columns = zip(found.first.tolist(), found.second.tolist(), found.scores.tolist(), strict=True)
    for rank, (one, other, score) in enumerate(columns, 1):
        both = documents.document(one), documents.document(other)
        pairs.append(
            SimilarPair(
                index=index.name,
                rank=rank,
                score=score,
                reason=reason_of(both),
                first_id=both[0].doc_id,
                first_text=excerpt(both[0]),
                second_id=both[1].doc_id,
                second_text=excerpt(both[1]),
            )
        )
    return PairsReport(
        index=index.name,
        generation=index.snapshot.generation,
        documents=count,
        empty=documents.empty,
        least=least,
        pairs=tuple(pairs),
        groups=tuple(
            _group(index.name, number, documents, rows)
            for number, rows in enumerate(components.groups() if components else (), 1)
        ),
    )


def reason_of(documents: Sequence[Document]) -> Reason:
    """Return the strongest reason that holds for all of several documents."""
    if len({(one.title, one.text) for one in documents}) == 1:
        return Reason.SAME_TEXT
    if len({_folded(one) for one in documents}) == 1:
        return Reason.SAME_WORDS
    return Reason.CLOSE


def excerpt(document: Document) -> str:
    """Return a document's title and text on one line, cut after ``EXCERPT`` characters."""
    line = " ".join(f"{document.title} {document.text[: 4 * EXCERPT]}".split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 3].rstrip() + "..."


def _folded(document: Document) -> str:
    return " ".join(f"{document.title} {document.text}".split()).casefold()


def _group(
    index: str, number: int, documents: DocumentRows, rows: NDArray[np.int64]
) -> SimilarGroup:
    members = [documents.document(row) for row in rows.tolist()]
    return SimilarGroup(
        index=index,
        group=number,
        size=len(members),
        score=least_similar_score(documents.rows[rows]),
        reason=reason_of(members),
        ids=tuple(one.doc_id for one in members),
        text=excerpt(members[0]),
    )
