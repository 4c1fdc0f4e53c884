"""Systems of a benchmark that share a reranker: each pair is read once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.encode.pair_scores import PairScores
from retrieval.engine.benchmark.read_once import ReadOnce
from retrieval.rerank.registry import RERANKERS
from retrieval.testing.rerankers import WordReranker
from tests.engine.test_reranking import bench, judged_index


def test_systems_of_one_reranker_read_each_pair_once(tmp_path: Path) -> None:
    read: list[tuple[str, str]] = []

    class Reading(WordReranker):
        def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
            read.extend(zip(queries, passages, strict=True))
            return super().score_pairs(queries, passages)

    name = f"testing-{tmp_path.name}"
    RERANKERS.register(name, Reading)
    shares = [f"s{share}=hybrid,rerank={name},share={share}" for share in (0.25, 0.75)]
    with judged_index(tmp_path) as index:
        together = bench(index, *shares, f"alone=dense,rerank={name},only")
        assert len(read) == len(set(read)) > 0
        apart = [bench(index, share).runs[1] for share in shares]
        assert len(read) > len(set(read))
    for query in ("q1", "q2", "q3"):
        for one, other in zip(together.runs[1:3], apart, strict=True):
            assert one.ranking(query) == other.ranking(query)


def test_pairs_asked_twice_at_once_are_read_once_and_told_in_order() -> None:
    class Counting(WordReranker):
        asked = 0

        def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
            self.asked += len(queries)
            return super().score_pairs(queries, passages)

    plain, counted = WordReranker(), Counting()
    once = ReadOnce(counted)
    assert (once.identity, once.max_tokens) == (plain.identity, plain.max_tokens)
    queries = ["leek", "leek", "le", "leek", "tyre"]
    passages = ["leek cream", "oil", "ekoil", "leek cream", "tyre " * 2_000]
    for _ in range(2):
        found, expected = (one.score_pairs(queries, passages) for one in (once, plain))
        np.testing.assert_array_equal(found.scores, expected.scores)
        np.testing.assert_array_equal(found.cut, expected.cut)
    assert counted.asked == 4
    assert len(once.score_pairs([], [])) == 0
    once.close()
    once.score_pairs(["leek"], ["oil"])
    assert counted.asked == 5
