from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.source import SourceState
from retrieval.encode.torch_encoder import TorchEncoder
from retrieval.errors import ModelNotFoundError
from tests.encode.models import made_models, read_record


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory) / "apart"


def test_a_model_that_is_no_graph_is_recorded_with_the_reason(place: Path) -> None:
    record = read_record(place / "export")
    assert "prompt" in record.torch_reason
    assert record.parity is None
    assert list(record.files) == ["tokenizer.json"]


@pytest.mark.parametrize("kind", ["queries", "passages"])
def test_torch_gives_the_vectors_of_sentence_transformers(place: Path, kind: str) -> None:
    ours, theirs = np.load(place / f"torch-{kind}.npy"), np.load(place / f"{kind}.npy")
    assert float(np.sum(ours * theirs, axis=1).min()) >= 0.9999
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-5)


def test_offsets_are_there_without_a_graph(place: Path) -> None:
    text = "the 😀 film"
    offsets = np.load(place / "torch-offsets.npy")
    assert [text[start:end] for start, end in offsets] == ["the", "😀", "film"]


def test_a_vanished_model_is_named(place: Path) -> None:
    elsewhere = SourceState(str(place / "gone"), ())
    record = dataclasses.replace(read_record(place / "export"), source=elsewhere)
    with pytest.raises(ModelNotFoundError, match="gone"):
        TorchEncoder(record, place / "export")
