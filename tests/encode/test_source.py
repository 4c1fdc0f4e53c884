from __future__ import annotations

import os
from pathlib import Path

import pytest

from retrieval.encode.bundled import BUNDLED_NAME
from retrieval.encode.source import SourceKind, SourceState, look_at, resolve_source
from retrieval.errors import ModelAlteredError, ModelNotFoundError
from tests.encode.folders import model_folder


@pytest.mark.parametrize("name", [None, BUNDLED_NAME, "all-MiniLM-L6-v2"])
def test_the_bundled_model_has_three_names(name: str | None) -> None:
    source = resolve_source(name)
    assert source.kind is SourceKind.BUNDLED
    assert source.name == BUNDLED_NAME
    assert source.folder is not None
    assert (source.folder / "model.safetensors").exists()


def test_a_folder_that_exists_wins_over_a_hub_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_folder(tmp_path / "org" / "model")
    assert resolve_source("org/model").kind is SourceKind.HUB
    monkeypatch.chdir(tmp_path)
    source = resolve_source("org/model")
    assert source.kind is SourceKind.FOLDER
    assert source.folder == tmp_path / "org" / "model"


def test_a_bare_hub_name_is_of_sentence_transformers() -> None:
    assert resolve_source("all-mpnet-base-v2").name == "sentence-transformers/all-mpnet-base-v2"


@pytest.mark.parametrize("name", ["./missing", "/missing/folder", "a/b/c", "", "has space"])
def test_what_is_no_folder_and_no_name_is_told_the_ways(name: str) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        resolve_source(name)
    for way in ("folder", "bundled", "hub"):
        assert way in caught.value.fix


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="holds no model"):
        look_at(tmp_path)


def test_modules_that_are_no_list_are_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "modules.json").write_text("{")
    with pytest.raises(ModelAlteredError, match="modules"):
        look_at(folder)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_changed_file_changes_the_state(tmp_path: Path, name: str) -> None:
    folder = model_folder(tmp_path / "m")
    before = look_at(folder)
    assert look_at(folder) == before
    os.utime(folder / name, ns=(1, 1))
    touched = look_at(folder)
    assert touched.key != before.key
    (folder / name).write_bytes(b"{}" if name.endswith("config.json") else b"other")
    (folder / name).rename(folder / "aside")
    (folder / name).write_bytes((folder / "aside").read_bytes())
    assert look_at(folder).key not in {before.key, touched.key}


def test_a_checkpoint_beside_the_model_does_not_count(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    before = look_at(folder)
    (folder / "checkpoint-500").mkdir()
    (folder / "checkpoint-500" / "model.safetensors").write_bytes(b"x")
    assert look_at(folder) == before


def test_a_state_survives_json(tmp_path: Path) -> None:
    state = look_at(model_folder(tmp_path / "m"))
    assert SourceState.from_json(state.to_json()) == state
