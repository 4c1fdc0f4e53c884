from __future__ import annotations

import math

import pytest

from retrieval.cluster.names import distinctive_words, name_of, words_of

DOCUMENTS = [
    (0, "The soup, the SOUP and a leek"),
    (0, "Leek soup of the day"),
    (1, "A bike's tyre; the bike and the day"),
    (1, "the the the the"),
]


def test_weights_are_those_of_the_formula() -> None:
    # cluster 0: soup 3, leek 2, day 1; cluster 1: bike 2, tyre 1, day 1; A = 10 / 2
    def weight(here: int, everywhere: int) -> float:
        return here * math.log(1 + 5 / everywhere)

    assert weight(3, 3) > weight(2, 2) > weight(1, 2)
    assert distinctive_words(DOCUMENTS, 2, 9) == [("soup", "leek", "day"), ("bike", "tyre", "day")]
    assert weight(2, 2) > weight(1, 1) > weight(1, 2)


def test_a_word_that_all_clusters_share_gives_way() -> None:
    documents = [(at, "film film film " + own) for at, own in enumerate(["a1 a1", "b1 b1 b1"])]
    assert distinctive_words(documents, 2, 1) == [("a1",), ("b1",)]
    many = [(at, f"film film word{at} word{at}") for at in range(30)]
    assert distinctive_words(many, 30, 1)[7] == ("word7",)


def test_equal_weights_go_by_alphabet_and_the_count_is_a_most() -> None:
    assert distinctive_words([(0, "pear apple fig")], 1, 2) == [("apple", "fig")]
    assert distinctive_words([(0, "pear"), (1, "")], 2, 5) == [("pear",), ()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's the film’s well-made ending, 1984 x", ["film", "well-made", "ending"]),
        ("Don't you", []),
        ("COVID-19 straße ÉCOLE", ["covid-19", "strasse", "école"]),
        ("a" * 50, []),
        ("映画は面白い", ["映画は面白い"]),
    ],
)
def test_words_are_what_can_name_something(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_name_is_the_first_words_or_the_number() -> None:
    assert name_of(("a", "b", "c", "d"), 3) == "a, b, c"
    assert name_of((), 3) == "cluster 3"
