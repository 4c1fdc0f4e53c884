from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.opening import open_encoder
from retrieval.errors import ModelAlteredError, UsageError
from tests.encode.models import made_models, read_record, tiny_encoder
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


@pytest.fixture
def encoder(home: Path) -> Iterator[OnnxEncoder]:
    opened = tiny_encoder(home, "cls-dense")
    yield opened
    opened.close()


def test_the_quick_and_the_fast_session_agree(encoder: OnnxEncoder) -> None:
    texts = varied_texts(30)
    quick = np.concatenate([encoder.encode_passages([text]) for text in texts[:6]])
    fast = encoder.encode_passages(texts)
    np.testing.assert_allclose(quick, fast[:6], atol=1e-5)
    again = encoder.encode_passages(texts[:6])
    np.testing.assert_allclose(again, quick, atol=1e-5)


def test_many_short_queries_reach_the_fast_session(encoder: OnnxEncoder) -> None:
    first = encoder.encode_queries(["the film"])
    for _ in range(20):
        np.testing.assert_allclose(encoder.encode_queries(["the film"]), first, atol=1e-5)


def test_prompts_are_applied_and_reserved(encoder: OnnxEncoder) -> None:
    query, passage = encoder.identity.query_prompt, encoder.identity.passage_prompt
    assert (query, passage) == ("search for: ", "text: ")
    as_query = encoder.encode_queries(["the film"])
    as_passage = encoder.encode_passages(["the film"])
    assert float(np.abs(as_query - as_passage).max()) > 1e-3
    (tokens,) = encoder.token_offsets([passage])
    assert encoder.reserved_tokens == 2 + len(tokens)


def test_a_very_long_text_is_cut(encoder: OnnxEncoder) -> None:
    long = "the film review " * 60_000
    np.testing.assert_allclose(
        encoder.encode_passages([long]), encoder.encode_passages([long[:2000]]), atol=1e-5
    )


def test_a_closed_encoder_says_so(home: Path) -> None:
    opened = tiny_encoder(home, "max")
    opened.close()
    with pytest.raises(UsageError, match="closed"):
        opened.encode_queries(["a"])


def test_numerics_name_the_runtime(encoder: OnnxEncoder) -> None:
    assert encoder.numerics.precision == "fp32"
    assert encoder.numerics.runtime.startswith("onnxruntime ")


def test_a_damaged_graph_is_refused_by_name(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(home / "max" / "export", folder)
    graph = folder / "model.onnx"
    graph.write_bytes(b"\xff" * graph.stat().st_size)
    with pytest.raises(ModelAlteredError, match=r"model\.onnx"):
        OnnxEncoder(read_record(folder), folder)


def test_a_models_folder_is_exported_and_opened(home: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    model = str(home / "max" / "model")
    opened = open_encoder(model, cache=tmp_path, note=notes.append)
    texts = varied_texts(20)
    expected = tiny_encoder(home, "max")
    np.testing.assert_allclose(
        opened.encode_queries(texts), expected.encode_queries(texts), atol=1e-5
    )
    assert opened.identity.fingerprint == expected.identity.fingerprint
    assert len(notes) == 1
    open_encoder(model, cache=tmp_path, note=notes.append).close()
    assert len(notes) == 1
