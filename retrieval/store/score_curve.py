"""From scores of text queries to probabilities, as an index's manifest keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurve:
    """A rising curve that was fitted to judged hits, and what it holds for.

    Attributes:
        mode: By what documents were ranked; an index has one curve for each.
        fusion: With ``hybrid``: how scores were fused; else empty.
        weight: With ``hybrid`` and convex: the share of meaning; else None.
        k1: BM25's, 0 with ``dense``.
        b: BM25's, 0 with ``dense``.
        kind: ``platt`` or ``isotonic``.
        slope: Platt: log-odds a unit of score.
        intercept: Platt: log-odds at score 0.
        scores: Isotonic: scores, ascending; linear between them, flat outside.
        values: Isotonic: probabilities there.
        hits: Hits it was fitted to.
        relevant: Relevant ones among them.
        queries: Judged queries they are of.
        complete: Whether documents without a judgment were counted as not relevant.
        judgments_sha256: Hash of the judgments, hex (``Qrels.digest``).
        created: When, ISO 8601 in UTC.
    """

    mode: str
    fusion: str
    weight: float | None
    k1: float
    b: float
    kind: str
    slope: float
    intercept: float
    scores: tuple[float, ...]
    values: tuple[float, ...]
    hits: int
    relevant: int
    queries: int
    complete: bool
    judgments_sha256: str
    created: str

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` made of a curve.

        Raises:
            KeyError, TypeError, ValueError: It is not one.
        """
        columns = {name: tuple(map(float, record[name])) for name in ("scores", "values")}
        curve = cls(**{**record, **columns})
        if len(curve.scores) != len(curve.values):
            raise ValueError("a curve has as many values as scores")
        if curve.kind not in {"platt", "isotonic"} or bool(curve.scores) != (
            curve.kind == "isotonic"
        ):
            raise ValueError(f"a curve is no {curve.kind!r} of {len(curve.scores)} scores")
        return curve
