from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.encode.opening import open_encoder
from retrieval.encode.registry import ENCODERS
from retrieval.errors import ModelNotFoundError
from retrieval.testing.encoders import HashingEncoder
from tests.encode.models import bundled_encoder

_QUERY = """
import sys
from retrieval.encode.opening import open_encoder
encoder = open_encoder()
encoder.encode_queries(["positive review"])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_a_registered_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "testing-opening").mkdir()
    monkeypatch.chdir(tmp_path)
    ENCODERS.register("testing-opening", HashingEncoder)
    assert isinstance(open_encoder("testing-opening"), HashingEncoder)


def test_a_missing_folder_is_told_the_ways(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        open_encoder(str(tmp_path / "missing"), cache=tmp_path)
    assert "missing" in caught.value.what
    assert "folder" in caught.value.fix


def test_offline_without_the_model_is_told_the_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    notes: list[str] = []
    with pytest.raises(ModelNotFoundError) as caught:
        open_encoder("org/model", offline=True, cache=tmp_path / "cache", note=notes.append)
    assert "org/model" in caught.value.what
    assert "offline" in caught.value.what
    for way in ("folder", "bundled", "hub"):
        assert way in caught.value.fix


def test_a_warm_query_imports_no_heavy_library_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.encode.cache import preferred_cache

    bundled_encoder()  # exported by now
    import os

    monkeypatch.setenv("RETRIEVE_CACHE", str(preferred_cache(os.environ)))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    asked = subprocess.run(
        [sys.executable, "-c", _QUERY], capture_output=True, text=True, check=True
    )
    loaded = set(asked.stdout.split())
    assert {"numpy", "onnxruntime", "tokenizers", "orjson"} <= loaded
    assert not loaded & {
        "torch",
        "transformers",
        "sentence_transformers",
        "onnx",
        "huggingface_hub",
        "sklearn",
        "faiss",
        "rich",
        "click",
        "subprocess",
    }
    assert asked.stderr == ""
    assert list(home.rglob("*")) == []  # neither a cache nor what the runtime would report
