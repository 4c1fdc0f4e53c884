from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.errors import InputError, LockedError, ModelMismatchError, UsageError
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.opening import open_writer
from retrieval.store.reader import Snapshot
from tests.store.documents import FakeEncode, assert_holds, held, numbered, settings, store_at


def test_documents_come_back_as_they_went_in(tmp_path: Path) -> None:
    documents = [
        Document("ünïcode/€", "text", title="title", metadata={"a": [1, 2.5, None, {"b": "c"}]}),
        Document("with space", "one. two. three"),
        *numbered(0, 20),
    ]
    store = store_at(tmp_path / "i")
    receipt = store.upsert(documents, FakeEncode())
    assert (receipt.generation, receipt.added, receipt.committed) == (1, 22, True)
    assert_holds(LocalStore(tmp_path / "i"), documents)


def test_second_run_encodes_nothing_and_commits_nothing(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 9), FakeEncode())
    encode = FakeEncode()
    receipt = store_at(tmp_path / "i").upsert(numbered(0, 9), encode)
    assert (encode.encoded, receipt.unchanged, receipt.committed) == ([], 9, False)
    assert receipt.generation == 1


def test_changed_documents_are_replaced_and_only_they_are_encoded(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 9), FakeEncode())
    encode = FakeEncode()
    changed = numbered(3, 5, version="b")
    receipt = store_at(tmp_path / "i").upsert([*changed, *numbered(8, 10)], encode)
    assert encode.encoded == ["d3", "d4", "d9"]
    assert (receipt.replaced, receipt.added, receipt.unchanged) == (2, 1, 1)
    wanted = {one.doc_id: one for one in [*numbered(0, 10), *changed]}
    assert_holds(LocalStore(tmp_path / "i"), wanted.values())


def test_new_metadata_keeps_the_vectors(tmp_path: Path) -> None:
    documents = numbered(0, 5)
    store_at(tmp_path / "i").upsert(documents, FakeEncode())
    relabelled = [replace(one, metadata={"n": "other"}) for one in documents]
    encode = FakeEncode()
    receipt = store_at(tmp_path / "i").upsert(relabelled, encode)
    assert (encode.encoded, receipt.replaced) == ([], 5)
    assert_holds(LocalStore(tmp_path / "i"), relabelled)


def test_sync_deletes_what_is_not_given(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 9), FakeEncode())
    receipt = store_at(tmp_path / "i").upsert(numbered(4, 12), FakeEncode(), sync=True)
    assert (receipt.removed, receipt.added) == (4, 3)
    assert_holds(LocalStore(tmp_path / "i"), numbered(4, 12))


def test_sync_that_may_not_delete_deletes_nothing(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 4), FakeEncode())
    receipt = store_at(tmp_path / "i").upsert(
        numbered(0, 1), FakeEncode(), sync=True, may_sync=lambda: False
    )
    assert receipt.removed == 0
    assert len(held(LocalStore(tmp_path / "i"))) == 4


def test_deleted_documents_are_gone_and_can_come_back(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 9), FakeEncode())
    receipt = LocalStore(tmp_path / "i").delete(["d1", "nobody", "d8", "d1"])
    assert (receipt.deleted, receipt.missing) == (2, ("nobody",))
    kept = [one for one in numbered(0, 9) if one.doc_id not in {"d1", "d8"}]
    assert_holds(LocalStore(tmp_path / "i"), kept)
    store_at(tmp_path / "i").upsert(numbered(0, 9), FakeEncode())
    assert_holds(LocalStore(tmp_path / "i"), numbered(0, 9))


def test_everything_deleted_leaves_an_index_that_finds_nothing(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 3), FakeEncode())
    store = LocalStore(tmp_path / "i")
    store.delete([f"d{number}" for number in range(3)])
    assert_holds(store, [])
    assert store.describe().segments == ()
    (ranking,) = store.search_vectors(FakeEncode()(numbered(0, 1))[0].vectors[:1], 5)
    assert len(ranking) == 0


def test_empty_documents_are_kept_and_never_found(tmp_path: Path) -> None:
    documents = [Document("empty", ""), Document("blank", "  ", title=" "), *numbered(0, 3)]
    store = store_at(tmp_path / "i")
    receipt = store.upsert(documents, FakeEncode())
    assert receipt.empty == 2
    assert_holds(store, documents)
    (ranking,) = store.search_vectors(FakeEncode()(numbered(0, 1))[0].vectors[:1], 10)
    found = [one.document.doc_id for one in store.fetch(ranking)]
    assert sorted(found) == ["d0", "d1", "d2"]


def test_interrupted_run_is_resumed_from_its_spills(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    with pytest.raises(KeyboardInterrupt):
        store_at(folder, spill_passages=300).upsert(
            iter(numbered(0, 2000)), FakeEncode(stop_after=1500)
        )
    encode = FakeEncode()
    receipt = store_at(folder).upsert(reversed(numbered(0, 2000)), encode)
    assert receipt.resumed_passages > 0
    assert len(encode.encoded) == 2000 - 1024  # the batch that was interrupted is lost
    assert_holds(LocalStore(folder), numbered(0, 2000))
    assert not list(folder.glob("spill-*"))


def test_spills_of_another_model_are_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    with pytest.raises(KeyboardInterrupt):
        store_at(folder, spill_passages=300).upsert(
            iter(numbered(0, 2000)), FakeEncode(stop_after=1500)
        )
    encode = FakeEncode()
    store_at(folder, weights="other").upsert(numbered(0, 2000), encode)
    assert len(encode.encoded) == 2000


def test_damaged_spill_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    with pytest.raises(KeyboardInterrupt):
        store_at(folder).upsert(iter(numbered(0, 2000)), FakeEncode(stop_after=1500))
    (vectors,) = folder.glob("spill-*/vectors")
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.write_bytes(content)
    encode = FakeEncode()
    store_at(folder).upsert(numbered(0, 2000), encode)
    assert len(encode.encoded) == 2000
    assert_holds(LocalStore(folder), numbered(0, 2000))


def test_documents_not_met_again_do_not_come_in_from_spills(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    with pytest.raises(KeyboardInterrupt):
        store_at(folder).upsert(iter(numbered(0, 2000)), FakeEncode(stop_after=1500))
    store_at(folder).upsert(numbered(0, 10), FakeEncode())
    assert_holds(LocalStore(folder), numbered(0, 10))


def test_deleting_leaves_interrupted_work_alone(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    store_at(folder).upsert(numbered(0, 3), FakeEncode())
    with pytest.raises(KeyboardInterrupt):
        store_at(folder).upsert(iter(numbered(3, 2000)), FakeEncode(stop_after=1500))
    LocalStore(folder).delete(["d1"])
    encode = FakeEncode()
    store_at(folder).upsert(numbered(3, 2000), encode)
    assert len(encode.encoded) == 1997 - 1024


def test_partial_commits_are_marked_until_the_last(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    with pytest.raises(KeyboardInterrupt):
        store_at(folder).upsert(
            iter(numbered(0, 3000)), FakeEncode(stop_after=2500), commit_every=1000
        )
    assert Snapshot.open(folder).manifest.incomplete
    assert len(held(LocalStore(folder))) == 2048
    receipt = store_at(folder).upsert(numbered(0, 3000), FakeEncode(), commit_every=1000)
    assert (receipt.unchanged, receipt.added) == (2048, 952)
    assert not Snapshot.open(folder).manifest.incomplete
    assert_holds(LocalStore(folder), numbered(0, 3000))


def test_many_small_commits_stay_few_segments(tmp_path: Path) -> None:
    store = store_at(tmp_path / "i")
    for number in range(40):
        store.upsert(numbered(number, number + 1), FakeEncode())
        assert len(store.describe().segments) <= 8
    assert_holds(store, numbered(0, 40))


def test_readers_keep_their_generation(tmp_path: Path) -> None:
    folder = tmp_path / "i"
    store_at(folder).upsert(numbered(0, 4), FakeEncode())
    before = LocalStore(folder)
    before.describe()
    store_at(folder).upsert(numbered(2, 6, version="b"), FakeEncode())
    assert held(before) == {one.doc_id: one for one in numbered(0, 4)}


def test_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        open_writer(tmp_path / "i", settings()),
        pytest.raises(LockedError, match="process"),
        open_writer(tmp_path / "i", settings()),
    ):
        pass


def test_vectors_of_another_model_are_refused(tmp_path: Path) -> None:
    store_at(tmp_path / "i").upsert(numbered(0, 2), FakeEncode())
    with pytest.raises(ModelMismatchError, match="--model fake"):
        store_at(tmp_path / "i", weights="other").upsert(numbered(0, 2), FakeEncode())


def test_sync_with_partial_commits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="do not go together"):
        store_at(tmp_path / "i").upsert([], FakeEncode(), sync=True, commit_every=3)


def test_nothing_to_index_makes_no_index(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No document"):
        store_at(tmp_path / "i").upsert([], FakeEncode())
    assert not list((tmp_path / "i").glob("manifest-*"))
