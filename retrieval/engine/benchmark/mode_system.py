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
from retrieval.query.modes import DEFAULT_WEIGHT, Fusion, ModeOptions, SearchMode
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows


class ModeSystem:
    """A search in an index by words, or by words and meaning.

    Args:
        name: What it is called in the results.
        index: The index.
        options: By what it ranks.
        tuned_on: Hash of the judgments its weight was learned from; None if it was not learned.

    Attributes:
        options: By what it ranks.
    """

    def __init__(
        self, name: str, index: Index, options: ModeOptions, *, tuned_on: str | None = None
    ) -> None:
        self.name = name
        bm25 = options.bm25
        how = f"BM25, k1 {bm25.k1:g}, b {bm25.b:g}"
        if options.mode is SearchMode.HYBRID:
            told = f" (learned from judgments {tuned_on[:8]})" if tuned_on is not None else ""
            fused = (
                f"convex, weight of meaning {options.weight_in(index.snapshot):g}{told}"
                if options.fusion is Fusion.CONVEX
                else "reciprocal ranks"
            )
            how = f"hybrid, {fused}; {how}"
        self.description = f"{how}, index {index.name}"
        self.seen: Seen | None = None
        self._index = index
        self.options = options
        self._tuned_on = tuned_on

    @classmethod
    def parse(cls, name: str, index: Index, parts: Mapping[str, str]) -> Self:
        """Return what a spec says: ``lexical`` or ``hybrid``, and their parameters.

        Raises:
            UsageError: A value is no number, or does not go with the mode.
        """
        mode = SearchMode.LEXICAL if "lexical" in parts else SearchMode.HYBRID
        tuned = parts.get("weight") == "tuned"
        given = {key: parts[key] for key in ("weight", "k1", "b") if key in parts}
        learned = index.snapshot.manifest.fusion
        if tuned:
            if learned is None:
                raise UsageError(
                    f"--compare {name}: {index.name} has no learned weight.",
                    fix="Learn one with: retrieve tune --qrels FILE --queries FILE",
                )
            given["weight"] = str(learned.weight)
        numbers = {key: _number(name, key, text) for key, text in given.items()}
        weight = numbers.pop("weight", None)
        if mode is SearchMode.HYBRID and weight is None and parts.get("fusion") != Fusion.RRF:
            weight = DEFAULT_WEIGHT  # what is measured does not change by a `retrieve tune`
        options = ModeOptions.named(
            mode, fusion=parts.get("fusion"), weight=weight, bm25=Bm25Options(**numbers)
        )
        return cls(
            name, index, options, tuned_on=learned.judgments_sha256 if tuned and learned else None
        )

    def rank(self, task: Task, depth: int | None) -> Run:
        """Search every query; see ``System.rank``.

        Raises:
            UsageError: The weight was learned from these very judgments.
        """
        if self._tuned_on is not None and self._tuned_on == task.qrels.digest:
            raise UsageError(
                f"--compare {self.name}: the weight was learned from these very judgments.",
                fix="Measure it on others, or give a weight that was not learned: weight=W.",
            )
        hybrid = self.options.mode is SearchMode.HYBRID
        texts = [one.text for one in task.queries]
        rows = self._index.encoder.encode_queries(texts) if hybrid else None
        return ranked_run(
            self.name, self._index.snapshot, task, rows, depth=depth, options=self.options
        )


def ranked_run(
    name: str,
    snapshot: Snapshot,
    task: Task,
    rows: FloatRows | None,
    *,
    depth: int | None,
    options: ModeOptions,
) -> Run:
    """Rank documents for every query of a task, in any mode.

    Args:
        name: Name of the run.
        snapshot: The generation to search.
        task: Says what is asked and which documents may be ranked.
        rows: float32 (n_queries, dim), the queries' embeddings; None for ``lexical``.
        depth: Hits a query; None for every document.
        options: By what documents are ranked.
    """
    total = max(sum(one.live_documents for one in snapshot.manifest.segments), 1)
    most = max((len(one) for one in task.excluded.values()), default=0)
    every = depth is None or task.candidates is not None
    wanted = total if every or depth is None else min(total, depth + most)
    columns = Columns(name)
    for at, query in enumerate(task.queries):
        own = None if rows is None else rows[at : at + 1]
        (found,) = rank_texts(snapshot, [query.text], own, wanted, options)
        ranking = found.ranking
        places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
        ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
        columns.add(task, query.query_id, ids, ranking.scores, depth)
    return columns.run()


def _number(name: str, key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--compare {name}: {key}={text} is no number.") from None
