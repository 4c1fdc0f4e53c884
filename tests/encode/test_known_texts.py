from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from retrieval.encode.known_texts import KnownTexts
from retrieval.vectors import FloatRows

DIM = 4


class Counting:
    """Encodes a text as its length, and remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> FloatRows:
        self.given.append(list(texts))
        return np.array([[len(text)] * DIM for text in texts], dtype=np.float32)


def known(places: int) -> tuple[KnownTexts, Counting]:
    encode = Counting()
    return KnownTexts(encode, DIM, size_bytes=4 * DIM * places), encode


def test_copies_in_a_batch_are_encoded_once_and_keep_their_places() -> None:
    texts, encode = known(10)
    found = texts(["a", "bbb", "a", "cc", "bbb"])
    assert encode.given == [["a", "bbb", "cc"]]
    assert found[:, 0].tolist() == [1, 3, 1, 2, 3]
    assert texts.repeated == 2


def test_a_copy_of_an_earlier_batch_is_not_encoded() -> None:
    texts, encode = known(10)
    texts(["a", "bb"])
    found = texts(["bb", "ccc"])
    assert encode.given == [["a", "bb"], ["ccc"]]
    assert found[:, 0].tolist() == [2, 3]
    texts(["a", "bb", "ccc"])
    assert len(encode.given) == 2
    assert texts.repeated == 4


def test_the_oldest_are_forgotten() -> None:
    texts, encode = known(2)
    texts(["a", "bb", "ccc"])
    assert texts(["bb", "ccc"])[:, 0].tolist() == [2, 3]
    assert len(encode.given) == 1
    assert texts(["a"])[0, 0] == 1
    assert encode.given[1:] == [["a"]]
    assert texts(["bb"])[0, 0] == 2  # its place was taken by a
    assert encode.given[2:] == [["bb"]]


def test_texts_that_are_no_unicode_are_told_apart() -> None:
    texts, encode = known(4)
    texts(["\ud800", "\ud801", "\ud800"])
    assert encode.given == [["\ud800", "\ud801"]]


def test_nothing_gives_no_rows() -> None:
    texts, encode = known(4)
    assert texts([]).shape == (0, DIM)
    assert encode.given == []
