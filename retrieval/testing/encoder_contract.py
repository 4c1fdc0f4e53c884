"""What every encoder must do, as tests to inherit.

Subclass ``EncoderContract`` in a test module, give the class a name that starts with
``Test``, and override the ``encoder`` fixture::

    class TestMyEncoder(EncoderContract):
        @pytest.fixture(scope="class")
        @classmethod
        def encoder(cls):
            opened = MyEncoder()
            yield opened
            opened.close()
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest

from retrieval.encode.protocol import Encoder
from retrieval.records import ModelIdentity
from retrieval.vectors import FloatRows

TOLERANCE = 1e-5
"""How far a component may move with what else is in the batch."""

TEXTS: tuple[str, ...] = (
    "a",
    "positive review",
    "The film was a delight from its first minute to its last.",
    "A dull, lifeless evening; I left before the end!",
    "  spaces   around\tand\nbetween  ",
    "Ünïcödé, Ελληνικά и кириллица",
    "日本語のテキスト and some English",
    "an emoji 😀, a family 👨‍👩‍👧, a combining e\u0301",
    "numbers 12,345.67 and signs %$#@",
    "word " * 2000,
    "",
)
"""Short, long, over-long, empty, and in several scripts."""


class EncoderContract:
    """The suite; ``encoder`` is the fixture to override.

    Attributes:
        tolerance: How far a component of a passage may move with what else is in the batch;
            more than ``TOLERANCE`` only for what is not single precision.
    """

    tolerance: ClassVar[float] = TOLERANCE

    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls) -> Encoder:
        """Return the encoder to be tested."""
        raise NotImplementedError("override the fixture `encoder`")

    def test_follows_the_protocol(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)

    def test_identity_survives_json(self, encoder: Encoder) -> None:
        identity = encoder.identity
        assert ModelIdentity.from_json(identity.to_json()) == identity
        assert identity.normalized
        assert identity.dim > 0
        assert 0 <= encoder.reserved_tokens < identity.max_tokens

    def test_says_how_it_computes(self, encoder: Encoder) -> None:
        assert encoder.numerics.precision in {"fp32", "bf16", "int8"}
        assert encoder.numerics.runtime

    def test_rows_are_unit_contiguous_and_single_precision(self, encoder: Encoder) -> None:
        for rows in (encoder.encode_passages(TEXTS), encoder.encode_queries(TEXTS)):
            assert rows.shape == (len(TEXTS), encoder.identity.dim)
            assert rows.dtype == np.float32
            assert rows.flags.c_contiguous
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=TOLERANCE)

    def test_nothing_gives_no_rows(self, encoder: Encoder) -> None:
        for rows in (encoder.encode_passages([]), encoder.encode_queries([])):
            assert rows.shape == (0, encoder.identity.dim)
            assert rows.dtype == np.float32
        assert encoder.token_offsets([]) == []

    def test_same_text_has_the_same_vector_in_any_batch(self, encoder: Encoder) -> None:
        together = encoder.encode_passages(TEXTS)
        for number, text in enumerate(TEXTS):
            alone = encoder.encode_passages([text])
            np.testing.assert_allclose(alone[0], together[number], atol=self.tolerance)

    def test_same_query_has_the_same_vector_in_any_batch(self, encoder: Encoder) -> None:
        together = encoder.encode_queries(TEXTS)
        for number, text in enumerate(TEXTS):
            alone = encoder.encode_queries([text])
            np.testing.assert_allclose(alone[0], together[number], atol=TOLERANCE)

    def test_results_keep_the_order_of_the_input(self, encoder: Encoder) -> None:
        forward = encoder.encode_passages(TEXTS)
        backward = encoder.encode_passages(TEXTS[::-1])
        np.testing.assert_allclose(backward[::-1], forward, atol=self.tolerance)

    def test_different_texts_have_different_vectors(self, encoder: Encoder) -> None:
        rows = encoder.encode_passages(["positive review", "a long winter in the mountains"])
        assert float(rows[0] @ rows[1]) < 1.0 - TOLERANCE

    def test_what_exceeds_the_window_is_cut(self, encoder: Encoder) -> None:
        start = "word " * encoder.identity.max_tokens
        rows = encoder.encode_passages([start, start + "and something else entirely"])
        np.testing.assert_allclose(rows[0], rows[1], atol=self.tolerance)

    def test_a_text_within_the_window_is_seen_to_its_end(self, encoder: Encoder) -> None:
        room = encoder.identity.max_tokens - encoder.reserved_tokens
        start = _longest_run("word ", room - 1, encoder)
        rows = encoder.encode_passages([start + "a", start + "the"])
        assert float(np.abs(rows[0] - rows[1]).max()) > TOLERANCE

    def test_offsets_are_characters_in_order(self, encoder: Encoder) -> None:
        for text, offsets in zip(TEXTS, encoder.token_offsets(TEXTS), strict=True):
            assert offsets.dtype == np.int32
            assert offsets.ndim == 2
            assert offsets.shape[1] == 2
            assert (offsets[:, 0] <= offsets[:, 1]).all()
            assert (np.diff(offsets[:, 0]) >= 0).all()
            assert (offsets >= 0).all()
            assert (offsets <= len(text)).all()

    def test_offsets_count_code_points(self, encoder: Encoder) -> None:
        plain, shifted = encoder.token_offsets(["end", "😀😀😀 end"])
        assert len(plain) > 0
        assert int(plain[0, 0]) == 0
        last_word = shifted[-len(plain) :]
        np.testing.assert_array_equal(last_word - 4, plain)

    def test_offsets_are_not_cut_to_the_window(self, encoder: Encoder) -> None:
        text = "word " * (3 * encoder.identity.max_tokens)
        (offsets,) = encoder.token_offsets([text])
        assert len(offsets) >= 3 * encoder.identity.max_tokens
        assert int(offsets[-1, 1]) >= len(text) - 1

    def test_an_empty_text_has_no_tokens(self, encoder: Encoder) -> None:
        (offsets,) = encoder.token_offsets([""])
        assert offsets.shape == (0, 2)

    def test_offsets_do_not_depend_on_the_batch(self, encoder: Encoder) -> None:
        together = encoder.token_offsets(TEXTS)
        for text, offsets in zip(TEXTS, together, strict=True):
            np.testing.assert_array_equal(encoder.token_offsets([text])[0], offsets)

    def test_a_lone_surrogate_is_survived(self, encoder: Encoder) -> None:
        text = "before \ud800 after"
        assert np.isfinite(encoder.encode_passages([text])).all()
        (offsets,) = encoder.token_offsets([text])
        assert int(offsets[-1, 1]) == len(text)

    def test_threads_do_not_disturb_each_other(self, encoder: Encoder) -> None:
        expected = encoder.encode_passages(TEXTS)

        def encode(number: int) -> FloatRows:
            return encoder.encode_passages([TEXTS[number]])

        with ThreadPoolExecutor(4) as threads:
            numbers = list(range(len(TEXTS))) * 3
            for number, rows in zip(numbers, threads.map(encode, numbers), strict=True):
                np.testing.assert_allclose(rows[0], expected[number], atol=self.tolerance)


def _longest_run(word: str, tokens: int, encoder: Encoder) -> str:
    """Return as many repetitions of a word as fit into a number of tokens."""
    each = max(1, len(encoder.token_offsets([word])[0]))
    return word * max(1, tokens // each)
