from __future__ import annotations

import time
from pathlib import Path

import pytest

from retrieval.errors import DamagedIndexError, UsageError
from retrieval.fsops import LocalFiles
from retrieval.store.local import LocalStore
from retrieval.store.manifest import read_manifest
from retrieval.store.recover import recover_generation
from tests.store.documents import FakeEncode, assert_holds, held, numbered, settings, store_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store_at(tmp_path / "i").upsert(numbered(0, 6), FakeEncode())
    store_at(tmp_path / "i").upsert(numbered(6, 9), FakeEncode())
    return tmp_path / "i"


def test_an_earlier_generation_comes_back_as_a_new_one(folder: Path) -> None:
    newest = max(folder.glob("manifest-*"))
    newest.write_bytes(b"garbage")
    done = recover_generation(folder, 1)
    assert (done.from_generation, done.generation) == (1, 3)
    assert done.set_aside == (f"damaged-{newest.name}",)
    assert (folder / f"damaged-{newest.name}").read_bytes() == b"garbage"
    assert_holds(LocalStore(folder), numbered(0, 6))
    store_at(folder).upsert(numbered(0, 9), FakeEncode())
    assert_holds(LocalStore(folder), numbered(0, 9))


def test_a_generation_with_a_damaged_part_is_not_gone_back_to(folder: Path) -> None:
    part = min(folder.glob("p-*.vectors"), key=lambda one: -one.stat().st_size)
    part.write_bytes(bytes(part.stat().st_size))
    with pytest.raises(DamagedIndexError, match=part.name):
        recover_generation(folder, 1)
    assert len(list(folder.glob("manifest-*"))) == 2


def test_the_newest_whole_generation_needs_no_recovery(folder: Path) -> None:
    with pytest.raises(UsageError, match="nothing to recover"):
        recover_generation(folder, 2)


def test_an_unknown_generation_is_refused_with_those_there_are(folder: Path) -> None:
    with pytest.raises(UsageError, match="it keeps 1, 2"):
        recover_generation(folder, 7)


def test_garbage_goes_only_when_old_and_of_no_kept_generation(folder: Path) -> None:
    for version in "bc":
        store_at(folder).upsert(numbered(0, 6, version), FakeEncode())
    assert (folder / "manifest-0000000000000001.json").exists()
    eleven_minutes_on = LocalStore(folder, settings(), clock=lambda: time.time() + 660)
    eleven_minutes_on.upsert(numbered(0, 6, "d"), FakeEncode())
    kept = sorted(one.name for one in folder.glob("manifest-*"))
    assert kept == ["manifest-0000000000000004.json", "manifest-0000000000000005.json"]
    named = {part for at in (4, 5) for part in _parts(folder, at)}
    assert {one.name for one in folder.glob("p-*")} == named
    assert_holds(LocalStore(folder), [*numbered(0, 6, "d"), *numbered(6, 9)])


def _parts(folder: Path, generation: int) -> set[str]:
    return set(read_manifest(LocalFiles(), folder, generation).files)


def test_missing_words_do_not_keep_a_generation_from_coming_back(folder: Path) -> None:
    max(folder.glob("manifest-*")).write_bytes(b"garbage")
    for path in folder.glob("p-*.words"):
        path.unlink()
    assert recover_generation(folder, 1).generation == 3
    store = LocalStore(folder)
    assert held(store) == {one.doc_id: one for one in numbered(0, 6)}
    store.delete(["d0"])
    assert len(store.snapshot.search_words(["text"], 9)[0]) == 5
