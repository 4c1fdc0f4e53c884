"""Each rule of the commit, broken on purpose, is caught: the laboratory can see."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from retrieval.errors import GenerationTakenError
from retrieval.fsops import Files
from retrieval.store.content import EncodedDocument
from retrieval.store.hashing import content_hashes
from retrieval.store.local import LocalStore
from retrieval.store.opening import open_writer
from retrieval.store.reader import Snapshot
from retrieval.store.writer import IndexWriter
from retrieval.testing.power import MemoryFiles
from retrieval.testing.power_cut import CutOptions
from retrieval.testing.power_faults import (
    EverythingIsOld,
    ForgetsFolderSync,
    ForgetsSync,
    LinksOver,
    LocksNobody,
)
from tests.crash.lives import FOLDER, LIVES, Inspection
from tests.store.documents import FakeEncode, numbered, passages_of, settings

RULES: dict[str, Callable[[MemoryFiles], Files]] = {
    "vectors are synced": lambda files: ForgetsSync(files, lambda name: name.endswith("vectors")),
    "rows are synced": lambda files: ForgetsSync(files, lambda name: name.endswith("docs")),
    "arrays are synced": lambda files: ForgetsSync(files, lambda name: name.endswith("arrays")),
    "deletions are synced": lambda files: ForgetsSync(files, lambda name: name.endswith("deleted")),
    "the manifest is synced before it is linked": lambda files: ForgetsSync(
        files, lambda name: name.startswith("tmp-")
    ),
    "the folder is synced before the manifest": lambda files: ForgetsFolderSync(
        files, after_link=False
    ),
    "the folder is synced before it is acknowledged": lambda files: ForgetsFolderSync(
        files, after_link=True
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_caught(rule: str) -> None:
    inspection = Inspection(LIVES["changes"], wrap=RULES[rule], stop_at_first=True)
    inspection.run()
    assert inspection.violations


def test_the_same_life_with_every_rule_kept_has_no_violation() -> None:
    inspection = Inspection(LIVES["everything deleted"])
    inspection.run()
    assert inspection.violations == []


def add(writer: IndexWriter, number: int) -> None:
    (document,) = numbered(number, number + 1)
    found = passages_of(document)
    one = EncodedDocument(document, content_hashes(document), found.spans, found.vectors, 0)
    writer.add(one, None)


def commit_twice_at_once(files: Files) -> None:
    """Two writers start from one generation; the second commits after the first."""
    with open_writer(FOLDER, settings(), files=files) as late:
        with open_writer(FOLDER, settings(), files=files) as early:
            add(early, 1)
            early.commit()
        add(late, 2)
        late.commit()


def test_a_second_commit_of_a_generation_is_refused_even_without_a_lock() -> None:
    files = LocksNobody(MemoryFiles())
    with pytest.raises(GenerationTakenError):
        commit_twice_at_once(files)
    assert [one.document.doc_id for one in Snapshot.open(FOLDER, files).scan()] == ["d1"]


def test_a_link_that_replaces_loses_what_was_acknowledged() -> None:
    files = LinksOver(MemoryFiles())
    commit_twice_at_once(files)
    assert [one.document.doc_id for one in Snapshot.open(FOLDER, files).scan()] == ["d2"]


def three_generations(files: Files, now: Callable[[], float]) -> None:
    for version in "abc":
        store = LocalStore(FOLDER, settings(), files=files, clock=now)
        store.upsert(numbered(0, 4, version), FakeEncode())


def test_a_slow_reader_still_finds_the_generation_it_listed() -> None:
    files = MemoryFiles(clock=lambda: 1000.0)
    three_generations(files, lambda: 1000.0)
    found = Snapshot.open_generation(FOLDER, 1, files).scan()
    assert {one.document.text.split()[2] for one in found} == {"a"}


def test_garbage_removed_in_a_hurry_takes_it_from_the_reader() -> None:
    files = EverythingIsOld(MemoryFiles(clock=lambda: 1000.0))
    three_generations(files, lambda: 1000.0)
    with pytest.raises(FileNotFoundError):
        Snapshot.open_generation(FOLDER, 1, files)


def test_spills_need_no_order_because_their_receipts_verify() -> None:
    """A spill whose bytes were lost is dropped, not believed: this rule defends twice."""
    inspection = Inspection(
        LIVES["interrupted build, resumed"],
        options=CutOptions(all_up_to=3, contents=2),
        wrap=lambda files: ForgetsSync(files, lambda name: not name.startswith(("p-", "tmp-"))),
    )
    inspection.run()
    assert inspection.violations == []
