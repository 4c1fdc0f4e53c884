"""The order of the stages, told by a first stage that ranks as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.query.asked import Asked
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.reranking import RerankStage
from retrieval.query.scored import ScoredRanking
from retrieval.query.search_options import SearchOptions
from retrieval.query.stages import answer
from retrieval.records import Document, Hit, Span
from retrieval.rerank.options import RerankOptions
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot
from retrieval.store.selection import Selection
from retrieval.vectors import unit_rows
from tests.store.documents import DIM, store_at


class FakeFirst:
    """Ranks the documents of one segment in order of id, by the scores it is given."""

    def __init__(self, scores: Sequence[float]) -> None:
        self.questions = [Question(query="q", kind=QueryKind.TEXT)]
        self.calls: list[tuple[str, int, int | None]] = []
        self._scores = np.array(scores)

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        self.calls.append(("documents", k, None))
        return [self._ranked(k)]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        self.calls.append(("passages", k, max_per_doc))
        return [self._ranked(k)]

    def asked(self) -> list[Asked]:
        return [Asked()]

    def _ranked(self, k: int) -> ScoredRanking:
        rows = np.arange(len(self._scores))[:k]
        segments = np.zeros(len(rows), dtype=np.int32)
        return ScoredRanking(Ranking(segments, rows, rows, self._scores[:k]))


class Reversing(RerankStage):
    """Gives the last candidate the first's score, and so on; counts what it is given."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def rerank(self, snapshot: Snapshot, question: Question, found: ScoredRanking) -> ScoredRanking:
        self.given.append(len(found))
        own = found.ranking.take(slice(None, None, -1))
        scores = found.ranking.scores
        ranking = Ranking(own.segments, own.ordinals, own.rows, scores)
        return ScoredRanking(ranking, {"first": own.scores, "rerank": scores})


AXES = {"a": 0, "b": 0, "c": 0, "d": 1, "e": 2}
"""Documents by the axis that their vector lies on: the first three say the same."""


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    def encode(documents: Sequence[Document]) -> list[Passages]:
        found = []
        for one in documents:
            row = np.eye(DIM)[AXES[one.doc_id]] + 0.01 * np.eye(DIM)[DIM - 1]
            found.append(Passages((Span(0, len(one.text)),), unit_rows(row[np.newaxis]), 0))
        return found

    store = store_at(tmp_path / "i")
    store.upsert([Document(one, f"text {one}") for one in AXES], encode)
    return store


SCORES = [0.9, 0.85, 0.8, 0.5, 0.1]


def ask(store: LocalStore, options: SearchOptions) -> tuple[list[Hit], FakeFirst]:
    first = FakeFirst(SCORES)
    (hits,) = answer(store.snapshot, first, options, index="i")
    return hits, first


def ids(hits: Sequence[Hit]) -> str:
    return "".join(hit.doc_id for hit in hits)


def test_the_first_stage_is_asked_for_k_and_for_more_only_where_hits_are_to_differ(
    store: LocalStore,
) -> None:
    assert ask(store, SearchOptions(k=3))[1].calls == [("documents", 3, None)]
    assert ask(store, SearchOptions(k=3, diversify=0.5))[1].calls == [("documents", 50, None)]
    assert ask(store, SearchOptions(k=40, diversify=0.5))[1].calls == [("documents", 200, None)]
    assert ask(store, SearchOptions(k=None))[1].calls == [("documents", 5, None)]
    options = SearchOptions.of(3, unit="passage", max_per_doc=2)
    assert ask(store, options)[1].calls == [("passages", 3, 2)]


def test_hits_that_differ_are_chosen_before_the_cut(store: LocalStore) -> None:
    assert ids(ask(store, SearchOptions(k=2))[0]) == "ab"
    hits, _ = ask(store, SearchOptions(k=2, diversify=0.5))
    assert ids(hits) == "ad"
    assert [(hit.rank, hit.score) for hit in hits] == [(1, 0.9), (2, 0.5)]


def test_what_scores_too_little_is_left_out_before_hits_that_differ_are_chosen(
    store: LocalStore,
) -> None:
    every = SearchOptions(k=3, diversify=0.1)
    assert ids(ask(store, every)[0]) == "ade"
    enough = SearchOptions(k=3, diversify=0.1, min_score=0.5)
    assert ids(ask(store, enough)[0]) == "adb"


def test_a_reranker_reads_before_little_scores_and_likeness_are_looked_at(
    store: LocalStore,
) -> None:
    def reranked(**refine: object) -> tuple[str, list[int], FakeFirst]:
        options = SearchOptions.of(2, rerank=RerankOptions(candidates=4), **refine)  # type: ignore[arg-type]
        first, rerank = FakeFirst(SCORES), Reversing()
        (hits,) = answer(store.snapshot, first, options, index="i", rerank=rerank)
        return ids(hits), rerank.given, first

    found, given, first = reranked()
    assert (found, given) == ("dc", [4])  # of e, the fifth, nobody asked
    assert first.calls == [("documents", 4, None)]
    # the scores that count are those after reranking, and the likeness is looked at last
    assert reranked(min_score=0.88)[0] == "d"
    assert reranked(diversify=0.3)[0] == "ed"
    assert reranked(diversify=0.3)[2].calls == [("documents", 50, None)]


def test_scores_before_and_after_reranking_are_shown(store: LocalStore) -> None:
    options = SearchOptions(k=1, rerank=RerankOptions(candidates=5))
    (hits,) = answer(store.snapshot, FakeFirst(SCORES), options, index="i", rerank=Reversing())
    assert (hits[0].doc_id, hits[0].score) == ("e", 0.9)
    assert hits[0].scores == {"first": 0.1, "rerank": 0.9}


def test_diversity_of_one_changes_nothing(store: LocalStore) -> None:
    assert ask(store, SearchOptions(k=4, diversify=1.0))[0] == ask(store, SearchOptions(k=4))[0]


def test_the_least_score_comes_before_the_cut(store: LocalStore) -> None:
    assert ids(ask(store, SearchOptions(k=5, min_score=0.8))[0]) == "abc"
    assert ids(ask(store, SearchOptions(k=2, min_score=0.8))[0]) == "ab"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unit": "word"}, "no unit 'word'; there are document, passage"),
        ({"max_per_doc": 2}, "here documents are"),
        ({"unit": "passage", "max_per_doc": 0}, "max_per_doc is 0"),
        ({"diversify": 1.5}, "from 0 to 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SearchOptions.of(10, **options)  # type: ignore[arg-type]


def test_hits_that_differ_need_a_number() -> None:
    with pytest.raises(UsageError, match="needs a number"):
        SearchOptions(k=None, diversify=0.5)


def test_diversity_is_switched_on_by_true() -> None:
    assert SearchOptions.of(10, diversify=True).diversify == 0.7
    assert SearchOptions.of(10, diversify=False).diversify is None
    assert SearchOptions.of(10, diversify=0.0).diversify == 0.0
