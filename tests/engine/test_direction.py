from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import retrieval
from retrieval.errors import EmptyQueryError, InputError, UsageError
from retrieval.query.direction import BETA, GAMMA, Wish
from retrieval.vectors import unit_rows
from tests.engine.corpora import built, labelled

ROWS = [
    {"id": "a", "text": "good film"},
    {"id": "b", "text": "bad film"},
    {"id": "c", "text": "good soup"},
    {"id": "d", "text": "film about a film about soup. " * 30},
    {"id": "e", "text": "phone"},
]


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return built(labelled(tmp_path / "c.jsonl", ROWS), tmp_path / "i")


Row = NDArray[np.floating]


def unit(row: Row) -> Row:
    return np.asarray(row / np.linalg.norm(row))


def document(index: retrieval.Index, doc_id: str) -> Row:
    """The mean of a document's passages, scaled to length 1."""
    rows = next(one.vectors for one in index.snapshot.scan() if one.document.doc_id == doc_id)
    return unit(rows.mean(axis=0, dtype=np.float64))


def test_a_text_against_another_is_the_difference_of_unit_vectors(index: retrieval.Index) -> None:
    good, fine, bad = index.encoder.encode_queries(["good film", "fine film", "bad film"])
    wish = Wish(text="good film", also=("fine film",), against=("bad film",))
    expected = unit((good + fine) / 2 - bad)
    np.testing.assert_allclose(index.direction(wish).row, expected, atol=1e-6)


def test_a_contrast_ranks_what_is_meant_first(index: retrieval.Index) -> None:
    hits = index.search("good film", k=5, against=["bad film"])
    assert {hit.doc_id for hit in hits[:2]} == {"a", "c"}
    assert hits[-1].doc_id == "b"
    assert {hit.query_kind for hit in hits} == {"contrast"}
    assert hits[-1].score < 0 < hits[0].score


def test_examples_follow_rocchio(index: retrieval.Index) -> None:
    (text,) = index.encoder.encode_queries(["film"])
    wish = Wish(text="film", more=("a", "d"), less=("b",))
    liked = (document(index, "a") + document(index, "d")) / 2
    expected = unit(text + BETA * liked - GAMMA * document(index, "b"))
    direction = index.direction(wish)
    np.testing.assert_allclose(direction.row, expected, atol=1e-6)
    assert direction.left_out == {"a", "b", "d"}


def test_like_finds_the_neighbours_of_a_document_without_itself(index: retrieval.Index) -> None:
    hits = index.search(like=["a"], k=2)
    assert [hit.rank for hit in hits] == [1, 2]
    assert "a" not in {hit.doc_id for hit in hits}
    expected = unit_rows(document(index, "a")[np.newaxis])[0]
    np.testing.assert_allclose(index.direction(Wish(like=("a",))).row, expected, atol=1e-6)
    assert {hit.query_kind for hit in hits} == {"example"}
    assert {hit.query for hit in hits} == {""}


def test_k_hits_come_back_whatever_is_left_out(index: retrieval.Index) -> None:
    assert len(index.search("film", k=2, more=["a"], less=["b", "c"])) == 2
    assert len(index.search("film", k=9, more=["a"])) == 4


def test_what_cancels_out_is_refused(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match="nothing is left"):
        index.search("film", against=["film"])


def test_an_example_that_is_not_there_is_named(index: retrieval.Index) -> None:
    with pytest.raises(InputError, match="no document 'zz'"):
        index.search("film", more=["zz"])


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"text": ""}, EmptyQueryError),
        ({"text": " ", "against": ("x",)}, EmptyQueryError),
        ({"text": "x", "against": (" ",)}, EmptyQueryError),
        ({"text": "x", "like": ("a",)}, UsageError),
        ({"like": ("a",), "more": ("b",)}, UsageError),
        ({"text": "x", "more": ("a",), "less": ("a",)}, UsageError),
    ],
)
def test_parts_that_do_not_go_together_are_refused(
    parts: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Wish(**parts)  # type: ignore[arg-type]


def test_a_single_string_is_not_taken_for_several(index: retrieval.Index) -> None:
    with pytest.raises(UsageError, match=r"against=\['bad film'\]"):
        index.search("good film", against="bad film")


def test_the_parts_of_a_direction_add_up_to_it(index: retrieval.Index) -> None:
    wishes = [
        Wish(text="good film", also=("fine",), against=("bad film", "dull")),
        Wish(text="film", more=("a", "d"), less=("b",)),
        Wish(like=("a", "d"), less=("e",)),
    ]
    for wish in wishes:
        direction = index.direction(wish)
        total = sum(one.weight * one.row.astype(np.float64) for one in direction.parts)
        np.testing.assert_allclose(total, direction.row, atol=1e-7)
        assert [one.name for one in direction.parts] == [
            *((wish.text, *wish.also, *wish.against) if wish.text else ()),
            *wish.examples,
        ]
