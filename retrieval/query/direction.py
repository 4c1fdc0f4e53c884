"""A query as a direction: texts, texts against texts, and documents as examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.encode.protocol import Encoder
from retrieval.errors import EmptyQueryError, InputError, UsageError
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.parts import Part, PartKind, divided, total_of
from retrieval.query.scored import ScoredRanking
from retrieval.store.ranking import Place
from retrieval.store.reader import Snapshot
from retrieval.vectors import unit_rows

if TYPE_CHECKING:
    from retrieval.query.asked import Asked
    from retrieval.store.selection import Selection

BETA = 0.75
"""Weight of the mean of liked examples beside a text of weight 1 (Rocchio)."""
GAMMA = 0.15
"""Weight of the mean of disliked examples, taken away."""
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is looked for, in words and by example.

    Attributes:
        text: What is looked for; may be empty when there are examples.
        also: Other words for the same.
        against: What is not meant: ranks by the difference.
        like: Ids of documents to find more of; nothing else may be given with them but
            ``less``.
        more: Ids of documents to move the text towards.
        less: Ids of documents to move away from.

    Raises:
        EmptyQueryError: There is nothing to search for, or a text is empty.
        UsageError: Parts that do not go together.
    """

    text: str = ""
    also: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        has_text = bool(self.text.strip())
        if not has_text and not self.like:
            raise EmptyQueryError(
                "There is nothing to search for.",
                fix="Give at least one word, or a document with --like ID.",
            )
        if any(not one.strip() for one in (*self.also, *self.against)):
            raise EmptyQueryError("One of the texts is empty.", fix="Give it at least one word.")
        if self.like and (has_text or self.also or self.against or self.more):
            raise UsageError(
                "--like looks for documents like an example, without a text.",
                fix="To move a text towards a document use --more ID.",
            )
        both = {*self.like, *self.more} & set(self.less)
        if both:
            raise UsageError(f"{min(both)!r} is liked and disliked.", fix="Name it once.")

    @property
    def kind(self) -> QueryKind:
        """How hits were asked for, in one word."""
        if self.like or self.more or self.less:
            return QueryKind.EXAMPLE
        return QueryKind.CONTRAST if self.against else QueryKind.TEXT

    @property
    def examples(self) -> tuple[str, ...]:
        """Every document that is named."""
        return (*self.like, *self.more, *self.less)


def wish_of(text: str, **parts: Sequence[str]) -> Wish:
    """Return a wish from its text and the parts of ``Wish``, each several strings.

    Raises:
        EmptyQueryError: There is nothing to search for, or a text is empty.
        UsageError: A part is a single string, whose letters would be taken for several, or
            parts do not go together.
    """
    for name, given in parts.items():
        if isinstance(given, str):
            raise UsageError(f"{name} takes several strings; write {name}=[{given!r}].")
    return Wish(text=text, **{name: tuple(given) for name, given in parts.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """A wish as a unit vector.

    Attributes:
        wish: What is looked for.
        row: float32 (dim,), a unit vector.
        left_out: Documents that are not answers: the examples themselves.
        parts: What it is the sum of.
    """

    wish: Wish
    row: NDArray[np.float32]
    left_out: frozenset[str] = field(default=frozenset())
    parts: tuple[Part, ...] = ()


class DirectionStage:
    """A direction as the first stage; the examples it was made of are left out.

    Args:
        direction: What is looked for.
    """

    def __init__(self, direction: Direction) -> None:
        wish = direction.wish
        self.questions = [Question(query=wish.text, kind=wish.kind)]
        self._direction = direction

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        """Rank documents by the cosine of their best passage; see ``FirstStage.rank``."""
        left_out = self._direction.left_out
        row = self._direction.row[np.newaxis]
        (found,) = snapshot.search_vectors(row, k + len(left_out), allowed=allowed)
        if left_out:
            places = {snapshot.find(doc_id) for doc_id in left_out}
            others = [
                at
                for at, place in enumerate(zip(found.segments, found.ordinals, strict=True))
                if Place(*map(int, place)) not in places
            ]
            found = found.take(np.array(others[:k], dtype=np.int64))
        return [ScoredRanking(found, {"dense": found.scores})]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        """Rank passages by their cosine; see ``FirstStage.rank_passages``."""
        from retrieval.query.passages import PassageRanker, without

        rows = without(snapshot, snapshot.rows_allowed(allowed), self._direction.left_out)
        ranker = PassageRanker(snapshot, max_per_doc=max_per_doc, allowed=rows)
        return ranker.nearest(self._direction.row[np.newaxis], k)

    def asked(self) -> list[Asked]:
        """Return the direction and its parts; see ``FirstStage.asked``."""
        from retrieval.query.asked import Asked

        one = self._direction
        return [Asked(text=one.wish.text, row=one.row, parts=one.parts)]


def direction_of(wish: Wish, encoder: Encoder | None, snapshot: Snapshot) -> Direction:
    """Turn a wish into a direction.

    Texts give ``t = mean(also and text) - mean(against)`` of their unit vectors, scaled to
    length 1. Examples give ``t + BETA mean(more) - GAMMA mean(less)`` after Rocchio (1971),
    with the weights of Manning, Raghavan and Schuetze (2008), section 9.1.1; ``like`` stands
    in for a text. A document is the mean of its passages, scaled to length 1.

    Args:
        wish: What is looked for.
        encoder: The model the snapshot's vectors were made with; None will do for ``like``.
        snapshot: Where the examples are.

    Raises:
        InputError: An example is not in the index, or has no text.
        UsageError: The parts cancel each other out, or a text came without a model.
    """
    if wish.like:
        parts = _examples(wish.like, 1.0, snapshot)
    elif encoder is None:
        raise UsageError("A text needs the model that the index was built with.")
    else:
        named = (wish.text, *wish.also, *wish.against)
        own = 1 + len(wish.also)
        texts = encoder.encode_queries(named)
        weights = [1 / own] * own + [-1 / max(len(wish.against), 1)] * len(wish.against)
        parts = _unit(
            [
                Part(kind=PartKind.TEXT, name=name, weight=weight, row=row)
                for name, weight, row in zip(named, weights, texts, strict=True)
            ]
        )
    liked = _examples(wish.more, BETA, snapshot)
    disliked = _examples(wish.less, -GAMMA, snapshot)
    parts = _unit([*parts, *liked, *disliked])
    return Direction(
        wish=wish,
        row=total_of(parts).astype(np.float32),
        left_out=frozenset(wish.examples),
        parts=parts,
    )


def _examples(ids: Sequence[str], weight: float, snapshot: Snapshot) -> tuple[Part, ...]:
    """Return documents that share a weight."""
    rows = []
    for doc_id in ids:
        place = snapshot.find(doc_id)
        if place is None:
            raise InputError(
                f"There is no document {doc_id!r} to take as an example.",
                fix="Give the id of a document of this index, as the hits show it.",
            )
        segment = snapshot.segments[place.segment]
        if segment.empty[place.ordinal]:
            raise InputError(f"Document {doc_id!r} has no text, so nothing is like it.")
        start, end = segment.passage_starts[place.ordinal : place.ordinal + 2]
        rows.append(segment.vectors[start:end].mean(axis=0, dtype=np.float64))
    if not rows:
        return ()
    return tuple(
        Part(kind=PartKind.EXAMPLE, name=doc_id, weight=weight / len(ids), row=row)
        for doc_id, row in zip(ids, unit_rows(np.stack(rows)), strict=True)
    )


def _unit(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts whose sum has length 1."""
    total = total_of(parts)
    length = float(np.sqrt(total @ total))
    if length < _NOTHING:
        raise UsageError(
            "What is looked for and what it is set against mean the same: nothing is left.",
            fix="Say them in other words.",
        )
    return divided(parts, length)
