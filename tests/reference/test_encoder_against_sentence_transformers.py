"""Our vectors against those of ``SentenceTransformer.encode`` on two hundred texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.encode.models import TINY, bundled_encoder, made_models, tiny_encoder
from tests.encode.texts import varied_texts

LEAST_COSINE = 0.9999


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


def test_the_bundled_model_agrees(home: Path) -> None:
    theirs = np.load(home / "bundled" / "passages.npy")
    ours = bundled_encoder().encode_passages(varied_texts())
    assert float(np.sum(ours * theirs, axis=1).min()) >= LEAST_COSINE


@pytest.mark.parametrize("name", TINY)
def test_pooling_dense_and_prompts_agree(home: Path, name: str) -> None:
    encoder = tiny_encoder(home, name)
    texts = varied_texts()
    for kind, ours in (
        ("queries", encoder.encode_queries(texts)),
        ("passages", encoder.encode_passages(texts)),
    ):
        theirs = np.load(home / name / f"{kind}.npy")
        assert float(np.sum(ours * theirs, axis=1).min()) >= LEAST_COSINE
