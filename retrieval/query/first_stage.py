"""What the first stage of a search is: whatever ranks the documents of a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.query.scored import ScoredRanking
    from retrieval.store.reader import Snapshot
    from retrieval.store.selection import Selection


class QueryKind(StrEnum):
    """How a hit was asked for."""

    TEXT = "text"
    CONTRAST = "contrast"
    """Texts against other texts."""
    EXAMPLE = "example"
    """Documents as examples, with or without a text."""
    CONCEPT = "concept"
    """A query learned from labels."""
    COMBINATION = "combination"
    """Concepts with other concepts or texts."""
    VECTOR = "vector"
    """A vector that the caller brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked, as each of its hits repeats it; see ``Hit``."""

    query: str
    kind: QueryKind
    query_id: str = "1"
    concept: str | None = None
    concept_version: int | None = None
    no_probability: str | None = None


class FirstStage(Protocol):
    """Ranks documents for one or several questions."""

    @property
    def questions(self) -> Sequence[Question]:
        """What is asked."""
        ...

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank the documents of a snapshot.

        Args:
            snapshot: The generation to search.
            k: Documents a question, at least 1.
            allowed: The documents that may be found; None for every live one.

        Returns:
            One ranking a question, by score descending, then document id ascending, each
            document by its best passage; k documents whenever there are k to be found.
        """
        ...

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank the passages of a snapshot.

        Args:
            snapshot: The generation to search.
            k: Passages a question, at least 1.
            max_per_doc: Most of one document; None for any number.
            allowed: The documents whose passages may be found; None for every live one.

        Returns:
            One ranking a question, by score descending, then document id, then the passage's
            number ascending; k passages whenever there are k to be found.

        Raises:
            UsageError: What is asked ranks no passages.
        """
        ...

    def asked(self) -> Sequence[Asked]:
        """Return what each question was ranked by; called after ``rank`` or ``rank_passages``."""
        ...
