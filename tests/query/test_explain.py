from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.errors import UsageError
from retrieval.explanation import Explanation
from retrieval.query.asked import Asked
from retrieval.query.explain import explained
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.passages import PassageRanker
from retrieval.query.search_options import SearchOptions
from retrieval.records import Hit, Span
from retrieval.store.local import LocalStore
from tests.query.hits import hits_from
from tests.query.test_passages import made
from tests.store.documents import vector

QUERIES = ("w1 w2 w2", "w30 w7", "absent", "w0")
LEXICAL = ModeOptions(mode=SearchMode.LEXICAL)
HYBRID = ModeOptions(mode=SearchMode.HYBRID)
RRF = ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF)
EXACT = 1e-9


@pytest.fixture(scope="module", params=[1, 5], ids=["one-segment", "segments"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    return made(tmp_path_factory.mktemp("explained") / "i", request.param)


def explanations(
    store: LocalStore, query: str, options: ModeOptions, *, passages: bool, most: int | None = None
) -> list[tuple[Hit, Explanation]]:
    rows, snapshot = vector(query), store.snapshot
    if passages:
        ranker = PassageRanker(snapshot, max_per_doc=most)
        (found,) = ranker.rank([query], rows, 30, options)
    else:
        (found,) = rank_texts(snapshot, [query], rows, 30, options)
    hits = hits_from(store, found, query)
    asked = Asked(text=query, options=options, row=rows[0])
    wanted = SearchOptions.of(30, unit="passage" if passages else "document", max_per_doc=most)
    whole = [Span(0, len(hit.text)) for hit in hits]
    told = explained(snapshot, asked, hits, whole, wanted, depth=30)
    return [(hit, hit.explanation) for hit in told if hit.explanation is not None]


@pytest.mark.parametrize("passages", [False, True])
@pytest.mark.parametrize("query", QUERIES)
def test_terms_add_up_to_the_score_by_words(store: LocalStore, query: str, passages: bool) -> None:
    found = explanations(store, query, LEXICAL, passages=passages)
    assert bool(found) == (query != "absent")
    for hit, one in found:
        assert one.lexical is not None
        assert one.lexical.score == hit.score
        assert one.lexical.passage_id == hit.passage_id
        assert sum(term.weight for term in one.lexical.terms) == pytest.approx(hit.score, abs=EXACT)
        assert {term.term for term in one.lexical.terms} == set(query.split())
        assert (one.dense, one.fusion, one.rerank, one.parts) == (None, None, None, ())


@pytest.mark.parametrize(("passages", "most"), [(False, None), (True, None), (True, 2)])
@pytest.mark.parametrize("options", [HYBRID, replace(HYBRID, weight=0.3), RRF])
def test_both_sides_add_up_to_the_fused_score(
    store: LocalStore, options: ModeOptions, passages: bool, most: int | None
) -> None:
    for query in QUERIES:
        found = explanations(store, query, options, passages=passages, most=most)
        assert len(found) == 30
        for hit, one in found:
            assert one.fusion is not None
            assert one.dense is not None
            assert one.lexical is not None
            assert hit.scores is not None
            assert one.fusion.score == pytest.approx(hit.score, abs=EXACT)
            assert one.fusion.dense.share + one.fusion.lexical.share == one.fusion.score
            assert one.fusion.dense.score == one.dense.score == hit.scores["dense"]
            assert one.fusion.lexical.score == one.lexical.score == hit.scores["lexical"]
            terms = sum(term.weight for term in one.lexical.terms)
            assert terms == pytest.approx(one.lexical.score, abs=EXACT)


def test_how_often_a_word_is_there_is_told(store: LocalStore) -> None:
    for hit, one in explanations(store, "w1 w2 w2", LEXICAL, passages=True):
        assert one.lexical is not None
        text = f"{hit.title} {hit.text}".split()
        for term in one.lexical.terms:
            assert term.in_passage == text.count(term.term)
            assert term.in_query == ["w1", "w2", "w2"].count(term.term)
            assert (term.weight > 0) == (term.in_passage > 0)


def test_ranks_are_those_of_each_side_alone(store: LocalStore) -> None:
    (lexical,) = rank_texts(store.snapshot, ["w30 w7"], None, 400, LEXICAL)
    by_words = [hit.doc_id for hit in hits_from(store, lexical, "w30 w7")]
    for hit, one in explanations(store, "w30 w7", RRF, passages=False):
        assert one.fusion is not None
        rank = one.fusion.lexical.rank
        assert rank == (by_words.index(hit.doc_id) + 1 if hit.doc_id in by_words else None)
        assert one.fusion.lexical.share == (1 / (60 + rank) if rank else 0.0)


def test_a_search_by_meaning_tells_the_passage_that_is_nearest(store: LocalStore) -> None:
    for hit, one in explanations(store, "w1", ModeOptions(), passages=False):
        assert one.dense is not None
        assert (one.dense.score, one.dense.passage_id) == (hit.score, hit.passage_id)
        assert (one.lexical, one.fusion) == (None, None)


def test_the_words_of_the_query_are_marked_in_the_passage(store: LocalStore) -> None:
    for hit, one in explanations(store, "w1", LEXICAL, passages=False):
        assert {hit.text[start:end] for start, end in one.words} <= {"w1"}
        assert len(one.words) == hit.text.split().count("w1")


def test_the_scores_of_a_cross_encoder_are_told_where_there_are_any(store: LocalStore) -> None:
    (found,) = rank_texts(store.snapshot, ["w1"], vector("w1"), 3, ModeOptions())
    hits = hits_from(store, found, "w1")
    hits[0] = replace(hits[0], score=0.9, scores={"first": 0.5, "rerank": 3.25})
    hits[1] = replace(hits[1], scores={"first": 0.4})
    asked = Asked(text="w1", options=ModeOptions(), row=vector("w1")[0])
    told = explained(store.snapshot, asked, hits, [Span(0, 0)] * 3, SearchOptions(), depth=3)
    reranked = [one.explanation.rerank for one in told if one.explanation is not None]
    assert reranked[0] is not None
    assert (reranked[0].first, reranked[0].rerank, reranked[0].score) == (0.5, 3.25, 0.9)
    assert reranked[1] is not None
    assert reranked[1].rerank is None
    assert reranked[2] is None


def test_a_hit_of_another_generation_is_refused(store: LocalStore) -> None:
    (found,) = rank_texts(store.snapshot, ["w1"], vector("w1"), 1, ModeOptions())
    (hit,) = hits_from(store, found, "w1")
    asked = Asked(text="w1", options=ModeOptions(), row=vector("w1")[0])
    gone = [replace(hit, doc_id="gone")]
    with pytest.raises(UsageError, match="not in generation"):
        explained(store.snapshot, asked, gone, [Span(0, 0)], SearchOptions(), depth=1)
