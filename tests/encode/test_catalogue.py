from __future__ import annotations

import sys
from pathlib import Path

from retrieval.encode.bundled import BUNDLED_NAME
from retrieval.encode.catalogue import list_models
from retrieval.encode.export import ensure_exported
from retrieval.encode.source import resolve_source
from retrieval.fsops import LocalFiles
from tests.encode.folders import model_folder
from tests.encode.test_export import FAKE


def _export(folder: Path, cache: Path, behaviour: str) -> Path:
    made, _ = ensure_exported(
        resolve_source(str(folder)),
        cache,
        files=LocalFiles(),
        note=lambda text: None,
        child=(sys.executable, str(FAKE), behaviour),
    )
    return made


def test_the_bundled_model_is_listed_before_its_export(tmp_path: Path) -> None:
    (entry,) = list_models(tmp_path / "missing")
    assert (entry.name, entry.bundled, entry.exported) == (BUNDLED_NAME, True, False)
    assert dict(entry.files)["model.safetensors"] == 90868376
    assert entry.size_bytes == sum(size for _, size in entry.files)


def test_an_exported_model_is_listed_with_what_it_costs(tmp_path: Path) -> None:
    model = model_folder(tmp_path / "tiny")
    folder = _export(model, tmp_path / "cache", "good")
    entry = next(entry for entry in list_models(tmp_path / "cache") if not entry.bundled)
    assert entry.name == str(model)
    assert entry.exported
    assert entry.complete
    assert (entry.runtime, entry.dim, entry.max_tokens) == ("onnxruntime", 4, 8)
    assert entry.parity == 0.99999
    assert entry.fingerprint
    written = entry.to_json()
    assert written["files"] == {path.name: path.stat().st_size for path in folder.iterdir()}
    assert written["size_bytes"] == sum(path.stat().st_size for path in folder.iterdir())


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = _export(model_folder(tmp_path / "tiny"), tmp_path / "cache", "good")
    (folder / "model.onnx.data").unlink()
    entry = next(entry for entry in list_models(tmp_path / "cache") if not entry.bundled)
    assert not entry.complete
    assert "model.onnx.data" in entry.note
    (folder / "model.json").unlink()
    entry = next(entry for entry in list_models(tmp_path / "cache") if not entry.bundled)
    assert not entry.complete
    assert "model.json" in entry.note


def test_a_model_that_runs_through_torch_says_why(tmp_path: Path) -> None:
    _export(model_folder(tmp_path / "tiny"), tmp_path / "cache", "torch")
    entry = next(entry for entry in list_models(tmp_path / "cache") if not entry.bundled)
    assert (entry.runtime, entry.note, entry.parity) == ("torch", "ValueError: odd", None)


def test_a_folder_being_made_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "models" / "staging-tiny-0123").mkdir(parents=True)
    assert [entry.name for entry in list_models(tmp_path)] == [BUNDLED_NAME]
