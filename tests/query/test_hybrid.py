from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.lexical.bm25 import Bm25Options
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.scored import ScoredRanking
from retrieval.store.local import LocalStore
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores
from tests.store.documents import FakeEncode, store_at, vector
from tests.store.worded import worded

QUERIES = ("w1 w2", "w30 w7", "absent", "w0")
HYBRID = ModeOptions(mode=SearchMode.HYBRID)


@pytest.fixture(params=[1, 6], ids=["one-segment", "segments"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LocalStore:
    store = store_at(tmp_path / "i")
    step = 240 // request.param
    for start in range(0, 240, step):
        store.upsert(worded(start, start + step), FakeEncode())
    store.delete(["d5", "d77"])
    return store


def ids_of(snapshot: Snapshot, found: ScoredRanking) -> list[str]:
    ranking = found.ranking
    places = zip(ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True)
    return [snapshot.segments[segment].doc_id(ordinal) for segment, ordinal in places]


def sides(snapshot: Snapshot, query: str) -> dict[str, tuple[float, float]]:
    """Return both scores of every document that can be found, passage by passage."""
    words = snapshot.words.score(query, Bm25Options())
    (row,) = vector(query)
    found = {}
    for segment, lexical in zip(snapshot.segments, words, strict=True):
        for ordinal in segment.live_ordinals():
            if not segment.empty[ordinal]:
                start, end = segment.passage_starts[ordinal : ordinal + 2]
                dense = exact_scores(segment.vectors[start:end], row).max()
                found[segment.doc_id(ordinal)] = (float(dense), float(lexical[start:end].max()))
    return found


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.75, 1.0])
@pytest.mark.parametrize("k", [1, 10, 500])
def test_the_best_fused_scores_of_all_documents_are_found(
    store: LocalStore, weight: float, k: int
) -> None:
    snapshot = store.snapshot
    options = ModeOptions(mode=SearchMode.HYBRID, weight=weight)
    for query in QUERIES:
        both = sides(snapshot, query)
        greatest = [max(one[side] for one in both.values()) for side in (0, 1)]
        fused = {
            doc_id: weight * (dense + 1) / (greatest[0] + 1)
            + (1 - weight) * (lexical / greatest[1] if greatest[1] else 0.0)
            for doc_id, (dense, lexical) in both.items()
        }
        wanted = sorted(fused, key=lambda one: (-fused[one], one.encode()))[:k]
        (found,) = rank_texts(snapshot, [query], vector(query), k, options)
        assert ids_of(snapshot, found) == wanted
        assert found.ranking.scores == pytest.approx([fused[one] for one in wanted])
        for side, name in enumerate(("dense", "lexical")):
            assert found.scores[name] == pytest.approx([both[one][side] for one in wanted])


@pytest.mark.parametrize("fusion", Fusion)
def test_fewer_hits_are_the_first_of_more(store: LocalStore, fusion: Fusion) -> None:
    options = ModeOptions(mode=SearchMode.HYBRID, fusion=fusion)
    for query in QUERIES:
        (most,) = rank_texts(store.snapshot, [query], vector(query), 300, options)
        for k in (1, 2, 30):
            (few,) = rank_texts(store.snapshot, [query], vector(query), k, options)
            assert few.ranking.scores.tolist() == most.ranking.scores[:k].tolist()
            assert few.ranking.rows.tolist() == most.ranking.rows[:k].tolist()


def test_reciprocal_ranks_add_up(store: LocalStore) -> None:
    snapshot = store.snapshot
    options = ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF)
    for query in QUERIES:
        places: dict[str, float] = {}
        for mode in (SearchMode.DENSE, SearchMode.LEXICAL):
            (side,) = rank_texts(snapshot, [query], vector(query), 1000, ModeOptions(mode=mode))
            for rank, doc_id in enumerate(ids_of(snapshot, side), 1):
                places[doc_id] = places.get(doc_id, 0.0) + 1 / (60 + rank)
        wanted = sorted(places, key=lambda one: (-places[one], one.encode()))
        (found,) = rank_texts(snapshot, [query], vector(query), 1000, options)
        assert ids_of(snapshot, found) == wanted


def test_segments_change_no_fused_score(tmp_path: Path) -> None:
    whole, parts = store_at(tmp_path / "whole"), store_at(tmp_path / "parts")
    whole.upsert(worded(0, 200), FakeEncode())
    for start in range(0, 200, 50):
        parts.upsert(worded(start, start + 50), FakeEncode())
    assert len(parts.describe().segments) > 1
    for query in QUERIES:
        one, other = (
            rank_texts(store.snapshot, [query], vector(query), 20, HYBRID)[0]
            for store in (whole, parts)
        )
        assert ids_of(whole.snapshot, one) == ids_of(parts.snapshot, other)
        assert one.ranking.scores.tolist() == other.ranking.scores.tolist()


def test_the_passage_shown_is_the_best_of_its_document(store: LocalStore) -> None:
    snapshot = store.snapshot
    (found,) = rank_texts(snapshot, ["w30 w7"], vector("w30 w7"), 20, HYBRID)
    words = snapshot.words.score("w30 w7", Bm25Options())
    (row,) = vector("w30 w7")
    greatest = (max(one[0] for one in sides(snapshot, "w30 w7").values()),
                max(float(one.max()) for one in words))  # fmt: skip
    ranking = found.ranking
    for number, ordinal, shown in zip(
        ranking.segments.tolist(), ranking.ordinals.tolist(), ranking.rows.tolist(), strict=True
    ):
        segment = snapshot.segments[number]
        start, end = segment.passage_starts[ordinal : ordinal + 2].tolist()
        dense = (exact_scores(segment.vectors[start:end], row) + 1) / (greatest[0] + 1)
        own = 0.75 * dense + 0.25 * words[number][start:end] / greatest[1]
        assert shown == start + int(np.argmax(own))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "sparse"}, "no mode 'sparse'"),
        ({"mode": "lexical", "weight": 0.5}, "fuses nothing"),
        ({"fusion": "rrf"}, "fuses nothing"),
        ({"mode": "hybrid", "fusion": "max"}, "no fusion 'max'"),
        ({"mode": "hybrid", "fusion": "rrf", "weight": 0.5}, "no weight"),
        ({"mode": "hybrid", "weight": 1.5}, "from 0 to 1"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ModeOptions.named(**options)  # type: ignore[arg-type]
