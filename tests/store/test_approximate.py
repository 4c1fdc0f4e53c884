"""Approximate indexes in a store: built, carried along, measured again, missing, damaged."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.filters.tree import Range
from retrieval.fsops import LocalFiles
from retrieval.query.passages import PassageRanker
from retrieval.records import Document
from retrieval.store.layout import PartKind
from retrieval.store.local import LocalStore
from retrieval.store.manifest import publish
from retrieval.store.protocol import Passages
from retrieval.store.reach import Reach, is_worth_opening
from retrieval.store.recall_entry import RecallOptions
from retrieval.store.verify import check_store
from tests.store.approximates import (
    EASY,
    FLOOR,
    Follower,
    assert_holds,
    building,
    encode,
    found,
    part_of,
    queries,
    single,
    store_of,
    wide,
)
from tests.store.documents import counted_names, held


@pytest.fixture
def built(tmp_path: Path) -> LocalStore:
    store = store_of(tmp_path / "i")
    store.upsert(single(0, 1500), encode)
    return store


def test_a_large_segment_gets_one_in_the_same_commit(built: LocalStore) -> None:
    manifest = built.describe()
    assert manifest.generation == 1
    assert manifest.optional == ("approximate",)
    assert manifest.recall is not None
    (entry,) = manifest.recall.certificates.values()
    assert (entry.generation, entry.deleted_passages, entry.holds) == (1, 0, True)
    assert entry.created == manifest.created
    assert entry.recall >= 0.5
    built.search_vectors(queries(), 10)
    assert built.snapshot.vector_search.recall == entry.recall
    assert_holds(built, single(0, 1500))


def test_small_segments_are_searched_exactly(tmp_path: Path) -> None:
    store = store_of(tmp_path / "i")
    store.upsert(single(0, FLOOR - 1), encode)
    found(store)
    assert store.snapshot.vector_search.recall == 1
    assert store.snapshot.vector_search.remarks == ()
    assert store.describe().optional == ()


def test_scores_are_those_of_exact_search(built: LocalStore) -> None:
    exact = store_of(built.folder, reach=Reach(least=1))
    scores = {name: score for hits in found(exact, 1500) for name, score in hits}
    for hits, every in zip(found(built), found(exact, 1500), strict=True):
        scores = dict(every)
        assert [scores[name] for name, _ in hits] == [score for _, score in hits]
        assert hits == sorted(hits, key=lambda pair: (-pair[1], pair[0]))


def test_what_is_asked_for_at_least_is_kept(built: LocalStore) -> None:
    wanted = found(store_of(built.folder, reach=Reach(least=1)))
    generous = store_of(built.folder, reach=Reach(least=0.9))
    shares = [
        len({name for name, _ in hits} & {name for name, _ in exact}) / 10
        for hits, exact in zip(found(generous), wanted, strict=True)
    ]
    assert 0.9 <= generous.snapshot.vector_search.recall < 1.01
    assert sum(shares) / len(shares) >= 0.85


def test_more_than_was_measured_cannot_be_asked_for(built: LocalStore) -> None:
    store = store_of(built.folder, reach=Reach(least=0.99999))
    with pytest.raises(UsageError, match="most that is certain"):
        found(store)


def test_few_questions_are_answered_exactly(built: LocalStore) -> None:
    store = store_of(built.folder, reach=Reach(questions=1))
    exact = store_of(built.folder, reach=Reach(least=1))
    assert found(store) == found(exact)
    assert store.snapshot.vector_search.recall == 1
    assert store.snapshot.vector_search.remarks == ()


def test_it_is_opened_where_that_costs_less_than_to_scan() -> None:
    assert is_worth_opening(10, 1, None)
    assert not is_worth_opening(600, 1500, 1)
    assert is_worth_opening(600, 1500, 100)
    assert is_worth_opening(600, 15_000, 1)


def test_deletions_and_filters_leave_k_hits_whenever_k_can_be_found(built: LocalStore) -> None:
    built.delete([one.doc_id for one in single(0, 90)])
    for first, last in ((90, 1500), (500, 1500), (1490, 1500)):
        (ranking,) = built.search_vectors(
            queries(1), 20, where=Range("n", at_least=first, below=last)
        )
        hits = [int(one.document.doc_id[1:]) for one in built.fetch(ranking)]
        assert len(set(hits)) == min(20, last - first)
        assert all(first <= number < last for number in hits)


def test_untouched_ones_are_carried_along(built: LocalStore) -> None:
    before = built.describe()
    built.delete(["d00000"])
    built.upsert(single(1500, 1503), encode)
    after = built.describe()
    assert after.generation == 3
    assert before.segments[0].parts[PartKind.ANN] == after.segments[0].parts[PartKind.ANN]
    assert before.recall is not None
    assert after.recall is not None
    assert dict(after.recall.certificates) == dict(before.recall.certificates)


def test_it_is_measured_again_when_many_documents_were_deleted(built: LocalStore) -> None:
    part = part_of(built)
    built.delete([one.doc_id for one in single(0, 100)])
    built.delete([one.doc_id for one in single(100, 300)])
    recall = built.describe().recall
    assert recall is not None
    (entry,) = recall.certificates.values()
    assert part_of(built) == part
    assert (entry.generation, entry.deleted_passages) == (3, 300)
    assert all(300 <= row < 1500 for row in entry.certificate["held_out"])
    found(built)
    assert built.snapshot.vector_search.remarks == ()
    assert_holds(built, single(300, 1500))


def test_a_merge_makes_it_anew(built: LocalStore) -> None:
    part = part_of(built)
    built.delete([one.doc_id for one in single(0, 700)])
    assert part_of(built) != part
    assert len(built.describe().segments) == 1
    assert_holds(built, single(700, 1500))


def test_small_segments_are_gathered_until_they_are_worth_one(tmp_path: Path) -> None:
    store = store_of(tmp_path / "i")
    for start in range(0, 2400, 150):
        store.upsert(single(start, start + 150), encode)
        outside = [
            one.passages for one in store.describe().segments if PartKind.ANN not in one.parts
        ]
        assert sum(outside) <= 2 * FLOOR
    assert any(PartKind.ANN in one.parts for one in store.describe().segments)
    assert_holds(store, single(0, 2400))


def test_a_missing_one_is_named_searched_without_and_made_anew(built: LocalStore) -> None:
    exact = found(store_of(built.folder, reach=Reach(least=1)))
    part_of(built).unlink()
    reader = store_of(built.folder)
    assert found(reader) == exact
    (remark,) = reader.snapshot.vector_search.remarks
    assert "1,500 passages are searched exactly" in remark
    assert "missing" in remark
    assert reader.snapshot.vector_search.recall == 1
    assert check_store(built.folder).problems == ()
    writer = store_of(built.folder, None)
    assert writer.upsert(single(0, 5), encode).committed
    found(writer)
    assert writer.snapshot.vector_search.remarks == ()
    assert part_of(writer).exists()


def test_a_damaged_one_is_named_and_not_used(built: LocalStore) -> None:
    exact = found(store_of(built.folder, reach=Reach(least=1)))
    path = part_of(built)
    content = path.read_bytes()
    chance = random.Random(0)
    tail = range(len(content) - 400, len(content))
    for at in (*chance.sample(range(len(content)), 20), *chance.sample(tail, 20)):
        damaged = bytearray(content)
        damaged[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(damaged))
        reader = store_of(built.folder)
        assert found(reader) == exact
        (remark,) = reader.snapshot.vector_search.remarks
        assert path.name in remark
        (problem,) = check_store(built.folder).problems
        assert path.name in problem


def test_one_that_does_not_hold_is_not_searched(tmp_path: Path) -> None:
    store = store_of(tmp_path / "i", RecallOptions(target=0.99999))
    store.upsert(single(0, 1500), encode)
    exact = store_of(store.folder, reach=Reach(least=1))
    assert found(store) == found(exact)
    (remark,) = store.snapshot.vector_search.remarks
    assert "does not reach a recall of 0.99999" in remark
    assert store.snapshot.vector_search.recall == 1


def test_exact_search_can_be_asked_for_and_taken_back(built: LocalStore) -> None:
    part = part_of(built)
    writer = store_of(built.folder, RecallOptions(target=1))
    assert writer.upsert(single(0, 5), encode).committed
    manifest = writer.describe()
    assert manifest.optional == ()
    assert manifest.recall is not None
    assert manifest.recall.certificates == {}
    assert all(PartKind.ANN not in one.parts for one in manifest.segments)
    assert not store_of(built.folder, None).upsert(single(0, 5), encode).committed
    again = store_of(built.folder, EASY)
    assert again.upsert(single(0, 5), encode).committed
    assert part_of(again) != part


def test_another_target_measures_what_is_there(built: LocalStore) -> None:
    part = part_of(built)
    writer = store_of(built.folder, RecallOptions(target=0.7))
    assert writer.upsert(single(0, 5), encode).committed
    recall = writer.describe().recall
    assert recall is not None
    (entry,) = recall.certificates.values()
    assert part_of(writer) == part
    assert entry.certificate["target"] == 0.7
    assert entry.generation == 2
    assert not store_of(built.folder, None).upsert(single(0, 5), encode).committed


def test_another_bound_of_memory_makes_it_anew(built: LocalStore) -> None:
    part = part_of(built)
    follower = Follower()
    options = dataclasses.replace(EASY, memory_bytes=10**6)
    writer = store_of(built.folder, options, built=building(follower))
    assert writer.upsert(single(0, 5), encode).committed
    assert part_of(writer) != part
    (note,) = follower.notes
    assert "1,500 passages" in note
    assert "to build" in note
    assert follower.stages


def test_real_queries_are_measured_too(built: LocalStore) -> None:
    asked = queries(120)
    writer = store_of(built.folder, None, built=building(queries=asked))
    assert writer.upsert(single(0, 5), encode).committed
    recall = writer.describe().recall
    assert recall is not None
    (entry,) = recall.certificates.values()
    assert {one["source"] for one in entry.certificate["certified"]} == {"corpus", "given"}


def test_an_index_that_says_nothing_gets_the_usual_with_new_documents(built: LocalStore) -> None:
    manifest = built.describe()
    (segment,) = manifest.segments
    parts = dict(segment.parts)
    del parts[PartKind.ANN]
    old = dataclasses.replace(
        manifest,
        generation=2,
        parent=1,
        optional=(),
        recall=None,
        segments=(dataclasses.replace(segment, parts=parts),),
    )
    publish(LocalFiles(), built.folder, old, counted_names())
    exact = found(store_of(built.folder, reach=Reach(least=1)))
    reader = store_of(built.folder)
    assert found(reader) == exact
    assert reader.snapshot.vector_search.remarks == ()
    reader.delete(["d00000"])
    assert reader.describe().recall is None
    writer = store_of(built.folder, None)
    writer.upsert(single(1, 3), encode)
    assert writer.describe().optional == ("approximate",)
    assert writer.describe().recall is not None


def test_an_interruption_while_one_is_built_keeps_what_was_encoded(tmp_path: Path) -> None:
    class Impatient(Follower):
        def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
            raise KeyboardInterrupt

    store = store_of(tmp_path / "i", built=building(Impatient()))
    with pytest.raises(KeyboardInterrupt):
        store.upsert(single(0, 1500), encode)
    assert not [path for path in store.folder.iterdir() if path.name.startswith("p-")]

    def nothing(documents: Sequence[Document]) -> list[Passages]:
        raise AssertionError(f"{len(documents)} documents were encoded again")

    again = store_of(tmp_path / "i")
    receipt = again.upsert(single(0, 1500), nothing)
    assert receipt.resumed_passages == 1500
    assert part_of(again).exists()


def test_a_query_alone_and_in_a_batch_find_the_same(built: LocalStore) -> None:
    together = found(built)
    for at, query in enumerate(queries()):
        (ranking,) = built.search_vectors(query[np.newaxis], 10)
        hits = [one.document.doc_id for one in built.fetch(ranking)]
        assert hits == [name for name, _ in together[at]]


def test_passages_are_searched_by_the_same_rule(built: LocalStore) -> None:
    snapshot = built.snapshot.reaching(Reach())
    (ranked,) = PassageRanker(snapshot).nearest(wide("text 7 a"), 5)
    assert snapshot.doc_id(snapshot.find("d00007") or pytest.fail("it is there")) == "d00007"
    assert len(ranked) == 5
    assert snapshot.vector_search.recall < 1
    assert held(built)
