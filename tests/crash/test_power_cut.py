"""The power fails after every operation of every life; nothing acknowledged is ever lost."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from retrieval.testing.power import MemoryFiles
from retrieval.testing.power_cut import CrashStates, CutOptions
from tests.crash.lives import LIVES, Inspection

EXPECTED_STATES = {
    "first build": 1_200,
    "interrupted build, resumed": 1_800,
    "changes": 6_000,
    "interrupted change, then other work": 3_300,
    "sync": 3_300,
    "compaction": 5_000,
    "garbage": 4_600,
    "everything deleted": 1_000,
    "recovery": 2_400,
    "approximate indexes": 3_000,
    "concepts": 3_000,
}


@pytest.mark.parametrize("name", LIVES)
def test_nothing_acknowledged_is_lost(name: str) -> None:
    inspection = Inspection(LIVES[name])
    inspection.run()
    assert inspection.violations == []
    assert inspection.states >= EXPECTED_STATES[name]


def test_the_lives_together_are_inspected_in_enough_states() -> None:
    assert set(EXPECTED_STATES) == set(LIVES)
    assert sum(EXPECTED_STATES.values()) >= 20_000


@pytest.mark.torture
@pytest.mark.parametrize("name", LIVES)
def test_nothing_acknowledged_is_lost_in_many_more_states(name: str) -> None:
    seed = int(os.environ.get("TORTURE_SEED", "1"))
    options = CutOptions(all_up_to=8, random_subsets=200, contents=24)
    inspection = Inspection(
        LIVES[name], options=options, every_write=True, finish_every=3, seed=seed
    )
    inspection.run()
    assert inspection.violations == []
    assert inspection.states >= 2 * EXPECTED_STATES[name]


def test_the_model_finds_a_file_that_was_never_synced() -> None:
    """The laboratory itself: an unsynced file may be empty, torn, zeros or whole."""
    files = MemoryFiles()
    with files.create(Path("/a")) as output:
        output.write(b"x" * 1024)
    files.sync_folder(Path("/"))
    found = {disk.read(Path("/a")) for disk in CrashStates(CutOptions(), Random(0)).after(files)}
    half = b"x" * 512
    assert found == {b"", b"x" * 1024, half, bytes(1024), half + bytes(512)}
