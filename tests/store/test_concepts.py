from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import DamagedIndexError, LockedError, ModelMismatchError
from retrieval.fsops import LocalFiles
from retrieval.store.concepts import ConceptContent, check_shapes, parse_concept
from retrieval.store.garbage import collect_garbage
from retrieval.store.local import LocalStore
from retrieval.store.manifest import read_manifest
from retrieval.store.recover import recover_generation
from retrieval.store.sealed import unseal
from tests.store.concept_contents import concept_content, direction
from tests.store.documents import DIM, FakeEncode, numbered, store_at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store_at(tmp_path / "notes").upsert(numbered(0, 5), FakeEncode())
    return tmp_path / "notes"


def file_of(folder: Path, name: str = "good") -> Path:
    (entry,) = (one for one in LocalStore(folder).describe().concepts if one.name == name)
    return folder / entry.part.file


def test_a_concept_is_kept_and_read_back(folder: Path) -> None:
    store = LocalStore(folder)
    assert store.put_concept(concept_content("good")) == 1
    found = LocalStore(folder).read_concept("good")
    assert found is not None
    assert found.arrays["direction"].tolist() == direction("good")
    assert found.arrays["fold_of"].tolist() == [0, 1, 0, 1]
    assert found.record["version"] == 1
    assert store.read_concept("bad") is None
    assert store.verify().problems == ()


def test_fitting_again_is_the_next_version_whatever_the_case_of_the_name(folder: Path) -> None:
    store = LocalStore(folder)
    store.put_concept(concept_content("Good Film"))
    assert store.put_concept(concept_content("good ﬁlm")) == 2
    (entry,) = store.describe().concepts
    assert (entry.name, entry.version) == ("good ﬁlm", 2)


def test_later_commits_and_compaction_keep_concepts(folder: Path) -> None:
    LocalStore(folder).put_concept(concept_content("good"))
    store = store_at(folder)
    for number in range(10, 19):
        store.upsert(numbered(number, number + 1), FakeEncode())
    store.delete(["d0", "d1"])
    assert len(store.snapshot.segments) < 10
    found = store.read_concept("good")
    assert found is not None
    assert found.record["version"] == 1
    assert store.verify().problems == ()


def test_an_index_without_concepts_has_no_field_for_them(folder: Path) -> None:
    def fields() -> dict[str, object]:
        newest = sorted(folder.glob("manifest-*.json"))[-1]
        return unseal(newest.read_bytes(), str(newest))

    assert "concepts" not in fields()
    assert fields()["optional"] == []
    store = LocalStore(folder)
    store.put_concept(concept_content("good"))
    assert fields()["optional"] == ["concepts"]
    assert fields()["required"] == []
    store.delete_concept("good")
    assert "concepts" not in fields()


def test_a_deleted_concept_is_gone_and_its_file_later_too(folder: Path) -> None:
    store = LocalStore(folder)
    store.put_concept(concept_content("good"))
    path = file_of(folder)
    generation = store.describe().generation
    assert store.delete_concept("GOOD")
    assert not store.delete_concept("good")
    assert store.describe().generation == generation + 1
    assert store.read_concept("good") is None
    assert path.exists()  # the generation before still names it
    store.delete(["d0"])
    collect_garbage(LocalFiles(), folder, path.stat().st_mtime + 10_000)
    assert not path.exists()


def test_going_back_brings_the_concepts_of_then(folder: Path) -> None:
    store = LocalStore(folder)
    store.put_concept(concept_content("good"))
    generation = store.describe().generation
    store.delete_concept("good")
    recover_generation(folder, generation)
    assert LocalStore(folder).read_concept("good") is not None


def test_a_damaged_concept_is_named_and_nothing_else_suffers(folder: Path) -> None:
    LocalStore(folder).put_concept(concept_content("good"))
    path = file_of(folder)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    store = LocalStore(folder)
    with pytest.raises(DamagedIndexError, match=r"'good'.*checksum"):
        store.read_concept("good")
    assert any(path.name in one for one in store.verify().problems)
    assert len(list(store.scan())) == 5
    path.unlink()
    with pytest.raises(DamagedIndexError, match="missing"):
        store.read_concept("good")
    assert any(path.name in one for one in store.verify().problems)
    assert store.put_concept(concept_content("good")) == 2


def test_a_concept_for_another_model_is_refused(folder: Path) -> None:
    with pytest.raises(ModelMismatchError, match="fitted for the model other"):
        LocalStore(folder).put_concept(concept_content("good", model="other"))


def test_a_concept_is_not_written_while_another_writes(folder: Path) -> None:
    with (
        LocalFiles().lock(folder / "write.lock", "the test"),
        pytest.raises(LockedError),
    ):
        LocalStore(folder).put_concept(concept_content("good"))


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": np.ones(DIM + 1, dtype=np.float32)},
        {"direction": np.ones(DIM, dtype=np.float64)},
        {"direction": np.ones(DIM, dtype=np.float32)},
        {"direction": np.full(DIM, np.nan, dtype=np.float32)},
        {"folds": np.ones((2, DIM - 1), dtype=np.float32)},
        {"fold_of": np.array([0, 1, 2, 0], dtype=np.int32)},
        {"labels": np.array([1], dtype=np.uint8)},
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed: dict[str, np.ndarray]) -> None:
    sound = concept_content("good")
    check_shapes(sound, DIM, "it")
    broken = ConceptContent(record=sound.record, arrays={**sound.arrays, **changed})
    with pytest.raises(DamagedIndexError):
        check_shapes(broken, DIM, "it")


def test_every_bit_of_an_exported_concept_counts(folder: Path) -> None:
    LocalStore(folder).put_concept(concept_content("good"))
    content = file_of(folder).read_bytes()
    whole = parse_concept(content, "it")
    for at in range(0, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 0x10
        try:
            found = parse_concept(bytes(changed), "it")
        except DamagedIndexError:
            continue
        assert found.record == whole.record
        assert all((found.arrays[one] == whole.arrays[one]).all() for one in whole.arrays)
    for cut in (0, 5, 100, len(content) - 1):
        with pytest.raises(DamagedIndexError):
            parse_concept(content[:cut], "it")


def test_old_manifests_have_no_concepts(folder: Path) -> None:
    assert read_manifest(LocalFiles(), folder, 1).concepts == ()
