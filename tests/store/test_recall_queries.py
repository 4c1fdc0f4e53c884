"""Real queries that recall is measured with are kept, asked again, replaced and forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.observer import SILENT, Observer
from retrieval.store.local import LocalStore
from retrieval.store.manifest import Part
from retrieval.vectors import FloatRows
from tests.store.approximates import (
    DIM,
    FLOOR,
    Follower,
    assert_holds,
    building,
    encode,
    queries,
    single,
    store_of,
)

ASKED = 120
FORGOTTEN = np.empty((0, 0), dtype=np.float32)


def measuring(
    folder: Path, given: FloatRows | None = None, observer: Observer = SILENT
) -> LocalStore:
    return store_of(folder, built=building(observer, given))


def sources(store: LocalStore) -> list[str]:
    """Return where the queries of the one certificate come from."""
    recall = store.describe().recall
    assert recall is not None
    (entry,) = recall.certificates.values()
    return [one["source"] for one in entry.certificate["certified"]]


def kept(store: LocalStore) -> Part:
    part = store.describe().recall_queries
    assert part is not None
    return part


@pytest.fixture
def small(tmp_path: Path) -> LocalStore:
    """A store that is searched exactly, to which real queries were given."""
    store = measuring(tmp_path / "i", queries(ASKED))
    store.upsert(single(0, 20), encode)
    assert kept(store).rows == ASKED
    return store


@pytest.fixture
def large(small: LocalStore) -> LocalStore:
    """The same with an approximate index."""
    store = measuring(small.folder)
    store.upsert(single(0, 1500), encode)
    return store


def test_an_index_that_grows_is_measured_with_queries_given_before(large: LocalStore) -> None:
    assert sources(large) == ["corpus", "given"]
    assert_holds(large, single(0, 1500))


def test_they_are_asked_again_after_deletions(large: LocalStore) -> None:
    before = kept(large)
    store = measuring(large.folder)
    store.delete([one.doc_id for one in single(0, 300)])
    recall = store.describe().recall
    assert recall is not None
    assert [one.generation for one in recall.certificates.values()] == [3]
    assert sources(store) == ["corpus", "given"]
    assert kept(store) == before


def test_the_same_queries_again_change_nothing_of_a_small_index(small: LocalStore) -> None:
    store = measuring(small.folder, queries(ASKED))
    assert not store.upsert(single(0, 20), encode).committed


def test_others_take_their_place(small: LocalStore) -> None:
    before = kept(small)
    store = measuring(small.folder, queries(7))
    assert store.upsert(single(0, 20), encode).committed
    assert (kept(store).rows, kept(store).file == before.file) == (7, False)


def test_no_rows_forget_them(large: LocalStore) -> None:
    store = measuring(large.folder, FORGOTTEN)
    assert store.upsert(single(0, 1500), encode).committed
    assert store.describe().recall_queries is None
    assert sources(store) == ["corpus"]
    small = measuring(large.folder.parent / "other", FORGOTTEN)
    small.upsert(single(0, 20), encode)
    assert not small.upsert(single(0, 20), encode).committed


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_without_them_recall_is_measured_all_the_same_and_said(
    large: LocalStore, harm: str
) -> None:
    path = large.folder / kept(large).file
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    follower = Follower()
    store = measuring(large.folder, observer=follower)
    store.delete([one.doc_id for one in single(0, 300)])
    assert sources(store) == ["corpus"]
    (told,) = [one for one in follower.notes if path.name in one]
    assert harm in told
    assert "--recall-queries" in told
    assert any(path.name in one for one in store.verify().problems)

    mended = measuring(large.folder, queries(ASKED))
    assert mended.upsert(single(300, 1500), encode).committed
    assert sources(mended) == ["corpus", "given"]
    assert not [one for one in mended.verify().problems if kept(mended).file in one]


@pytest.mark.parametrize(
    "wrong",
    [np.ones((3, DIM + 1), dtype=np.float32), np.full((3, DIM), np.nan, dtype=np.float32)],
    ids=["of another length", "not finite"],
)
def test_queries_that_cannot_be_asked_are_refused(small: LocalStore, wrong: FloatRows) -> None:
    with pytest.raises(UsageError, match=r"shape|finite"):
        measuring(small.folder, wrong).upsert(single(0, FLOOR), encode)
    assert small.describe().generation == 1
    assert small.verify().problems == ()
