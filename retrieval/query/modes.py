"""By what documents are ranked: by meaning, by their words, or by both."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from retrieval.errors import UsageError
from retrieval.lexical.bm25 import Bm25Options

if TYPE_CHECKING:
    from retrieval.store.reader import Snapshot


class SearchMode(StrEnum):
    """What a score says."""

    DENSE = "dense"
    """Nearness in meaning: cosine similarity of embeddings."""
    LEXICAL = "lexical"
    """Words in common: BM25."""
    HYBRID = "hybrid"
    """Both, fused."""


class Fusion(StrEnum):
    """How two rankings become one."""

    CONVEX = "convex"
    """A weighted mean of scores, each on a scale from its least to its greatest."""
    RRF = "rrf"
    """A sum of reciprocal ranks, for scores that cannot be compared."""


DEFAULT_MODE = SearchMode.DENSE
DEFAULT_WEIGHT = 0.75
"""Share of meaning in a convex fusion; docs/decisions/0006 says how it was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeOptions:
    """How documents are ranked.

    Attributes:
        mode: By what.
        fusion: How meaning and words are fused, with ``hybrid``.
        weight: Share of meaning in a convex fusion, 0 to 1; None for the index's own, else
            ``DEFAULT_WEIGHT``.
        bm25: Parameters of the ranking by words.
    """

    mode: SearchMode = DEFAULT_MODE
    fusion: Fusion = Fusion.CONVEX
    weight: float | None = None
    bm25: Bm25Options = field(default_factory=Bm25Options)

    def __post_init__(self) -> None:
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise UsageError(f"The weight of meaning is {self.weight}; it is a number from 0 to 1.")

    def weight_in(self, snapshot: Snapshot) -> float:
        """Return the share of meaning in a search of an index."""
        learned = snapshot.manifest.fusion
        if self.weight is not None:
            return self.weight
        return learned.weight if learned is not None else DEFAULT_WEIGHT

    @staticmethod
    def named(
        mode: str | ModeOptions | None = None,
        *,
        fusion: str | None = None,
        weight: float | None = None,
        bm25: Bm25Options | None = None,
    ) -> ModeOptions:
        """Return options from what a person said; None leaves a default.

        Raises:
            UsageError: An unknown mode or fusion, or a part that the mode has no use for.
        """
        if isinstance(mode, ModeOptions):
            return mode
        chosen = SearchMode(_one_of(mode or DEFAULT_MODE, SearchMode, "mode"))
        if chosen is not SearchMode.HYBRID and (fusion is not None or weight is not None):
            raise UsageError(
                f"A {chosen} search fuses nothing, so it takes no fusion and no weight.",
                fix="Leave them out, or ask with the mode hybrid.",
            )
        if fusion == Fusion.RRF and weight is not None:
            raise UsageError(
                "Reciprocal ranks have no weight.", fix="Leave it out, or fuse with convex."
            )
        return ModeOptions(
            mode=chosen,
            fusion=Fusion(_one_of(fusion or Fusion.CONVEX, Fusion, "fusion")),
            weight=weight,
            bm25=bm25 or Bm25Options(),
        )


def _one_of(name: str, choices: type[StrEnum], kind: str) -> str:
    if name not in set(choices):
        raise UsageError(f"There is no {kind} {name!r}; there are {', '.join(choices)}.")
    return name
