"""Vectors that a caller brings, and functions as encoders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import retrieval
from retrieval.encode.callable_encoder import CallableEncoder
from retrieval.errors import (
    BadRowError,
    InputError,
    ModelMismatchError,
    RetrievalError,
    UsageError,
)
from retrieval.testing.cli import register_fakes
from retrieval.testing.encoders import HASHING_NAME, HashingEncoder
from retrieval.vectors import unit_rows
from tests.engine.corpora import built, jsonl

ROWS = [{"id": "b", "text": "leek"}, {"id": "a", "text": "tyre"}, {"id": "c", "text": "tide"}]


def random_rows(count: int, dim: int = 5, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((count, dim))


def own(folder: Path, vectors: NDArray[np.floating]) -> retrieval.Index:
    np.save(folder / "x.npy", vectors)
    corpus = jsonl(folder / "corpus.jsonl", ROWS)
    return retrieval.build(corpus, home=folder, vectors=folder / "x.npy")


def stored(index: retrieval.Index) -> dict[str, list[float]]:
    return {
        doc_id: row.tolist()
        for block in index.vectors()
        for doc_id, row in zip(block.ids, block.rows, strict=True)
    }


def test_rows_belong_to_documents_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = random_rows(3)
    with own(tmp_path, rows) as index:
        wanted = {one["id"]: row for one, row in zip(ROWS, unit_rows(rows).tolist(), strict=True)}
        assert stored(index) == wanted
        assert index.status().model["name"] == "own vectors (dim 5)"
        for row, one in zip(rows, ROWS, strict=True):
            (hit,) = index.search(vector=row * 3, k=1)
            assert (hit.doc_id, hit.query_kind, hit.query) == (one["id"], "vector", "")
            assert hit.score == pytest.approx(1.0)
        assert index.verify().ok


def test_texts_are_refused_unless_a_model_is_named(tmp_path: Path) -> None:
    register_fakes()
    with own(tmp_path, random_rows(3, dim=64)) as index:
        with pytest.raises(UsageError, match="no model it knows") as refused:
            index.search("leek")
        assert "--model" in refused.value.fix
        assert [hit.doc_id for hit in index.search("leek", mode="lexical")] == ["b"]
        assert index.search(like=["b"], k=1)[0].doc_id != "b"
    with retrieval.open(tmp_path / "corpus", model=HASHING_NAME) as index:
        assert len(index.search("leek")) == 3
    with (
        retrieval.open(tmp_path / "corpus", encoder=HashingEncoder(dim=32)) as index,
        pytest.raises(ModelMismatchError, match="64 numbers"),
    ):
        index.search("leek")


def test_other_vectors_of_the_same_texts_replace_the_first(tmp_path: Path) -> None:
    rows = random_rows(3)
    own(tmp_path, rows).close()
    with own(tmp_path, rows) as index:
        assert index.report is not None
        assert (index.report.committed, index.report.unchanged) == (False, 3)
    rows[1] = random_rows(1, seed=1)
    with own(tmp_path, rows) as index:
        assert index.report is not None
        assert (index.report.replaced, index.report.unchanged) == (1, 2)
        np.testing.assert_allclose(stored(index)["a"], unit_rows(rows[1:2])[0])


def test_vectors_of_a_failed_run_are_never_taken_over(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 rows"):
        own(tmp_path, random_rows(2, seed=7))
    with pytest.raises(InputError, match="4 rows for 3 documents"):
        own(tmp_path, random_rows(4, seed=8))
    rows = random_rows(3)
    with own(tmp_path, rows) as index:
        np.testing.assert_allclose(stored(index)["b"], unit_rows(rows)[0])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (np.ones((3, 5), dtype=np.int8), "int8"),
        (np.ones(3), r"shape \(3,\)"),
        (np.ones((3, 0)), "no vector"),
        (np.array([[1.0], [0.0], [1.0]]), "Row 1 of .*'a', is zero"),
        (np.array([[1.0], [1.0], [np.nan]]), "Row 2 of .*'c', is zero or not finite"),
        (np.array([["a"], ["b"], ["c"]]), "matrix of vectors"),
    ],
)
def test_what_is_no_matrix_of_vectors_is_refused(
    tmp_path: Path, rows: NDArray[np.floating], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        own(tmp_path, rows)
    with pytest.raises(RetrievalError):
        retrieval.open(tmp_path / "corpus")


def test_a_file_that_is_no_array_is_refused(tmp_path: Path) -> None:
    corpus = jsonl(tmp_path / "corpus.jsonl", ROWS)
    for content in (b"", b"not numpy", b"\x93NUMPY\x01\x00"):
        (tmp_path / "x.npy").write_bytes(content)
        with pytest.raises(InputError, match=r"x\.npy cannot be read"):
            retrieval.build(corpus, home=tmp_path, vectors=tmp_path / "x.npy")
    with pytest.raises(InputError, match="No such file"):
        retrieval.build(corpus, home=tmp_path, vectors=tmp_path / "y.npy")


def test_a_bad_row_stops_what_would_shift_the_others(tmp_path: Path) -> None:
    corpus = jsonl(tmp_path / "corpus.jsonl", [ROWS[0], {"id": "x", "text": 3}, ROWS[1]])
    with pytest.raises(BadRowError):
        retrieval.build(corpus, home=tmp_path, vectors=random_rows(2))


def test_vectors_of_a_named_model_are_checked_and_texts_are_answered(tmp_path: Path) -> None:
    register_fakes()
    encoder = HashingEncoder()
    corpus = jsonl(tmp_path / "corpus.jsonl", ROWS)
    rows = encoder.encode_passages([one["text"] for one in ROWS])
    with pytest.raises(ModelMismatchError, match="was not made by testing-hashing"):
        retrieval.build(corpus, home=tmp_path, vectors=rows[::-1], model=HASHING_NAME)
    with pytest.raises(ModelMismatchError, match="makes 64"):
        retrieval.build(corpus, home=tmp_path, vectors=rows[:, :9], model=HASHING_NAME)
    with retrieval.build(corpus, home=tmp_path, vectors=rows, model=HASHING_NAME) as index:
        assert index.search("tyre", k=1)[0].doc_id == "a"
        index.upsert([{"id": "d", "text": "chain"}])
        assert index.verify().reencoded_passages == 4


def test_an_export_with_vectors_comes_back_bit_by_bit(tmp_path: Path) -> None:
    with built(jsonl(tmp_path / "first.jsonl", ROWS), tmp_path) as index:
        index.upsert([retrieval.Document("nothing", "")])
        index.export(tmp_path / "out.jsonl", vectors=tmp_path / "out.npy")
        wanted = stored(index)
    with retrieval.build(
        tmp_path / "out.jsonl", home=tmp_path, vectors=tmp_path / "out.npy"
    ) as copy:
        assert stored(copy) == wanted


def test_documents_come_with_vectors_from_a_program(tmp_path: Path) -> None:
    rows = random_rows(4).astype(np.float32)
    with own(tmp_path, random_rows(3)) as index:
        index.upsert([{"id": "d", "text": "new"}], vectors=rows[:1])
        index.upsert(
            [{"id": "a", "text": "tyre", "year": 1}]
        )  # the text is known: it keeps its own
        assert index.get(["a"]).documents[0].metadata == {"year": 1}
        with pytest.raises(UsageError, match="'e' needs a vector"):
            index.upsert([{"id": "e", "text": "unknown"}])
        with pytest.raises(InputError, match="2 documents came with 1 vectors"):
            index.upsert([{"id": "e", "text": "x"}, {"id": "f", "text": "y"}], vectors=rows[:1])
        twice = [{"id": "e", "text": "x"}, {"id": "e", "text": "y"}]
        index.upsert(twice, vectors=rows[2:4])
        np.testing.assert_allclose(stored(index)["e"], unit_rows(rows[3:4])[0], atol=1e-7)
        assert len(index.get(["d", "e"]).documents) == 2


def test_windows_and_partial_commits_do_not_go_with_vectors(tmp_path: Path) -> None:
    corpus = jsonl(tmp_path / "corpus.jsonl", ROWS)
    with pytest.raises(UsageError, match="one row a document"):
        retrieval.build(
            corpus, home=tmp_path, vectors=random_rows(3), passages=retrieval.PassageOptions()
        )
    with pytest.raises(UsageError, match="--commit-every"):
        retrieval.build(corpus, home=tmp_path, vectors=random_rows(3), commit_every=1)


@pytest.mark.parametrize("vector", [[1.0, 2.0], [0.0] * 5, [float("inf")] * 5, "text", [[[1.0]]]])
def test_a_query_that_is_no_vector_of_the_index_is_refused(tmp_path: Path, vector: object) -> None:
    with own(tmp_path, random_rows(3)) as index, pytest.raises(UsageError, match="query vector"):
        index.search(vector=vector)  # type: ignore[arg-type]


def test_a_vector_goes_alone_or_with_words(tmp_path: Path) -> None:
    rows = random_rows(3)
    with own(tmp_path, rows) as index:
        with pytest.raises(UsageError, match="goes alone"):
            index.search("leek", vector=rows[0])
        with pytest.raises(UsageError, match="without other texts"):
            index.search(like=["a"], vector=rows[0])
        (hit,) = index.search("tyre", 1, vector=rows[1], mode="hybrid")
        assert hit.doc_id == "a"
        assert hit.scores is not None
        assert hit.scores["dense"] == pytest.approx(1.0)
        assert hit.scores["lexical"] > 0.0
        with pytest.raises(UsageError, match="2 were given"):
            index.search(vector=random_rows(2))
        answers = index.search_vectors(random_rows(2), 2, query_ids=["x", "y"])
        assert [[hit.query_id for hit in hits] for hits in answers] == [["x"] * 2, ["y"] * 2]
        with pytest.raises(UsageError, match="1 vectors came with 2 ids"):
            index.search_vectors(rows[:1], query_ids=["x", "y"])


def test_vectors_are_refined_and_explained_without_a_model(tmp_path: Path) -> None:
    rows = random_rows(3)
    with own(tmp_path, rows) as index:
        (first, *_) = index.search(vector=rows[1], unit="passage", explain=True)
        assert first.passage_id == "a#0"
        assert first.explanation is not None
        assert len(index.search(vector=rows[1], min_score=0.99)) == 1
        assert len(index.search(vector=rows[1], k=2, diversify=0.5)) == 2


def test_filters_hold_for_vectors_and_listings(tmp_path: Path) -> None:
    rows = random_rows(3)
    with own(tmp_path, rows) as index:
        index.update_metadata({"year": 2000}, ids=["a", "c"])
        found = index.search(vector=rows[0], where="year = 2000")
        assert {hit.doc_id for hit in found} == {"a", "c"}
        assert [one.doc_id for one in index.documents(where="exists(year)")] == ["a", "c"]
        np.testing.assert_allclose(stored(index)["a"], unit_rows(rows)[1], atol=1e-7)


def letters(texts: list[str]) -> list[list[float]]:
    return [[1.0, *(float(text.count(letter)) for letter in "etaoin")] for text in texts]


def test_a_function_is_an_encoder(tmp_path: Path) -> None:
    corpus = jsonl(tmp_path / "corpus.jsonl", ROWS)
    with retrieval.build(corpus, home=tmp_path, encoder=letters, encoder_name="mine") as index:
        assert index.search("tyre", k=1)[0].doc_id == "a"
        assert index.status().model["name"] == "mine"
    with retrieval.open(tmp_path / "corpus") as index:
        with pytest.raises(UsageError, match="Python function, 'mine'"):
            index.search("tyre")
        assert index.search("tyre", mode="lexical")
    with retrieval.open(tmp_path / "corpus", encoder=letters) as index:
        assert index.search("tyre", k=1)[0].doc_id == "a"

    def other(texts: list[str]) -> list[list[float]]:
        return [row[::-1] for row in letters(texts)]

    with (
        retrieval.open(tmp_path / "corpus", encoder=other) as index,
        pytest.raises(ModelMismatchError),
    ):
        index.search("tyre")
    with pytest.raises(UsageError, match="Both a model and an encoder"):
        retrieval.open(tmp_path / "corpus", encoder=other, model="x")


def test_documents_of_a_program_make_an_index(tmp_path: Path) -> None:
    encoder = CallableEncoder(letters, name="letters")
    with retrieval.index_documents(ROWS, "made", home=tmp_path, encoder=encoder) as index:
        assert index.report is not None
        assert index.report.added == 3
    with retrieval.index_documents(ROWS[:1], tmp_path / "made", encoder=encoder) as index:
        assert index.report is not None
        assert index.report.unchanged == 1
        assert len(list(index.documents())) == 3
    with pytest.raises(InputError, match="No document to index"):
        retrieval.index_documents([], "empty", home=tmp_path, encoder=encoder)
