from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.exported import ExportedModel
from retrieval.encode.forward import OnnxForward
from retrieval.encode.int8 import CHILD, quantised_graph, read_quantised
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.precision import Precision
from retrieval.errors import ModelExportError, UsageError
from retrieval.fsops import LocalFiles
from tests.encode.models import made_models, read_record, tiny_encoder
from tests.encode.texts import varied_texts

FILES = LocalFiles()
FAILS = (sys.executable, "-c", "print('the last words'); raise SystemExit(3)")


class Quantised:
    """The tiny model with the max pooling, and a folder for its quantised graph."""

    def __init__(self, home: Path, cache: Path) -> None:
        self.home = home
        self.folder = home / "max" / "export"
        self.exported: ExportedModel = read_record(self.folder)
        self.cache = cache
        self.notes: list[str] = []

    def graph(self, child: tuple[str, ...] = CHILD) -> Path:
        """Find or make it."""
        return quantised_graph(
            self.exported,
            self.folder,
            self.cache,
            files=FILES,
            note=self.notes.append,
            child=child,
        )

    def folders(self) -> list[str]:
        """Return the folders in the cache."""
        return sorted(one.name for one in self.cache.iterdir() if one.is_dir())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Quantised:
    quantised = Quantised(made_models(tmp_path_factory), tmp_path_factory.mktemp("int8"))
    quantised.graph()
    return quantised


@pytest.fixture
def encoder(made: Quantised) -> Iterator[PassageEncoder]:
    forward = OnnxForward(
        made.graph(),
        precision=Precision.INT8,
        padding_id=made.exported.padding_id,
        threads=2,
    )
    opened = PassageEncoder(tiny_encoder(made.home, "max"), forward)
    yield opened
    opened.close()


def test_a_graph_is_made_once_and_said(made: Quantised) -> None:
    assert len(made.notes) == 1
    assert "int8" in made.notes[0]
    assert made.graph(FAILS).is_file()
    record = read_quantised(FILES, made.cache / made.folder.name)
    assert record is not None
    assert 0.8 <= record.least_cosine < 1.0
    assert made.folders() == [made.folder.name]


def test_passages_are_near_and_queries_exact(encoder: PassageEncoder) -> None:
    texts = varied_texts(40)
    passages, exact = encoder.encode_passages(texts), encoder.exact.encode_passages(texts)
    cosines = np.einsum("ij,ij->i", passages, exact)
    assert cosines.min() > 0.8
    assert cosines.max() < 1.0 - 1e-7
    np.testing.assert_array_equal(
        encoder.encode_queries(texts), encoder.exact.encode_queries(texts)
    )
    assert encoder.encode_passages([]).shape == (0, encoder.identity.dim)


def test_numerics_are_a_class_of_their_own(encoder: PassageEncoder) -> None:
    assert encoder.numerics.precision == "int8"
    assert encoder.numerics.comparison_class == "int8"
    assert encoder.identity == encoder.exact.identity


def test_a_closed_one_says_so(made: Quantised) -> None:
    forward = OnnxForward(made.graph(), precision=Precision.INT8, padding_id=0, threads=1)
    forward.close()
    with pytest.raises(UsageError, match="closed"):
        forward.fill([np.array([2, 3])], np.empty((1, 4), dtype=np.float32))


def test_a_child_that_fails_leaves_its_words_and_nothing_else(
    made: Quantised, tmp_path: Path
) -> None:
    other = Quantised(made.home, tmp_path)
    with pytest.raises(ModelExportError, match="the last words"):
        other.graph(FAILS)
    assert other.folders() == []


def test_an_error_of_the_child_is_passed_on(made: Quantised, tmp_path: Path) -> None:
    other = Quantised(made.home, tmp_path / "cache")
    other.folder = tmp_path / "empty-a-b"
    other.folder.mkdir()
    with pytest.raises(ModelExportError, match="holds no exported model"):
        other.graph()


def test_a_damaged_graph_and_what_was_left_of_others_are_replaced(
    made: Quantised, tmp_path: Path
) -> None:
    other = Quantised(made.home, tmp_path)
    graph = other.graph()
    graph.write_bytes(b"short")
    (tmp_path / f"staging-{other.folder.name}-0123").mkdir()
    assert other.graph().stat().st_size > 1000
    assert other.folders() == [other.folder.name]
