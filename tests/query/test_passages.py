from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.lexical.bm25 import Bm25Options
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.passages import PassageRanker
from retrieval.query.reciprocal_rank import RANKED
from retrieval.query.scored import ScoredRanking
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores
from tests.store.documents import FakeEncode, store_at, vector
from tests.store.worded import worded

QUERIES = ("w1 w2", "w30 w7", "absent", "w0")
MODES = [
    ModeOptions(),
    ModeOptions(mode=SearchMode.LEXICAL),
    ModeOptions(mode=SearchMode.HYBRID),
    ModeOptions(mode=SearchMode.HYBRID, weight=0.0),
    ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF),
]


def made(folder: Path, segments: int, documents: int = 120) -> LocalStore:
    """Return a store whose documents have equal passages within and beside each other."""
    store = store_at(folder)
    again = [
        Document(f"e{number}", "w1 w2. w1 w2. w30 w7. w1 w2. w0", title="" if number % 2 else "w7")
        for number in range(12)
    ]
    rows = [*worded(0, documents), *again]
    step = -(-len(rows) // segments)
    for start in range(0, len(rows), step):
        store.upsert(rows[start : start + step], FakeEncode())
    store.delete(["d5", "d77", "e3"])
    return store


@pytest.fixture(scope="module", params=[1, 5], ids=["one-segment", "segments"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return made(tmp_path_factory.mktemp("passages") / "i", request.param).snapshot


def every_passage(snapshot: Snapshot, query: str) -> dict[tuple[bytes, int], tuple[float, float]]:
    """Return the cosine and the BM25 score of each passage that may be found, by its place."""
    words = snapshot.words.score(query, Bm25Options())
    (row,) = vector(query)
    found = {}
    for segment, lexical in zip(snapshot.segments, words, strict=True):
        for ordinal in segment.live_ordinals():
            if not segment.empty[ordinal]:
                start, end = segment.passage_starts[ordinal : ordinal + 2].tolist()
                dense = exact_scores(segment.vectors[start:end], row)
                for number in range(end - start):
                    key = (segment.id_bytes(ordinal), number)
                    found[key] = (float(dense[number]), float(lexical[start + number]))
    return found


def capped(scores: dict[tuple[bytes, int], float], most: int | None) -> list[tuple[bytes, int]]:
    """Rank passages the obvious way: sort all, then pass over what is too many of a document."""
    taken: list[tuple[bytes, int]] = []
    for key in sorted(scores, key=lambda one: (-scores[one], one)):
        if most is None or sum(one[0] == key[0] for one in taken) < most:
            taken.append(key)
    return taken


def brute_force(
    snapshot: Snapshot, query: str, options: ModeOptions, most: int | None
) -> tuple[list[tuple[bytes, int]], dict[tuple[bytes, int], float]]:
    both = every_passage(snapshot, query)
    dense = {key: one[0] for key, one in both.items()}
    lexical = {key: one[1] for key, one in both.items()}
    worded_only = {key: one for key, one in lexical.items() if one > 0}
    if options.mode is SearchMode.DENSE:
        return capped(dense, most), dense
    if options.mode is SearchMode.LEXICAL:
        return capped(worded_only, most), worded_only
    if options.fusion is Fusion.RRF:
        fused: dict[tuple[bytes, int], float] = {}
        for side in (dense, worded_only):
            for rank, key in enumerate(capped(side, most)[:RANKED], 1):
                fused[key] = fused.get(key, 0.0) + 1 / (60 + rank)
        return capped(fused, most), fused
    weight = options.weight_in(snapshot)
    most_dense, most_words = max(dense.values()), max(lexical.values())
    fused = {
        key: weight * ((one + 1) / (most_dense + 1))
        + (1 - weight) * (lexical[key] / most_words if most_words else 0.0)
        for key, one in dense.items()
    }
    return capped(fused, most), fused


def places_of(snapshot: Snapshot, found: ScoredRanking) -> list[tuple[bytes, int]]:
    ranking = found.ranking
    columns = (ranking.segments, ranking.ordinals, ranking.rows)
    return [
        (
            snapshot.segments[segment].id_bytes(ordinal),
            row - int(snapshot.segments[segment].passage_starts[ordinal]),
        )
        for segment, ordinal, row in zip(*(one.tolist() for one in columns), strict=True)
    ]


@pytest.mark.parametrize("most", [None, 1, 2])
@pytest.mark.parametrize("options", MODES, ids=lambda one: f"{one.mode}-{one.fusion}-{one.weight}")
def test_passages_are_those_of_brute_force(
    snapshot: Snapshot, options: ModeOptions, most: int | None
) -> None:
    ranker = PassageRanker(snapshot, max_per_doc=most)
    for query in QUERIES:
        wanted, scores = brute_force(snapshot, query, options, most)
        for k in (1, 7, 60, 1000):
            (found,) = ranker.rank([query], vector(query), k, options)
            assert places_of(snapshot, found) == wanted[:k]
            assert found.ranking.scores == pytest.approx([scores[one] for one in wanted[:k]])


def test_the_parts_of_a_fused_score_are_those_of_the_passage(snapshot: Snapshot) -> None:
    both = every_passage(snapshot, "w30 w7")
    options = ModeOptions(mode=SearchMode.HYBRID)
    (found,) = PassageRanker(snapshot).rank(["w30 w7"], vector("w30 w7"), 20, options)
    for at, key in enumerate(places_of(snapshot, found)):
        assert (found.scores["dense"][at], found.scores["lexical"][at]) == both[key]


@pytest.mark.parametrize("options", MODES, ids=lambda one: f"{one.mode}-{one.fusion}-{one.weight}")
def test_only_allowed_passages_are_found(snapshot: Snapshot, options: ModeOptions) -> None:
    allowed = []
    for segment in snapshot.segments:
        searchable = segment.searchable
        own = np.ones(segment.segment.passages, dtype=bool) if searchable is None else searchable
        allowed.append(own & (np.arange(len(own)) % 3 == 0))
    ranker = PassageRanker(snapshot, max_per_doc=2, allowed=allowed)
    (found,) = ranker.rank(["w1 w2"], vector("w1 w2"), 400, options)
    rows = zip(found.ranking.segments.tolist(), found.ranking.rows.tolist(), strict=True)
    assert all(allowed[segment][row] for segment, row in rows)
    (again,) = ranker.rank(["w1 w2"], vector("w1 w2"), 5, options)
    assert again.ranking.rows.tolist() == found.ranking.rows[:5].tolist()
    if options.fusion is not Fusion.RRF:  # whose ranks are among what may be found
        (every,) = PassageRanker(snapshot).rank(["w1 w2"], vector("w1 w2"), 1000, options)
        scores = dict(zip(places_of(snapshot, every), every.ranking.scores.tolist(), strict=True))
        for key, score in zip(places_of(snapshot, found), found.ranking.scores, strict=True):
            assert score == scores[key]


def test_segments_change_no_passage(tmp_path: Path) -> None:
    one, five = (made(tmp_path / str(count), count).snapshot for count in (1, 5))
    assert len(five.segments) > 1
    for options in MODES:
        for query in QUERIES:
            found = [
                PassageRanker(each, max_per_doc=2).rank([query], vector(query), 25, options)[0]
                for each in (one, five)
            ]
            assert places_of(one, found[0]) == places_of(five, found[1])
            assert found[0].ranking.scores.tolist() == found[1].ranking.scores.tolist()


def test_numbers_below_one_are_refused(snapshot: Snapshot) -> None:
    with pytest.raises(UsageError, match="max_per_doc is 0"):
        PassageRanker(snapshot, max_per_doc=0)
    with pytest.raises(UsageError, match="k is 0"):
        PassageRanker(snapshot).rank(["w1"], None, 0, ModeOptions(mode=SearchMode.LEXICAL))
