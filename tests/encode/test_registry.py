from __future__ import annotations

import pytest

from retrieval.encode.registry import EncoderRegistry
from retrieval.errors import UsageError
from retrieval.testing.encoders import HashingEncoder


def test_a_name_is_found_once_registered() -> None:
    registry = EncoderRegistry()
    assert registry.find("mine") is None
    registry.register("mine", HashingEncoder)
    assert registry.find("mine") is HashingEncoder
    assert registry.names() == ["mine"]


def test_a_name_registered_twice_is_refused() -> None:
    registry = EncoderRegistry()
    registry.register("mine", HashingEncoder)
    with pytest.raises(UsageError, match="'mine'"):
        registry.register("mine", HashingEncoder)
