"""Parts of models that stay loaded change nothing but the time it takes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.loading import ANEW, KeptLoaded, Loading
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.opening import open_encoder
from tests.encode.models import made_models, read_record
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


class TooSlowError(Exception):
    """What a test refuses slow work with."""


def refuse(what: str) -> None:
    raise TooSlowError(what)


def a_process(folder: Path, loading: Loading) -> list[bytes]:
    """Encode as one process would: a query, then more texts than the quick session takes."""
    encoder = OnnxEncoder(read_record(folder), folder, threads=2, loading=loading)
    texts = varied_texts(30)
    rows = [encoder.encode_queries(texts[:1]), encoder.encode_passages(texts)]
    encoder.close()
    return [one.tobytes() for one in rows]


def test_vectors_have_the_same_bits_whatever_was_loaded_before(home: Path) -> None:
    folder = home / "cls-dense" / "export"
    kept = KeptLoaded(before_slow=refuse)
    anew = a_process(folder, ANEW)
    for _ in range(12):  # more than the quick session's share of one process
        assert a_process(folder, kept) == anew


def test_a_part_is_loaded_once_and_again_when_its_files_change(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_text("one")
    kept = KeptLoaded(before_slow=refuse)
    read: list[str] = []

    def load(part: str = "a") -> str:
        def loaded() -> str:
            read.append(path.read_text())
            return read[-1]

        return kept.load(tmp_path, part, loaded)

    assert [load(), load(), load("b")] == ["one"] * 3
    assert len(read) == 2
    path.write_text("other")
    assert load() == "other"
    os.utime(path, ns=(1, 1))
    load()
    assert len(read) == 4


def test_only_the_models_used_last_are_kept(tmp_path: Path) -> None:
    kept = KeptLoaded(before_slow=refuse, models=2)
    read: list[str] = []

    def load(name: str) -> None:
        (tmp_path / name).mkdir(exist_ok=True)
        kept.load(tmp_path / name, "part", lambda: read.append(name))

    for name in ("one", "two", "one", "three", "one", "two"):
        load(name)
    assert read == ["one", "two", "three", "two"]


def test_an_export_can_be_refused_before_anything_is_written(home: Path, tmp_path: Path) -> None:
    model = str(home / "max" / "model")
    with pytest.raises(TooSlowError, match="exported"):
        open_encoder(model, cache=tmp_path, loading=KeptLoaded(before_slow=refuse))
    assert list(tmp_path.iterdir()) == []


def test_the_bundled_model_can_be_kept(tmp_path: Path) -> None:
    open_encoder().close()  # exported by now
    kept = KeptLoaded(before_slow=refuse)
    vectors = []
    for loading in (ANEW, kept, kept):
        encoder = open_encoder(loading=loading)
        vectors.append(encoder.encode_queries(["a film with a great soundtrack"]))
        encoder.close()
    assert np.array_equal(vectors[0], vectors[1])
    assert np.array_equal(vectors[0], vectors[2])
