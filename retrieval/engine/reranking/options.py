"""How pairs are mined from an index to train a reranker on."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.errors import UsageError
from retrieval.records import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningOptions:
    """Which pairs a reranker learns from, and which queries it is validated on.

    Attributes:
        split: Part of a BEIR folder's judgments to learn from.
        validation: Share of the queries, in (0, 1), or another split to validate on. Queries
            that share a relevant document are on one side.
        negatives: Hard passages that do not belong to the query for each that does, at least 1.
        answers: Passages relevant to other queries for each that is to this one, at least 0. Who
            learns from relevant passages without them learns which passages are relevant to
            something, whatever is asked.
        imitations: Sentences of the corpus for each relevant passage, whose ranking by the first
            stage's cosine is learned as well, at least 0; None for 2, and for none where the
            model to start from is a cross-encoder already.
        depth: Documents of a query that they are drawn from, best first, at least 1.
        margin: A document that is not judged is left out where it scores above
            ``(1 - margin)`` times the query's best relevant document; in [0, 1).
        candidates: Documents of a validation query that are ranked, at least 2.
        judged_only: Rank only documents judged for the query, as in re-ranking sets.
        measure: What rankings are measured by.

    Raises:
        UsageError: A value lies outside its range.
    """

    split: str = "train"
    validation: float | str = 0.1
    negatives: int = 4
    answers: int = 1
    imitations: int | None = None
    depth: int = 50
    margin: float = 0.05
    candidates: int = 30
    judged_only: bool = False
    measure: str = "nDCG@10"

    def __post_init__(self) -> None:
        for name, least in {"negatives": 1, "answers": 0, "depth": 1, "candidates": 2}.items():
            found = getattr(self, name)
            if found < least:
                raise UsageError(f"{name} is {found}; at least {least} is expected.")
        if self.imitations is not None and self.imitations < 0:
            raise UsageError(f"imitations is {self.imitations}; at least 0 is expected.")
        if not 0 <= self.margin < 1:
            raise UsageError(f"The margin is {self.margin:g}; a share in [0, 1) is expected.")
        if isinstance(self.validation, float) and not 0 < self.validation < 1:
            raise UsageError(
                f"The share of queries to validate on is {self.validation:g}; a share above 0 and"
                " below 1 is expected: a reranker is published only if it is better on some."
            )
        if self.validation == self.split:
            raise UsageError(
                f"The split {self.split!r} is both trained and validated on.",
                fix="Give a share, or another split, with --validation.",
            )

    def settings(self) -> dict[str, JsonValue]:
        """Return what decides the pairs, as JSON values."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
