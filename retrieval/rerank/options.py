"""How hits are reranked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from retrieval.encode.crossencoder_folder import DEFAULT_RERANKER
from retrieval.errors import UsageError

DEFAULT_CANDIDATES = 100
"""Documents of the first stage that are scored again."""

DEFAULT_WEIGHT = 0.75
"""Share of the reranker in the final score for a model that brings no weight of its own.

A convention, not a measured figure: a cross-encoder trained on other texts is mostly right,
and the first stage, which knows this index, is kept in by a quarter. A model trained here
brings the weight that was best on its validation queries.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankOptions:
    """How the best documents of a search are put in a new order.

    Attributes:
        model: A registered name, a folder, or a name on the hub.
        candidates: Documents of the first stage that are scored, at least 1.
        timeout_s: Seconds of scoring a query may take, above 0; None for no limit. What is
            not scored by then stands below, in the order of the first stage.
        only: Rank by the reranker alone instead of blending it with the first stage.
        weight: Share of the reranker in the blend, 0 to 1; None for the model's own, else
            ``DEFAULT_WEIGHT``.

    Raises:
        UsageError: A number is out of range, or a weight comes with ``only``.
    """

    model: str = DEFAULT_RERANKER
    candidates: int = DEFAULT_CANDIDATES
    timeout_s: float | None = None
    only: bool = False
    weight: float | None = None

    def __post_init__(self) -> None:
        if self.candidates < 1:
            raise UsageError(f"{self.candidates} candidates are to be reranked; 1 is the least.")
        if self.timeout_s is not None and not (
            math.isfinite(self.timeout_s) and self.timeout_s > 0
        ):
            raise UsageError(
                f"The time for reranking is {self.timeout_s:g} seconds; it has to be above 0."
            )
        if self.weight is not None and not 0 <= self.weight <= 1:
            raise UsageError(
                f"The weight of the reranker is {self.weight:g}; it is a number from 0 to 1."
            )
        if self.only and self.weight is not None:
            raise UsageError(
                "Ranked by the reranker alone, nothing is blended and there is no weight.",
                fix="Leave one of the two out.",
            )

    @staticmethod
    def named(
        rerank: str | bool | RerankOptions | None, *, candidates: int | None = None
    ) -> RerankOptions | None:
        """Return options from what a person said; None for no reranking.

        Args:
            rerank: A model, True for the default one, options, or None or False for none.
            candidates: Overrides those of the options.

        Raises:
            UsageError: A number is out of range, or candidates come without a reranker.
        """
        if rerank is None or rerank is False:
            if candidates is not None:
                raise UsageError(
                    "Candidates are documents to rerank, and no reranker was asked for.",
                    fix="Add rerank=True or rerank=MODEL, or leave candidates out.",
                )
            return None
        if isinstance(rerank, RerankOptions):
            options = rerank
        else:
            if isinstance(rerank, str) and not rerank.strip():
                raise UsageError("The name of the reranker is empty.")
            options = RerankOptions() if rerank is True else RerankOptions(model=rerank)
        return options if candidates is None else replace(options, candidates=candidates)
