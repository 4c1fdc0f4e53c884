from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.encode.devices import Devices
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.opening import open_encoder
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.passage_opening import exact_precision, for_passages
from retrieval.encode.precision import Precision
from retrieval.encode.protocol import Encoder
from retrieval.errors import UsageError
from tests.encode.models import made_models, read_record, tiny_encoder
from tests.encode.texts import varied_texts


def never() -> Precision:
    raise AssertionError("Nothing had to be tried.")


@pytest.mark.parametrize(
    ("is_packable", "on_accelerators", "features", "tried", "expected"),
    [
        (True, False, ["avx2"], never, Precision.FP32),
        (True, False, ["avx2", "avx512_bf16"], lambda: Precision.BF16, Precision.BF16),
        (True, False, ["amx_bf16"], lambda: Precision.FP32, Precision.FP32),
        (True, True, [], never, Precision.BF16),
        (False, True, ["amx_bf16"], never, Precision.FP32),
        (False, False, ["amx_bf16"], never, Precision.FP32),
    ],
)
def test_bf16_is_tried_where_the_processor_has_it(
    is_packable: bool,
    on_accelerators: bool,
    features: list[str],
    tried: Callable[[], Precision],
    expected: Precision,
) -> None:
    found = exact_precision(
        is_packable=is_packable,
        on_accelerators=on_accelerators,
        features=features,
        tried=tried,
    )
    assert found is expected


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_models(tmp_path_factory)


@pytest.fixture
def exact(home: Path) -> Iterator[OnnxEncoder]:
    opened = tiny_encoder(home, "max")
    yield opened
    opened.close()


def opened_for(
    exact: OnnxEncoder,
    home: Path,
    cache: Path,
    precision: Precision,
    devices: Devices | None = None,
) -> Encoder:
    folder = home / "max" / "export"
    return for_passages(
        exact,
        read_record(folder),
        folder,
        precision=precision,
        devices=devices,
        cache=cache,
        note=lambda _: None,
    )


def test_single_precision_on_the_processor_is_the_encoder_itself(
    exact: OnnxEncoder, home: Path, tmp_path: Path
) -> None:
    assert opened_for(exact, home, tmp_path, Precision.FP32) is exact
    assert opened_for(exact, home, tmp_path, Precision.AUTO) is exact  # no BERT: nothing to try


def test_several_processes_give_the_same_vectors(
    exact: OnnxEncoder, home: Path, tmp_path: Path
) -> None:
    texts = varied_texts(20)
    expected = exact.encode_passages(texts)
    opened = opened_for(exact, home, tmp_path, Precision.FP32, Devices(processes=2))
    assert isinstance(opened, PassageEncoder)
    np.testing.assert_allclose(opened.encode_passages(texts), expected, atol=1e-5)
    assert opened.numerics == exact.numerics
    opened.close()


def test_bf16_needs_a_model_that_has_it(exact: OnnxEncoder, home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="single precision"):
        opened_for(exact, home, tmp_path, Precision.BF16)


def test_an_accelerator_that_is_not_there_is_refused(
    exact: OnnxEncoder, home: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="cuda:97"):
        opened_for(exact, home, tmp_path, Precision.AUTO, Devices(accelerators=("cuda:97",)))


def test_bf16_on_the_bundled_model_is_another_numerics_of_one_class() -> None:
    opened = open_encoder(precision=Precision.BF16)
    exact = open_encoder()
    assert opened.numerics.precision == "bf16"
    assert opened.numerics.comparison_class == exact.numerics.comparison_class
    assert opened.identity == exact.identity
    rows = opened.encode_passages(["a film", "a review"])
    expected = exact.encode_passages(["a film", "a review"])
    assert np.einsum("ij,ij->i", rows, expected).min() > 0.9999
    np.testing.assert_array_equal(
        opened.encode_queries(["a film"]), exact.encode_queries(["a film"])
    )
    opened.close()
    exact.close()
