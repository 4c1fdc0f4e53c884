"""Every encoder of ours passes the suite third parties can run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from retrieval.encode.callable_encoder import CallableEncoder
from retrieval.encode.protocol import Encoder
from retrieval.testing.encoder_contract import EncoderContract
from retrieval.testing.encoders import HashingEncoder
from tests.encode.models import TINY, bundled_encoder, made_models, tiny_encoder


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


class TestTinyModels(EncoderContract):
    @pytest.fixture(scope="class", params=TINY)
    @classmethod
    def encoder(
        cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[Encoder]:
        opened = tiny_encoder(made_models(tmp_path_factory), request.param)
        yield opened
        opened.close()
