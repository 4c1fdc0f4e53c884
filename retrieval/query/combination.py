"""Several concepts and texts at once, wanted and unwanted, as one direction to search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.concept.artefact import Concept
from retrieval.concept.rows import Unit
from retrieval.encode.protocol import Encoder
from retrieval.errors import EmptyQueryError, UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.parts import Part, PartKind, divided, total_of
from retrieval.query.scored import ScoredRanking
from retrieval.records import fold
from retrieval.store.reader import Snapshot
from retrieval.vectors import unit_rows

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.store.selection import Selection

_NOTHING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """Concepts and texts that are to hold together.

    Attributes:
        concept: A concept that is wanted.
        and_concepts: Others that are wanted as well.
        not_concepts: Concepts that are not wanted.
        and_texts: Texts of what is wanted as well.
        not_texts: Texts of what is not wanted.

    Raises:
        EmptyQueryError: A text or the name of a concept is empty.
        UsageError: A concept or text is named twice.
    """

    concept: str
    and_concepts: tuple[str, ...] = ()
    not_concepts: tuple[str, ...] = ()
    and_texts: tuple[str, ...] = ()
    not_texts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        concepts, texts = self.concepts, (*self.and_texts, *self.not_texts)
        if any(not one.strip() for one in concepts):
            raise EmptyQueryError("The name of a concept is empty.", fix="Give its name.")
        if any(not one.strip() for one in texts):
            raise EmptyQueryError("One of the texts is empty.", fix="Give it at least one word.")
        for kind, names in (("The concept", [fold(one) for one in concepts]), ("The text", texts)):
            twice = [one for one in names if names.count(one) > 1]
            if twice:
                raise UsageError(f"{kind} {twice[0]!r} is named twice.", fix="Name it once.")

    @property
    def concepts(self) -> tuple[str, ...]:
        """Every concept that is named."""
        return (self.concept, *self.and_concepts, *self.not_concepts)

    @property
    def is_single(self) -> bool:
        """Whether there is one concept and nothing to combine it with."""
        return len(self.concepts) == 1 and not self.and_texts and not self.not_texts

    @property
    def told(self) -> str:
        """The combination in words, as hits show it."""
        parts = [
            ("", "", self.concept),
            *(("and ", "", one) for one in self.and_concepts),
            *(("and ", "text ", one) for one in self.and_texts),
            *(("not ", "", one) for one in self.not_concepts),
            *(("not ", "text ", one) for one in self.not_texts),
        ]
        return " ".join(f"{sign}{kind}{name!r}" for sign, kind, name in parts)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combined:
    """A combination as a unit vector.

    Attributes:
        wish: What is looked for.
        row: float32 (dim,), a unit vector.
        unit: Whether means of documents or best passages are ranked.
        parts: What it is the sum of.
    """

    wish: Combination
    row: NDArray[np.float32]
    unit: Unit
    parts: tuple[Part, ...] = ()


def combine(
    wish: Combination, concepts: Mapping[str, Concept], encoder: Encoder | None
) -> Combined:
    """Add the unit vectors of what is wanted and take away those of what is not.

    ``sum of wanted - sum of unwanted``, each of length 1 and weight 1, scaled to length 1.
    One vector, so one exact scan answers, and the ranking depends on nothing but the parts.
    ``docs/decisions/0004-combining-concepts.md`` compares it with other rules.

    Args:
        wish: What is looked for.
        concepts: The concepts of the wish, by the names it gives them.
        encoder: The model of the index, asked where there are texts; else None.

    Raises:
        UsageError: The parts cancel each other out, concepts differ in unit, or one is no
            direction.
    """
    found = [concepts[name] for name in wish.concepts]
    for one in found:
        if not one.method.is_direction:
            raise UsageError(
                f"{one.name!r} was learned by {one.method}: it is a head that scores every"
                " document, not a direction, and cannot be combined.",
                fix="Ask for it alone, or fit it by another method.",
            )
    first = found[0]
    for other in found[1:]:
        if other.unit is not first.unit:
            raise UsageError(
                f"{first.name!r} ranks by {_UNITS[first.unit]} and {other.name!r} by"
                f" {_UNITS[other.unit]}; they cannot be combined.",
                fix="Fit one of them again with the --unit of the other.",
            )
    wanted = 1 + len(wish.and_concepts)
    parts = [
        Part(
            kind=PartKind.CONCEPT,
            name=one.name,
            weight=1.0 if at < wanted else -1.0,
            row=one.ranker.direction,
        )
        for at, one in enumerate(found)
    ]
    texts = (*wish.and_texts, *wish.not_texts)
    if texts:
        if encoder is None:
            raise UsageError("Texts need the model of the index.")
        own = len(wish.and_texts)
        parts += [
            Part(kind=PartKind.TEXT, name=text, weight=1.0 if at < own else -1.0, row=row)
            for at, (text, row) in enumerate(zip(texts, encoder.encode_queries(texts), strict=True))
        ]
    total = total_of(parts)
    length = float(np.linalg.norm(total))
    if length < _NOTHING:
        raise UsageError(
            "What is wanted and what is not cancel each other out: nothing is left.",
            fix="Leave one of them out.",
        )
    return Combined(
        wish=wish,
        row=unit_rows(total[np.newaxis])[0],
        unit=first.unit,
        parts=divided(parts, length),
    )


class CombinationStage:
    """A combination as the first stage.

    Args:
        combined: What ranks.
    """

    def __init__(self, combined: Combined) -> None:
        self.questions = [Question(query=combined.wish.told, kind=QueryKind.COMBINATION)]
        self._combined = combined

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank documents by the cosine of their mean (or best passage) to the combination."""
        row = self._combined.row
        if self._combined.unit is Unit.PASSAGE:
            exactly = snapshot.exactly()
            (found,) = exactly.search_vectors(row[np.newaxis], k, allowed=allowed)
        else:
            found = snapshot.search_means(row, k, allowed=allowed)
        return [ScoredRanking(found, {"dense": found.scores})]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank passages by their cosine to the combination; see ``FirstStage.rank_passages``."""
        from retrieval.query.passages import PassageRanker

        ranker = PassageRanker(
            snapshot.exactly(), max_per_doc=max_per_doc, allowed=snapshot.rows_allowed(allowed)
        )
        return ranker.nearest(self._combined.row[np.newaxis], k)

    def asked(self) -> list[Asked]:
        """Return the combination and its parts; see ``FirstStage.asked``."""
        from retrieval.query.asked import Asked

        one = self._combined
        wanted = " ".join(part.name for part in one.parts if part.weight > 0)
        by_mean = one.unit is Unit.DOCUMENT
        return [Asked(text=wanted, row=one.row, parts=one.parts, by_mean=by_mean)]


_UNITS = {Unit.DOCUMENT: "means of documents", Unit.PASSAGE: "best passages"}
