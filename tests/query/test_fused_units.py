"""Fusing what is nearest and what has the best words gives what fusing everything gives."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.index.approximate import ApproximateIndex
from retrieval.query import cosines, fused_units
from retrieval.query.cosines import Cosines
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.query.passages import PassageRanker
from retrieval.query.scored import ScoredRanking
from retrieval.store.local import LocalStore
from retrieval.store.reach import Reach, SegmentSearch
from retrieval.store.reader import Snapshot
from retrieval.store.selection import Selection
from retrieval.vectors import Bitmap, FloatRows
from tests.store.approximates import encode, single, store_of, wide
from tests.store.documents import FakeEncode, store_at, vector
from tests.store.worded import worded

QUERIES = ("w1 w2", "w30 w7", "absent", "w0", "w3 w4 w5 w6")


@pytest.fixture(scope="module", params=[1, 4], ids=["one-segment", "segments"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    store = store_at(tmp_path_factory.mktemp("fused") / "i")
    for start in range(0, 240, 240 // request.param):
        store.upsert(worded(start, start + 240 // request.param), FakeEncode())
    store.delete(["d5", "d77", "d100"])
    return store.snapshot


class Asked:
    """Counts the passages whose cosines were wanted."""

    def __init__(self) -> None:
        self.scans = 0
        self.scored = 0


@pytest.fixture
def sparse(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Search as if every segment had an approximate index, one that misses nothing."""
    asked = Asked()
    every, some = Cosines.every, Cosines.some

    def scan(self: Cosines, number: int) -> np.ndarray:
        asked.scans += 1
        return every(self, number)

    def score(self: Cosines, number: int, rows: np.ndarray) -> np.ndarray:
        asked.scored += len(rows)
        return some(self, number, rows)

    def claims(self: SegmentSearch, k: int, allowed: Bitmap | None) -> bool:
        return True

    monkeypatch.setattr(SegmentSearch, "is_approximate", claims)
    monkeypatch.setattr(Cosines, "every", scan)
    monkeypatch.setattr(Cosines, "some", score)
    for module in (cosines, fused_units):
        monkeypatch.setattr(module, "DEPTH", 4)
    monkeypatch.setattr(fused_units, "DEPTH_A_HIT", 1)
    return asked


def listed(found: ScoredRanking) -> list[list[float]]:
    ranking = found.ranking
    columns = (ranking.segments, ranking.ordinals, ranking.rows, ranking.scores)
    return [one.tolist() for one in (*columns, found.scores["dense"], found.scores["lexical"])]


def some_of(snapshot: Snapshot) -> Selection:
    generator = np.random.default_rng(3)
    return Selection(
        tuple(
            ~one.deleted & (generator.random(one.segment.documents) < 0.4)
            for one in snapshot.segments
        )
    )


def by_document(snapshot: Snapshot, k: int, options: ModeOptions) -> list[list[list[float]]]:
    return [
        listed(rank_texts(snapshot, [one], vector(one), k, options, allowed=allowed)[0])
        for one in QUERIES
        for allowed in (None, some_of(snapshot))
    ]


def by_passage(snapshot: Snapshot, k: int, options: ModeOptions) -> list[list[list[float]]]:
    rows = snapshot.rows_allowed(some_of(snapshot))
    return [
        listed(ranker.rank([one], vector(one), k, options)[0])
        for one in QUERIES
        for ranker in (
            PassageRanker(snapshot),
            PassageRanker(snapshot, max_per_doc=1),
            PassageRanker(snapshot, allowed=rows),
        )
    ]


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.75, 1.0])
@pytest.mark.parametrize("k", [1, 3, 10, 500])
@pytest.mark.parametrize("share", [16, 0], ids=["scanned-if-many", "never-scanned"])
def test_what_is_found_is_what_a_scan_finds(
    snapshot: Snapshot,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    weight: float,
    k: int,
    share: int,
) -> None:
    options = ModeOptions(mode=SearchMode.HYBRID, weight=weight)
    wanted = by_document(snapshot, k, options), by_passage(snapshot, k, options)
    request.getfixturevalue("sparse")
    monkeypatch.setattr(fused_units, "SCAN_SHARE", share)
    assert (by_document(snapshot, k, options), by_passage(snapshot, k, options)) == wanted


def test_little_is_scored_and_nothing_scanned(snapshot: Snapshot, sparse: Asked) -> None:
    options = ModeOptions(mode=SearchMode.HYBRID)
    rank_texts(snapshot, ["w30 w7"], vector("w30 w7"), 1, options)
    assert sparse.scans == 0
    total = sum(one.segment.passages for one in snapshot.segments)
    assert 0 < sparse.scored < total / 4


def test_many_that_could_be_best_are_scanned_instead(
    snapshot: Snapshot, sparse: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ModeOptions(mode=SearchMode.HYBRID)
    monkeypatch.setattr(fused_units, "SCAN_SHARE", 0)
    wanted = by_document(snapshot, 4, options)
    assert sparse.scans == 0
    monkeypatch.setattr(fused_units, "SCAN_SHARE", 1000)
    assert by_document(snapshot, 4, options) == wanted
    assert sparse.scans > 0


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> LocalStore:
    store = store_of(tmp_path_factory.mktemp("graph") / "i")
    store.upsert(single(0, 1500), encode)
    return store


def test_an_approximate_segment_is_searched_through_its_graph(
    graph: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[int] = []
    search = ApproximateIndex.search

    def counted(
        self: ApproximateIndex, queries: FloatRows, k: int, *, allowed: Bitmap | None = None
    ) -> object:
        searches.append(k)
        return search(self, queries, k, allowed=allowed)

    # the costs of 1,500 rows would have them scanned
    monkeypatch.setattr("retrieval.index.approximate._ROW_SCORED_US", 100.0)
    monkeypatch.setattr(ApproximateIndex, "search", counted)
    snapshot = graph.snapshot.reaching(Reach())
    options = ModeOptions(mode=SearchMode.HYBRID)
    (exact,) = rank_texts(graph.snapshot.exactly(), ["text 7"], wide("text 7 a"), 5, options)
    assert searches == []
    (found,) = rank_texts(snapshot, ["text 7"], wide("text 7 a"), 5, options)
    assert searches == [cosines.DEPTH]  # once, for the nearest and for the greatest cosine
    assert snapshot.vector_search.recall < 1
    assert listed(found)[:3] == listed(exact)[:3]
    assert found.ranking.scores == pytest.approx(exact.ranking.scores)
