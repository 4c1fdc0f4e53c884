"""Reranking what a search finds, as a benchmark asks it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Self

import numpy as np

from retrieval.engine.benchmark.mode_system import ModeSystem
from retrieval.engine.benchmark.systems import Columns
from retrieval.engine.benchmark.task import Task
from retrieval.engine.index import Index
from retrieval.errors import UsageError
from retrieval.evaluate.run import Run
from retrieval.evaluate.seen import Seen
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.query.reranking import RerankStage
from retrieval.rerank.opening import OpenReranker
from retrieval.rerank.options import DEFAULT_WEIGHT, RerankOptions

RERANK_KEYS = frozenset({"rerank", "candidates", "share", "only"})
"""Keys of a spec that say how to rerank."""


class RerankSystem:
    """A search whose best documents are read again.

    Args:
        name: What it is called in the results.
        index: The index.
        mode: The first stage.
        rerank: How documents are read again.
        opened: The reranker.
    """

    def __init__(
        self,
        name: str,
        index: Index,
        mode: ModeOptions,
        rerank: RerankOptions,
        opened: OpenReranker,
    ) -> None:
        self.name = name
        identity = opened.model.identity
        weight = rerank.weight if rerank.weight is not None else opened.weight
        share = DEFAULT_WEIGHT if weight is None else weight
        how = "alone" if rerank.only else f"share {share:g}"
        if mode.mode is SearchMode.DENSE:
            first = f"dense, index {index.name}"
        else:
            first = ModeSystem(name, index, mode).description
        self.description = (
            f"{first}; the first {rerank.candidates:,} reranked by {identity.name}"
            f" ({identity.fingerprint[:8]}), {how}"
        )
        self.seen: Seen | None = None
        self._index = index
        self._mode = mode
        self._rerank = rerank
        self._opened = opened

    @classmethod
    def parse(
        cls,
        name: str,
        index: Index,
        parts: Mapping[str, str],
        reranker: Callable[[str], OpenReranker],
    ) -> Self:
        """Return what a spec says: ``dense``, ``lexical`` or ``hybrid`` with ``rerank=MODEL``.

        ``candidates=N`` are read again, with ``share=W`` of the final score, or ``only`` the
        reranker's counts.

        Raises:
            UsageError: A value is no number or out of range, or there is no model.
            ModelError: The reranker cannot be had.
        """
        if not parts["rerank"]:
            raise UsageError(f"--compare {name}: rerank needs a model: rerank=MODEL.")
        given = {key: one for key, one in parts.items() if key not in RERANK_KEYS}
        if "dense" in parts:
            mode = ModeOptions()
        else:
            mode = ModeSystem.parse(name, index, given).options
        try:
            candidates = {"candidates": int(parts["candidates"])} if "candidates" in parts else {}
            weight = float(parts["share"]) if "share" in parts else None
        except ValueError as error:
            raise UsageError(f"--compare {name}: {error}.") from error
        options = RerankOptions(
            model=parts["rerank"], weight=weight, only="only" in parts, **candidates
        )
        return cls(name, index, mode, options, reranker(parts["rerank"]))

    def rank(self, task: Task, depth: int | None) -> Run:
        """Search every query and read the best documents that may be ranked again.

        Raises:
            UsageError: The reranker learned from these very judgments.
        """
        if task.qrels.digest in self._opened.trained_on:
            raise UsageError(
                f"--compare {self.name}: {os.fspath(self._rerank.model)} was trained or validated"
                " on these very judgments.",
                fix="Measure it on others, such as another split.",
            )
        index, snapshot = self._index, self._index.snapshot
        texts = [one.text for one in task.queries]
        lexical = self._mode.mode is SearchMode.LEXICAL
        rows = None if lexical else index.encoder.encode_queries(texts)
        total = max(sum(one.live_documents for one in snapshot.manifest.segments), 1)
        most = max((len(one) for one in task.excluded.values()), default=0)
        whole = depth is None or task.candidates is not None
        wanted = total if whole else max(depth or 0, self._rerank.candidates) + most
        columns = Columns(self.name)
        stage = RerankStage(self._opened, self._rerank)
        for at, query in enumerate(task.queries):
            own = None if rows is None else rows[at : at + 1]
            (found,) = rank_texts(snapshot, [query.text], own, min(wanted, total), self._mode)
            places = zip(
                found.ranking.segments.tolist(), found.ranking.ordinals.tolist(), strict=True
            )
            ids = [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]
            allowed = [
                number for number, one in enumerate(ids) if task.may_rank(query.query_id, one)
            ]
            question = Question(query=query.text, kind=QueryKind.TEXT, query_id=query.query_id)
            made = stage.rerank(
                snapshot, question, found.take(np.array(allowed, dtype=np.int64))
            ).ranking
            ordered = [
                snapshot.segments[segment].doc_id(ordinal)
                for segment, ordinal in zip(
                    made.segments.tolist(), made.ordinals.tolist(), strict=True
                )
            ]
            columns.add(task, query.query_id, ordered, made.scores, depth)
        return columns.run()
