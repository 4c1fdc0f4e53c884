from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import DamagedIndexError, NewerFormatError, NotAnIndexError
from retrieval.store.content import EncodedDocument
from retrieval.store.hashing import content_hashes
from retrieval.store.local import LocalStore
from retrieval.store.opening import open_writer
from retrieval.store.sealed import seal, unseal
from retrieval.store.verify import check_store, stray_files
from tests.store.documents import FakeEncode, numbered, passages_of, settings, store_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = store_at(tmp_path / "i")
    store.upsert(numbered(0, 6), FakeEncode())
    store.delete(["d1"])
    return tmp_path / "i"


def flip_last_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def test_a_sound_index_has_no_problems(folder: Path) -> None:
    found = check_store(folder)
    assert (found.problems, found.generation, found.checked_documents) == ((), 2, 6)
    assert found.checked_files == 2 + 6 + 1


@pytest.mark.parametrize("kind", ["vectors", "docs", "arrays", "words", "deleted"])
def test_a_flipped_bit_is_named(folder: Path, kind: str) -> None:
    (path,) = folder.glob(f"p-*.{kind}")
    flip_last_bit(path)
    (problem,) = check_store(folder).problems
    assert path.name in problem
    assert "checksums" in problem


@pytest.mark.parametrize("kind", ["vectors", "docs", "arrays", "words", "deleted"])
def test_a_shortened_part_is_refused_at_open(folder: Path, kind: str) -> None:
    (path,) = folder.glob(f"p-*.{kind}")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedIndexError, match=path.name):
        LocalStore(folder).describe()


def test_damaged_deletions_are_refused_at_open(folder: Path) -> None:
    (path,) = folder.glob("p-*.deleted")
    flip_last_bit(path)
    with pytest.raises(DamagedIndexError, match=path.name):
        LocalStore(folder).describe()


def test_a_missing_part_is_named(folder: Path) -> None:
    (path,) = folder.glob("p-*.docs")
    path.unlink()
    with pytest.raises(DamagedIndexError, match=path.name):
        LocalStore(folder).describe()
    assert f"{path} is missing." in check_store(folder).problems


def test_a_damaged_newest_manifest_is_an_error_not_a_step_back(folder: Path) -> None:
    newest = max(folder.glob("manifest-*"))
    flip_last_bit(newest)
    with pytest.raises(DamagedIndexError, match=newest.name):
        LocalStore(folder).describe()
    with (
        pytest.raises(DamagedIndexError, match=newest.name),
        open_writer(folder, settings()),
    ):
        pass
    assert newest.name in check_store(folder).problems[0]


def test_wrong_counts_with_right_checksums_are_found(folder: Path) -> None:
    newest = max(folder.glob("manifest-*"))
    record = unseal(newest.read_bytes(), newest.name)
    record["segments"][0]["live_documents"] = 99
    newest.write_bytes(seal(record))
    assert any("live_documents" in problem for problem in check_store(folder).problems)


def test_a_vector_that_is_not_of_unit_length_is_found(tmp_path: Path) -> None:
    (document,) = numbered(0, 1)
    found = passages_of(document)
    with open_writer(tmp_path / "i", settings()) as writer:
        writer.add(
            EncodedDocument(
                document, content_hashes(document), found.spans, found.vectors * np.float32(2), 0
            ),
            None,
        )
        writer.commit()
    assert "length 2.0" in check_store(tmp_path / "i").problems[0]


def test_hashes_of_another_content_are_found(tmp_path: Path) -> None:
    one, other = numbered(0, 2)
    found = passages_of(one)
    with open_writer(tmp_path / "i", settings()) as writer:
        writer.add(EncodedDocument(one, content_hashes(other), found.spans, found.vectors, 0), None)
        writer.commit()
    assert any("hashes" in problem for problem in check_store(tmp_path / "i").problems)


def test_files_of_others_are_told(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    assert stray_files(folder) == ["notes.txt"]
    assert check_store(folder).problems == ()


def test_a_later_format_is_refused_with_the_way_on(folder: Path) -> None:
    (folder / "FORMAT").write_text("retrieve-index 2\n")
    with pytest.raises(NewerFormatError, match="format 2"):
        LocalStore(folder).describe()


def test_a_required_feature_that_is_unknown_is_refused(folder: Path) -> None:
    newest = max(folder.glob("manifest-*"))
    record = unseal(newest.read_bytes(), newest.name)
    record["required"] = ["teleportation"]
    newest.write_bytes(seal(record))
    with pytest.raises(NewerFormatError, match="teleportation"):
        LocalStore(folder).describe()


def test_a_folder_of_other_things_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(NotAnIndexError, match=r"letter\.txt"), open_writer(tmp_path, settings()):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(NotAnIndexError):
        LocalStore(tmp_path).describe()
