"""Reranking as a stage of a search: what is read again, in which order, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.engine.benchmark.judgments import find_task
from retrieval.engine.benchmark.rerank_system import RerankSystem
from retrieval.errors import ModelNotFoundError, UsageError
from retrieval.query.asked import Asked
from retrieval.query.first_stage import QueryKind, Question
from retrieval.query.modes import ModeOptions
from retrieval.query.reranking import RerankStage
from retrieval.query.scored import ScoredRanking
from retrieval.query.search_options import SearchOptions
from retrieval.query.stages import answer
from retrieval.rerank.blend import blend
from retrieval.rerank.opening import OpenReranker
from retrieval.rerank.options import DEFAULT_WEIGHT, RerankOptions
from retrieval.store.reader import Snapshot
from retrieval.store.selection import Selection
from retrieval.testing.rerankers import WORDS_NAME, WordReranker
from tests.engine.corpora import QUERIES, beir, built, jsonl

ROWS = [
    {"id": "a", "title": "Bikes", "text": "chain oil and a tyre"},
    {"id": "b", "title": "Oil", "text": "olive oil for the salad and for the soup"},
    {"id": "c", "title": "", "text": "oil oil oil oil oil oil"},
    {"id": "d", "title": "Night", "text": "the moon and the tide"},
    {"id": "e", "title": "", "text": "soup of the day with leek"},
    {"id": "f", "title": "", "text": ""},
]


class Followed:
    """Keeps the notes it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.notes.append(text)

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Let it pass."""


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path / "home", observer=Followed())


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_hits_are_ordered_by_the_blend_of_both_stages(index: retrieval.Index, mode: str) -> None:
    first = index.search("olive oil soup", mode=mode)
    found = index.search("olive oil soup", mode=mode, rerank=WORDS_NAME)
    assert {hit.doc_id for hit in found} == {hit.doc_id for hit in first}
    reranker = WordReranker()
    texts = [f"{hit.title} {hit.text}".strip() for hit in first]
    scores = reranker.score_pairs(["olive oil soup"] * len(texts), texts).scores
    wanted = blend(scores, np.array([hit.score for hit in first]), DEFAULT_WEIGHT)
    by_id = {hit.doc_id: at for at, hit in enumerate(first)}
    for hit in found:
        at = by_id[hit.doc_id]
        assert hit.score == pytest.approx(wanted[at])
        assert hit.scores is not None
        assert hit.scores["first"] == first[at].score
        assert hit.scores["rerank"] == pytest.approx(scores[at])
        assert (hit.passage_id, hit.text) == (first[at].passage_id, first[at].text)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert [hit.rank for hit in found] == list(range(1, len(found) + 1))


def test_candidates_beyond_k_can_come_up(index: retrieval.Index) -> None:
    (before,) = index.search("oil for a chain", 1)
    assert before.doc_id == "c"
    (after,) = index.search("oil for a chain", 1, rerank=WORDS_NAME)
    assert after.doc_id == "a"


def test_what_is_no_candidate_stands_below_without_a_score_of_the_reranker(
    index: retrieval.Index,
) -> None:
    first = index.search("oil soup", 5)
    found = index.search("oil soup", 5, rerank=WORDS_NAME, candidates=2)
    assert [hit.doc_id for hit in found[2:]] == [hit.doc_id for hit in first[2:]]
    assert all(hit.scores is not None for hit in found)
    assert ["rerank" in (hit.scores or {}) for hit in found] == [True, True, False, False, False]
    assert [hit.scores["first"] for hit in found[2:] if hit.scores] == [
        hit.score for hit in first[2:]
    ]


def test_the_reranker_alone_replaces(index: retrieval.Index) -> None:
    options = RerankOptions(model=WORDS_NAME, only=True)
    for hit in index.search("oil soup", rerank=options):
        assert hit.scores is not None
        assert hit.score == hit.scores["rerank"]


def test_several_queries_are_reranked_as_each_alone(index: retrieval.Index) -> None:
    queries = ["oil soup", "moon", "leek"]
    together = index.search_many(queries, rerank=WORDS_NAME, mode="hybrid")
    for query, hits in zip(queries, together, strict=True):
        alone = index.search(query, rerank=WORDS_NAME, mode="hybrid")
        assert [(one.doc_id, one.score) for one in hits] == [
            (one.doc_id, one.score) for one in alone
        ]


def test_no_candidates_are_no_hits(index: retrieval.Index) -> None:
    assert index.search("zzz", mode="lexical", rerank=WORDS_NAME) == []
    assert index.search_many([], rerank=WORDS_NAME) == []


def test_candidates_are_those_that_a_filter_lets_through(tmp_path: Path) -> None:
    rows = [{**row, "year": 2000 + at} for at, row in enumerate(ROWS)]
    with built(jsonl(tmp_path / "rows.jsonl", rows), tmp_path / "home") as index:
        found = index.search("oil soup", 2, rerank=WORDS_NAME, candidates=2, where="year >= 2002")
        assert {hit.doc_id for hit in found} == {"c", "e"}
        assert all("rerank" in (hit.scores or {}) for hit in found)


def test_the_least_score_is_that_after_reranking(index: retrieval.Index) -> None:
    found = index.search("oil soup", rerank=WORDS_NAME)
    kept = index.search("oil soup", rerank=WORDS_NAME, min_score=found[1].score)
    assert [hit.doc_id for hit in kept] == [hit.doc_id for hit in found[:2]]


@pytest.mark.parametrize("asked", [{"like": ["a"]}, {"query": "oil", "against": ["soup"]}])
def test_only_texts_can_be_reranked(index: retrieval.Index, asked: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="A reranker reads a text"):
        index.search(**asked, rerank=WORDS_NAME)


def test_a_missing_reranker_is_an_error_and_never_passed_over(
    tmp_path: Path, index: retrieval.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETRIEVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelNotFoundError, match="ms-marco-MiniLM-L6-v2 was not fetched") as told:
        index.search("oil", rerank=True)
    assert "three ways" in told.value.fix


def test_candidates_without_a_reranker_are_refused(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="no reranker was asked for"):
        index.search("oil", candidates=5)


def test_passages_longer_than_the_window_are_counted_and_said(tmp_path: Path) -> None:
    long = {"id": "long", "text": " ".join(f"oil{n}" for n in range(58)) + " oil"}
    short = {"id": "short", "text": "oil"}
    observer = Followed()
    rows = jsonl(tmp_path / "rows.jsonl", [long, short])
    with built(rows, tmp_path / "home", observer=observer) as index:
        index.search("oil in a longer question", rerank=WORDS_NAME)
    (told,) = [one for one in observer.notes if "longer than" in one]
    assert told.startswith("1 of 2 passages are longer than testing-words reads with the query")


class Fixed:
    """A first stage that gives what it was given, and counts what it was asked for."""

    def __init__(self, found: ScoredRanking, kind: QueryKind = QueryKind.TEXT) -> None:
        self.questions = [Question(query="oil soup", kind=kind)]
        self.depths: list[int] = []
        self._found = found

    def rank(
        self, snapshot: Snapshot, k: int, *, allowed: Selection | None = None
    ) -> list[ScoredRanking]:
        self.depths.append(k)
        return [self._found.take(slice(k))]

    def rank_passages(
        self,
        snapshot: Snapshot,
        k: int,
        *,
        max_per_doc: int | None = None,
        allowed: Selection | None = None,
    ) -> list[ScoredRanking]:
        return self.rank(snapshot, k, allowed=allowed)

    def asked(self) -> list[Asked]:
        return [Asked()]


def ranked(index: retrieval.Index) -> ScoredRanking:
    row = index.encoder.encode_queries(["oil soup"])
    (found,) = index.snapshot.search_vectors(row, 9)
    return ScoredRanking(found, {"dense": found.scores})


@pytest.mark.parametrize(("k", "candidates", "asked"), [(2, 4, 4), (4, 2, 4), (3, 3, 3)])
def test_the_first_stage_is_asked_for_what_is_read_again(
    index: retrieval.Index, k: int, candidates: int, asked: int
) -> None:
    options = RerankOptions(model=WORDS_NAME, candidates=candidates)
    reranker = WordReranker()
    stage = RerankStage(OpenReranker(reranker, None), options)
    first = Fixed(ranked(index))
    chosen = SearchOptions(k=k, rerank=options)
    (hits,) = answer(index.snapshot, first, chosen, index="i", rerank=stage)
    assert first.depths == [asked]
    assert reranker.pairs_scored == candidates
    assert len(hits) == k


def test_time_that_runs_out_is_said(index: retrieval.Index) -> None:
    options = RerankOptions(model=WORDS_NAME, timeout_s=1e-9)
    stage = RerankStage(OpenReranker(WordReranker(), None), options)
    found = ranked(index)
    made = stage.rerank(index.snapshot, Fixed(found).questions[0], found)
    np.testing.assert_array_equal(made.ranking.scores, found.ranking.scores)
    assert np.isnan(made.scores["rerank"]).all()
    (told,) = stage.notes()
    assert "5 of 5 candidates were not read" in told


def test_a_concept_is_no_text_to_read(index: retrieval.Index) -> None:
    options = RerankOptions(model=WORDS_NAME)
    stage = RerankStage(OpenReranker(WordReranker(), None), options)
    first = Fixed(ranked(index), QueryKind.CONCEPT)
    with pytest.raises(UsageError, match="reads a text"):
        answer(index.snapshot, first, SearchOptions(rerank=options), index="i", rerank=stage)
    assert first.depths == []


def test_an_index_opens_a_reranker_once_and_closes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.rerank.registry import RERANKERS

    opened: list[Any] = []

    class Closing(WordReranker):
        closed = False

        def close(self) -> None:
            self.closed = True

    def factory() -> WordReranker:
        one = Closing()
        opened.append(one)
        return one

    name = f"testing-{tmp_path.name}"
    RERANKERS.register(name, factory)
    with built(jsonl(tmp_path / "rows.jsonl", ROWS), tmp_path / "home") as index:
        index.search("oil", rerank=name)
        index.search("soup", rerank=name)
        assert len(opened) == 1
        assert not opened[0].closed
    assert opened[0].closed


def bench(index: retrieval.Index, *compare: str, **given: Any) -> Any:
    return retrieval.bench(index, measures=["nDCG@10"], compare=compare, **given)


def judged_index(tmp_path: Path) -> retrieval.Index:
    return built(beir(tmp_path / "beir"), tmp_path / "home")


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_a_benchmark_reranks_as_a_search_does(tmp_path: Path, mode: str) -> None:
    with judged_index(tmp_path) as index:
        done = bench(index, f"again={mode},rerank={WORDS_NAME},candidates=3,share=0.5")
        run = done.runs[1]
        options = RerankOptions(model=WORDS_NAME, candidates=3, weight=0.5)
        for query in (one for one in QUERIES if one["_id"] in run.query_ids):
            hits = index.search(query["text"], 6, mode=mode, rerank=options)
            ranking = run.ranking(query["_id"])
            assert [doc_id for doc_id, _ in ranking][:3] == [hit.doc_id for hit in hits][:3]
            for (_, score), hit in zip(ranking[:3], hits, strict=False):
                assert score == pytest.approx(hit.score)


def test_only_judged_documents_are_reranked_where_only_they_are_ranked(tmp_path: Path) -> None:
    with judged_index(tmp_path) as index:
        done = bench(index, f"again=hybrid,rerank={WORDS_NAME},only", candidates="qrels")
    assert {doc_id for doc_id, _ in done.runs[1].ranking("q1")} <= {"d1", "d2", "d3"}


def test_a_reranker_is_not_measured_on_what_it_learned_from(tmp_path: Path) -> None:
    with judged_index(tmp_path) as index:
        task = find_task(index, retrieval.JudgmentOptions())
        opened = OpenReranker(WordReranker(), 0.5, frozenset({task.qrels.digest}))
        system = RerankSystem(
            "again", index, ModeOptions(), RerankOptions(model=WORDS_NAME), opened
        )
        with pytest.raises(UsageError, match="trained or validated on these very judgments"):
            system.rank(task, 10)


@pytest.mark.parametrize(
    "spec",
    [
        "a=hybrid,candidates=3",
        "a=hybrid,rerank=",
        "a=hybrid,rerank=testing-words,candidates=many",
        "a=hybrid,rerank=testing-words,share=2",
        "a=index=b,rerank=testing-words",
    ],
)
def test_a_spec_that_says_nothing_sensible_is_refused(tmp_path: Path, spec: str) -> None:
    with judged_index(tmp_path) as index, pytest.raises(UsageError):
        bench(index, spec)
