"""How the vectors of a generation are searched: exactly, or through approximate indexes.

Every search of vectors by nearness goes through here, whatever asks for it: documents, passages,
both sides of a fusion, the direction of a concept. What needs every row does not: clustering,
pairs, means of documents, heads of concepts.

Nothing but what is asked and what the manifest says decides, never a clock or what was done before:
two processes that ask the same of the same generation find the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import DamagedIndexError
from retrieval.index.protocol import Neighbours
from retrieval.store.layout import PartKind
from retrieval.store.recall_entry import RecallEntry, check_recall, why_not
from retrieval.store.segment import OpenSegment
from retrieval.vectors import Bitmap, FloatRows

if TYPE_CHECKING:
    from retrieval.index.approximate import ApproximateIndex
    from retrieval.index.certificate import Certificate, Effort

EXACT = 1.0
SCANNED_FOR_OPENED = 6
"""Bytes of vectors that one core scans while it opens one byte of an approximate index.

To open it is to compare its checksums: 2 to 3.5 GB/s, where a scan comes to 6 to 20 GB/s.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What is asked of recall.

    Attributes:
        least: The share of the nearest that is found at least, above 0; 1 for exact search; None
            for what the index promises.
        questions: How many questions are asked before the index is closed; None where it stays
            open.

    Raises:
        UsageError: A share that is none.
    """

    least: float | None = None
    questions: int | None = None

    def __post_init__(self) -> None:
        if self.least is not None:
            check_recall(self.least)


OWN_REACH = Reach()
"""What the index promises, by an index that stays open."""


def is_worth_opening(part_bytes: int, vector_bytes: int, questions: int | None) -> bool:
    """Tell whether an approximate index costs less than to scan its vectors for every question.

    Args:
        part_bytes: Size of the approximate index.
        vector_bytes: Size of the vectors.
        questions: How many questions are asked; None for more than it matters.
    """
    return questions is None or part_bytes * SCANNED_FOR_OPENED < vector_bytes * questions


class SegmentSearch:
    """One segment as one search sees it.

    Attributes:
        recall: The least recall that was promised by what has answered so far.
        remark: Why it is searched exactly though the index promises less; empty for no such
            reason.
    """

    def __init__(
        self,
        segment: OpenSegment,
        effort: Effort | None = None,
        recall: float = EXACT,
        remark: str = "",
    ) -> None:
        self._segment = segment
        self._effort = effort
        self._promised = recall
        self.recall = EXACT
        self.remark = remark

    def __len__(self) -> int:
        return self._segment.segment.passages

    def search(
        self, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> list[Neighbours]:
        """Find the k best allowed rows of each query; see ``VectorIndex.search``."""
        index = self._index()
        if index is None:
            return self._segment.index.search(queries, k, allowed=allowed)
        if index.is_approximate(k, self._count(allowed)):
            self.recall = min(self.recall, self._promised)
        return index.search(queries, k, allowed=allowed)

    def is_approximate(self, k: int, allowed: Bitmap | None) -> bool:
        """Tell whether a search for the k best allowed rows goes through a structure."""
        index = self._index()
        return index is not None and index.is_approximate(k, self._count(allowed))

    def _count(self, allowed: Bitmap | None) -> int:
        return len(self) if allowed is None else int(np.count_nonzero(allowed))

    def _index(self) -> ApproximateIndex | None:
        """Return the approximate index as it is to be searched; None for an exact search."""
        if self._effort is None:
            return None
        try:
            return self._segment.approximate.at(self._effort)
        except DamagedIndexError as error:
            self._effort = None
            rows = f"{self._segment.segment.live_passages:,} passages"
            self.remark = f"{rows} are searched exactly: {error.what}"
            return None


class VectorSearch:
    """The segments of a generation as one search sees them.

    Args:
        entry: What the manifest says of recall; None for nothing.
        segments: The segments.
        reach: What is asked.

    Attributes:
        reach: The same.
    """

    def __init__(
        self, entry: RecallEntry | None, segments: Sequence[OpenSegment], reach: Reach
    ) -> None:
        self._entry = entry
        self._segments = segments
        self.reach = reach
        self._opened: dict[int, SegmentSearch] = {}

    def of(self, number: int) -> SegmentSearch:
        """Return how a segment is searched.

        Raises:
            UsageError: No search through its approximate index finds as much as is asked for.
        """
        if number not in self._opened:
            self._opened[number] = self._decide(self._segments[number])
        return self._opened[number]

    @property
    def recall(self) -> float:
        """The least recall that was promised by what has answered so far, 1 for exact."""
        return min((one.recall for one in self._opened.values()), default=EXACT)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Why segments are searched exactly though the index promises less."""
        return tuple(one.remark for one in self._opened.values() if one.remark)

    def _decide(self, segment: OpenSegment) -> SegmentSearch:
        entry, least = self._entry, self.reach.least
        part = segment.segment.parts.get(PartKind.ANN)
        if entry is None or part is None or EXACT in {least, entry.options.target}:
            return SegmentSearch(segment)
        found = entry.certificates.get(part.file)
        one = segment.segment
        reason = why_not(
            found,
            one.passages,
            one.passages - one.live_passages,
            is_there=segment.has_approximate,
            least=least,
        )
        if found is None or reason:
            rows = f"{one.live_passages:,} passages"
            return SegmentSearch(segment, remark=f"{rows} are searched exactly: {reason}.")
        vectors = one.parts[PartKind.VECTORS]
        if not is_worth_opening(part.size_bytes, vectors.size_bytes, self.reach.questions):
            return SegmentSearch(segment)
        from retrieval.index.certificate import Certificate

        certificate = Certificate.from_json(dict(found.certificate))
        if least is not None:
            effort = certificate.effort_for(least)
            return SegmentSearch(segment, effort, recall_at(certificate, effort))
        return SegmentSearch(segment, certificate.effort, found.recall)


def recall_at(certificate: Certificate, effort: Effort) -> float:
    """Return the mean recall that was measured at an effort, the least of all sources."""
    return round(min(one.recall for one in certificate.curve if one.effort == effort), 6)
