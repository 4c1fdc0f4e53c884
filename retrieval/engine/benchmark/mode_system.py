"""Searching by words, or by words and meaning, as a benchmark asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from retrieval.engine.benchmark.systems import Columns
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.errors import UsageError
from retrieval.evaluate.run import Run
from retrieval.evaluate.seen import Seen
from retrieval.lexical.bm25 import Bm25Options
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import Fusion, ModeOptions, SearchMode

_QUERIES_AT_ONCE = 64


class ModeSystem:
    """A search in an index by words, or by words and meaning.

    Args:
        name: What it is called in the results.
        index: The index.
        options: By what it ranks.
    """

    def __init__(self, name: str, index: Index, options: ModeOptions) -> None:
        self.name = name
        bm25 = options.bm25
        how = f"BM25, k1 {bm25.k1:g}, b {bm25.b:g}"
        if options.mode is SearchMode.HYBRID:
            fused = (
                f"convex, weight of meaning {options.weight:g}"
                if options.fusion is Fusion.CONVEX
                else "reciprocal ranks"
            )
            how = f"hybrid, {fused}; {how}"
        self.description = f"{how}, index {index.name}"
        self.seen: Seen | None = None
        self._index = index
        self._options = options

    @classmethod
    def parse(cls, name: str, index: Index, parts: Mapping[str, str]) -> Self:
        """Return what a spec says: ``lexical`` or ``hybrid``, with ``weight``, ``fusion``, ...

        Raises:
            UsageError: A value is no number, or does not go with the mode.
        """
        mode = SearchMode.LEXICAL if "lexical" in parts else SearchMode.HYBRID
        numbers = {
            key: _number(name, key, parts[key]) for key in ("weight", "k1", "b") if key in parts
        }
        weight = numbers.pop("weight", None)
        options = ModeOptions.named(
            mode, fusion=parts.get("fusion"), weight=weight, bm25=Bm25Options(**numbers)
        )
        return cls(name, index, options)

    def rank(self, task: Task, depth: int | None) -> Run:
        """Search every query; see ``System.rank``."""
        snapshot = self._index.snapshot
        total = max(sum(one.live_documents for one in snapshot.manifest.segments), 1)
        most = max((len(one) for one in task.excluded.values()), default=0)
        every = depth is None or task.candidates is not None
        wanted = total if every or depth is None else min(total, depth + most)
        columns = Columns(self.name)
        for start in range(0, len(task.queries), _QUERIES_AT_ONCE):
            queries = task.queries[start : start + _QUERIES_AT_ONCE]
            texts = [one.text for one in queries]
            rows = (
                self._index.encoder.encode_queries(texts)
                if self._options.mode is SearchMode.HYBRID
                else None
            )
            found = rank_texts(snapshot, texts, rows, wanted, self._options)
            for query, one in zip(queries, found, strict=True):
                ranking = one.ranking
                places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
                ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
                columns.add(task, query.query_id, ids, ranking.scores, depth)
        return columns.run()


def _number(name: str, key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--compare {name}: {key}={text} is no number.") from None
