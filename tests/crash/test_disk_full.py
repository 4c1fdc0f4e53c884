"""The disk fills up at every single operation; the old generation stays whole."""

from __future__ import annotations

import pytest

from retrieval.errors import DiskFullError, FileSystemError
from retrieval.store import layout
from retrieval.store.local import LocalStore
from retrieval.store.manifest import list_generations, read_manifest
from retrieval.store.spill import list_spills
from retrieval.testing.power import MemoryFiles
from retrieval.testing.power_faults import FailingFiles
from tests.crash.lives import FOLDER, inspect
from tests.store.documents import FakeEncode, numbered, settings

BEFORE = numbered(0, 6)
CHANGE = [*numbered(2, 5, "b"), *numbered(6, 12)]
AFTER = {one.doc_id: one for one in [*BEFORE, *CHANGE]}


def built() -> MemoryFiles:
    files = MemoryFiles(clock=lambda: 1000.0)
    LocalStore(FOLDER, settings(4), files=files).upsert(BEFORE, FakeEncode())
    return files


def change(files: MemoryFiles | FailingFiles) -> None:
    LocalStore(FOLDER, settings(4), files=files).upsert(CHANGE, FakeEncode(), sync=False)


def operations() -> int:
    counting = FailingFiles(built(), 10**9, RuntimeError)
    change(counting)
    return counting.operations


def full() -> Exception:
    return DiskFullError("The disk is full.")


@pytest.mark.parametrize("fail_at", range(1, operations() + 1))
def test_a_full_disk_leaves_the_old_generation_whole(fail_at: int) -> None:
    disk = built()
    with pytest.raises(DiskFullError):
        change(FailingFiles(disk, fail_at, full))
    found = inspect(disk)
    assert found in ({one.doc_id: one for one in BEFORE}, AFTER)
    if found != AFTER:  # the link was made and only its sync failed: then it may stand
        named = set(layout_files(disk))
        left = [name for name in disk.list(FOLDER) if layout.is_part(name) and name not in named]
        assert left == []
        assert not [name for name in disk.list(FOLDER) if layout.is_temporary(name)]
        for spill in list_spills(disk, FOLDER):
            assert layout.RECEIPT_NAME in disk.list(spill)
    change(disk)
    assert inspect(disk) == AFTER


def layout_files(disk: MemoryFiles) -> list[str]:
    generations = list_generations(disk, FOLDER)
    return [name for one in generations for name in read_manifest(disk, FOLDER, one).files]


@pytest.mark.parametrize("fail_at", range(1, operations() + 1))
def test_one_failed_operation_is_never_acknowledged(fail_at: int) -> None:
    disk = built()
    failing = FailingFiles(disk, fail_at, lambda: FileSystemError("I/O error"), once=True)
    with pytest.raises(FileSystemError):
        change(failing)
    assert inspect(disk) in ({one.doc_id: one for one in BEFORE}, AFTER)
    change(disk)
    assert inspect(disk) == AFTER
