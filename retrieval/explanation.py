"""Why a document is a hit, in numbers that add up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TermShare:
    """What one term of the query adds to a BM25 score.

    Attributes:
        term: The term as it is indexed, such as a stem.
        in_query: How often it is in the query.
        in_passage: How often it is in the passage.
        idf: Its rarity among passages.
        weight: What it adds; 0 where the passage does not hold it.
    """

    term: str
    in_query: int
    in_passage: int
    idf: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A cosine similarity.

    Attributes:
        score: In [-1, 1].
        passage_id: The passage whose it is; None for the mean of a document's passages.
    """

    score: float
    passage_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A BM25 score.

    Attributes:
        score: The sum of the terms' weights; 0 where the document holds none.
        passage_id: The passage whose it is: the one of the document that holds them best.
        terms: Every term of the query, by weight descending, then by term.
    """

    score: float
    passage_id: str
    terms: tuple[TermShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FusedSide:
    """What meaning, or words, adds to a fused score.

    Attributes:
        score: The side's own score.
        least: Least of its scale; None where ranks are fused, as are the next two.
        greatest: The greatest score of any hit of the query, the other end of the scale.
        scaled: The score between the two, 0 to 1.
        rank: The document's rank by this side, from 1, where ranks are fused; None if it has
            none, and where scores are.
        weight: What the scaled score is multiplied by; 1 for ranks.
        share: What is added.
    """

    score: float
    least: float | None
    greatest: float | None
    scaled: float | None
    rank: int | None
    weight: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """How two scores became one.

    Attributes:
        method: ``convex`` or ``rrf``.
        dense: The share of meaning.
        lexical: The share of words.
        score: The sum of both shares.
    """

    method: str
    dense: FusedSide
    lexical: FusedSide
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranked:
    """What a cross-encoder made of a hit.

    Attributes:
        first: The score before.
        rerank: The cross-encoder's own; None for a hit that it did not come to.
        score: The score after.
    """

    first: float
    rerank: float | None
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShare:
    """What one part of a direction adds to a cosine similarity.

    Attributes:
        kind: ``text``, ``example`` or ``concept``.
        name: The text, the id, or the concept's name.
        weight: How much of the direction it is; negative for what is not wanted.
        cosine: The hit's cosine similarity to the part alone.
        contribution: ``weight * cosine``; those of all parts add up to the score.
    """

    kind: str
    name: str
    weight: float
    cosine: float
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one hit is where it is.

    Attributes:
        dense: Its nearness in meaning; None for a search by words alone.
        lexical: The words it shares; None for a search by meaning alone.
        fusion: How the two were fused; None where nothing was.
        rerank: What a cross-encoder made of it; None without one.
        parts: What each text, example or concept adds, where the query is several; else none.
        probability: As the hit has it.
        sentence: Start and end, in characters of the hit's text, of the sentence that is
            nearest to the query.
        words: Start and end, in characters of the hit's text, of each word there that is also in
            the query.
    """

    dense: Meaning | None = None
    lexical: Words | None = None
    fusion: Fused | None = None
    rerank: Reranked | None = None
    parts: tuple[PartShare, ...] = ()
    probability: float | None = None
    sentence: tuple[int, int] = (0, 0)
    words: tuple[tuple[int, int], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; what does not apply is null."""
        return asdict(self)
