"""Functions as encoders: what is asked of them and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from retrieval.encode.callable_encoder import CallableEncoder, as_encoder
from retrieval.errors import ModelError, UsageError
from retrieval.testing.encoders import HashingEncoder


def letters(texts: list[str]) -> list[list[float]]:
    return [[1.0, *(float(text.lower().count(letter)) for letter in "etaoin")] for text in texts]


def test_vectors_are_scaled_and_passed_in_batches() -> None:
    sizes: list[int] = []

    def counted(texts: list[str]) -> list[list[float]]:
        sizes.append(len(texts))
        return letters(texts)

    encoder = CallableEncoder(counted, name="letters", batch=8)
    assert sizes == []
    rows = encoder.encode_passages(["tea"] * 20)
    assert sizes == [8, 8, 4]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


def test_queries_may_have_a_function_of_their_own() -> None:
    encoder = CallableEncoder(
        letters, name="two", queries=lambda texts: [row[::-1] for row in letters(texts)]
    )
    one, other = encoder.encode_passages(["tea"]), encoder.encode_queries(["tea"])
    np.testing.assert_array_equal(one[:, ::-1], other)


def test_identity_tells_functions_and_names_apart_but_not_last_bits() -> None:
    encoder = CallableEncoder(letters, name="letters")
    noise = np.random.default_rng(0)
    near = CallableEncoder(
        lambda texts: (
            np.array(letters(texts)) * (1 + 1e-7 * noise.standard_normal((len(texts), 1)))
        ),
        name="letters",
    )
    other = CallableEncoder(lambda texts: [row[::-1] for row in letters(texts)], name="letters")
    named = CallableEncoder(letters, name="characters")
    prints = [one.identity.fingerprint for one in (encoder, near, other, named)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (lambda texts: letters(texts)[:-1], "shape"),
        (lambda texts: [1.0 for _ in texts], "shape"),
        (lambda _: "nothing", "no matrix"),
        (lambda texts: [[0.0, 0.0] for _ in texts], "zero or not finite"),
        (lambda texts: [[1.0, float("nan")] for _ in texts], "zero or not finite"),
    ],
)
def test_what_is_no_vector_is_refused(function: Callable[..., object], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        _ = CallableEncoder(function, name="wrong").identity  # type: ignore[arg-type]


def test_a_length_that_changes_is_refused() -> None:
    encoder = CallableEncoder(
        lambda texts: [[1.0] * (2 + (text == "long")) for text in texts], name="changing"
    )
    assert encoder.identity.dim == 2
    with pytest.raises(ModelError, match="3 numbers a vector, 2 before"):
        encoder.encode_queries(["long"])


def test_a_function_goes_by_its_own_name() -> None:
    assert as_encoder(letters).identity.name == "letters"
    assert as_encoder(letters, "mine").identity.name == "mine"
    hashing = HashingEncoder()
    assert as_encoder(hashing) is hashing
    with pytest.raises(UsageError, match="no name"):
        as_encoder(lambda texts: letters(texts)[:])
    with pytest.raises(UsageError, match="function of texts"):
        as_encoder("all-MiniLM")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="too small"):
        CallableEncoder(letters, name="narrow", max_tokens=3)
