"""Every encoder of ours passes the suite third parties can run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from retrieval.encode.callable_encoder import CallableEncoder
from retrieval.encode.onnx_encoder import OnnxEncoder
from retrieval.encode.opening import open_encoder
from retrieval.encode.packed_forward import PackedForward
from retrieval.encode.packed_model import PackedModel, load_packed
from retrieval.encode.passage_encoder import PassageEncoder
from retrieval.encode.precision import Precision
from retrieval.encode.protocol import Encoder
from retrieval.testing.encoder_contract import EncoderContract
from retrieval.testing.encoders import HashingEncoder
from tests.encode.models import TINY, bundled_encoder, bundled_export, made_models, tiny_encoder


class TestHashingEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder:
        return HashingEncoder()


class TestFunctionAsEncoder(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder:
        hashing = HashingEncoder(max_tokens=512)
        return CallableEncoder(hashing.encode_passages, name="a function", max_tokens=64)


class TestBundledModel(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder:
        return bundled_encoder()


class TestBundledModelUnpadded(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Iterator[Encoder]:
        exact = bundled_encoder()
        assert isinstance(exact, OnnxEncoder)
        exported, _ = bundled_export()

        def model() -> PackedModel:
            return load_packed(exported, precision="fp32", device="cpu")

        with closing(PackedForward(model, precision="fp32", threads=2)) as forward:
            yield PassageEncoder(exact, forward)


class TestBundledModelInInt8(EncoderContract):
    tolerance = 0.1  # activations are scaled by the greatest of a run

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Iterator[Encoder]:
        opened = open_encoder(precision=Precision.INT8)
        yield opened
        opened.close()


class TestTinyModels(EncoderContract):
    @pytest.fixture(scope="class", params=TINY)
    @classmethod
    def encoder(
        cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Encoder]:
        opened = tiny_encoder(made_models(tmp_path_factory), request.param)
        yield opened
        opened.close()
