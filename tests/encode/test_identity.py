from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from retrieval.encode.bundled import BUNDLED_SHA256, verify_bundled_model
from retrieval.encode.identity import (
    prompts,
    require_safe,
    tokenizer_sha256,
    weights_sha256,
)
from retrieval.encode.source import SourceKind, look_at
from retrieval.errors import ModelAlteredError, ModelExportError
from tests.encode.folders import MODULES, model_folder


def _write(path: Path, content: object) -> None:
    path.write_bytes(orjson.dumps(content))


def test_the_bundled_weights_are_the_ones_we_trust() -> None:
    sound, told = verify_bundled_model()
    assert sound, told
    assert BUNDLED_SHA256 in told


def test_altered_bundled_weights_are_refused_with_both_hashes(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    with pytest.raises(ModelAlteredError) as caught:
        weights_sha256(SourceKind.BUNDLED, folder, look_at(folder))
    assert BUNDLED_SHA256 in caught.value.what
    assert weights_sha256(SourceKind.FOLDER, folder, look_at(folder)) in caught.value.what


def test_weights_of_every_module_count(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    one = weights_sha256(SourceKind.FOLDER, folder, look_at(folder))
    (folder / "1_Pooling" / "model.safetensors").write_bytes(b"dense")
    two = weights_sha256(SourceKind.FOLDER, folder, look_at(folder))
    (folder / "1_Pooling" / "model.safetensors").write_bytes(b"other")
    assert len({one, two, weights_sha256(SourceKind.FOLDER, folder, look_at(folder))}) == 3


def test_limits_and_order_do_not_change_the_tokenizers_hash(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    plain = tokenizer_sha256(folder)
    same = {"model": {"vocab": {"a": 0}}, "truncation": {"max_length": 128}, "padding": {"n": 1}}
    _write(folder / "tokenizer.json", same)
    assert tokenizer_sha256(folder) == plain
    _write(folder / "tokenizer.json", {"model": {"vocab": {"b": 0}}})
    assert tokenizer_sha256(folder) != plain


def test_lower_casing_and_vocabulary_files_change_the_tokenizers_hash(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    plain = tokenizer_sha256(folder)
    _write(folder / "sentence_bert_config.json", {"do_lower_case": True})
    assert tokenizer_sha256(folder) != plain
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("a\n")
    first = tokenizer_sha256(folder)
    (folder / "vocab.txt").write_text("b\n")
    assert tokenizer_sha256(folder) != first


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ("", "")),
        ({"prompts": {"query": "q: ", "document": "d: "}}, ("q: ", "d: ")),
        ({"prompts": {"query": "q: ", "passage": "p: "}}, ("q: ", "p: ")),
        ({"prompts": {"all": "a: "}, "default_prompt_name": "all"}, ("a: ", "a: ")),
        (
            {"prompts": {"query": "q: ", "document": ""}, "default_prompt_name": "query"},
            ("q: ", ""),
        ),
        ({"prompts": None, "default_prompt_name": None}, ("", "")),
    ],
)
def test_prompts_are_the_models(
    tmp_path: Path, settings: object, expected: tuple[str, str]
) -> None:
    _write(tmp_path / "config_sentence_transformers.json", settings)
    assert prompts(tmp_path) == expected


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    require_safe(folder, look_at(folder), "m")
    (folder / "1_Pooling" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelExportError, match="pickle"):
        require_safe(folder, look_at(folder), "m")


def test_a_model_without_safetensors_is_refused(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelExportError, match="safetensors"):
        require_safe(folder, look_at(folder), "m")


def test_code_of_a_models_own_is_never_run(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    _write(folder / "config.json", {"auto_map": {"AutoModel": "modeling.Model"}})
    with pytest.raises(ModelExportError, match="code of its own"):
        require_safe(folder, look_at(folder), "m")
    _write(folder / "config.json", {})
    _write(folder / "modules.json", [*MODULES, {"path": "2", "type": "custom.Layer"}])
    with pytest.raises(ModelExportError, match=r"custom\.Layer"):
        require_safe(folder, look_at(folder), "m")


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "config_sentence_transformers.json").write_text("{")
    with pytest.raises(ModelAlteredError, match="config_sentence_transformers"):
        prompts(tmp_path)
