from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.concept.artefact import Method
from retrieval.errors import EmptyQueryError, UsageError
from retrieval.query.combination import Combination, combine
from retrieval.vectors import unit_rows
from tests.engine.learnable import COMPLAINT, NEUTRAL, PRAISE, learnable

FIELDS = {"food": ["soup", "bread", "cheese", "salad"], "film": ["scene", "actor", "plot", "role"]}


def crossed_rows(count: int) -> list[dict[str, Any]]:
    """Return rows with two independent labels, both told by words."""
    chance = random.Random(3)
    rows = []
    for number in range(count):
        tone, field = chance.choice(["praise", "complaint"]), chance.choice(["food", "film"])
        own = PRAISE if tone == "praise" else COMPLAINT
        words = [*chance.sample(own, 2), *chance.sample(FIELDS[field], 2)]
        text = " ".join([*words, *chance.sample(NEUTRAL, 2), f"n{number}"])
        rows.append({"id": f"d{number:04d}", "text": text, "tone": tone, "field": field})
    return rows


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    opened = learnable(tmp_path, rows=crossed_rows(160))
    opened.fit_concept("praise", label_field="tone", positive="praise")
    opened.fit_concept("food", label_field="field", positive="food")
    return opened


def kinds(hits: list[retrieval.Hit]) -> set[tuple[Any, Any]]:
    return {(hit.metadata["tone"], hit.metadata["field"]) for hit in hits}


def test_two_concepts_rank_what_is_both_first(index: retrieval.Index) -> None:
    hits = index.search(concept="praise", k=20, and_concepts=["food"])
    assert kinds(hits) == {("praise", "food")}
    assert [hit.rank for hit in hits] == list(range(1, 21))
    assert {hit.query_kind for hit in hits} == {"combination"}
    assert {hit.query for hit in hits} == {"'praise' and 'food'"}
    assert {(hit.concept, hit.probability) for hit in hits} == {(None, None)}
    assert "probability" not in hits[0].to_json()
    assert kinds(index.search(concept="food", k=20, not_concepts=["praise"])) == {
        ("complaint", "food")
    }


def test_texts_are_wanted_and_unwanted(index: retrieval.Index) -> None:
    wanted = index.search(concept="praise", k=10, and_texts=["soup bread cheese salad"])
    assert kinds(wanted) == {("praise", "food")}
    unwanted = index.search(concept="praise", k=10, not_texts=["soup bread cheese salad"])
    assert kinds(unwanted) == {("praise", "film")}
    assert unwanted[0].query == "'praise' not text 'soup bread cheese salad'"


def test_the_rule_is_a_sum_of_unit_vectors(index: retrieval.Index) -> None:
    wish = Combination(
        concept="Praise", not_concepts=("food",), and_texts=("river",), not_texts=("plot", "role")
    )
    combined = index.combination(wish)
    river, plot, role = index.encoder.encode_queries(["river", "plot", "role"]).astype(float)
    praise, food = (index.concept(name).ranker.direction for name in ("praise", "food"))
    total = praise - food + river - plot - role
    np.testing.assert_allclose(combined.row, total / np.linalg.norm(total), atol=1e-6)
    hits = index.search_combination(combined, 160)
    wanted = {
        one.document.doc_id: float(one.vectors[0].astype(float) @ combined.row)
        for one in index.snapshot.scan()
    }
    assert {hit.doc_id: hit.score for hit in hits} == pytest.approx(wanted, abs=1e-6)
    ranked = [(-hit.score, hit.doc_id) for hit in hits]
    assert ranked == sorted(ranked)
    assert index.search_combination(combined, 7) == hits[:7]


def test_the_order_of_the_parts_changes_nothing(index: retrieval.Index) -> None:
    one = index.search(concept="praise", and_concepts=["food"])
    other = index.search(concept="food", and_concepts=["praise"])
    assert [(hit.doc_id, hit.score) for hit in one] == [(hit.doc_id, hit.score) for hit in other]


def test_a_head_is_refused_by_name(index: retrieval.Index) -> None:
    concepts = {name: index.concept(name) for name in ("praise", "food")}
    concepts["food"] = replace(concepts["food"], method=Method.DUMMY_SOFTMAX)
    wish = Combination(concept="praise", not_concepts=("food",))
    with pytest.raises(UsageError, match="'food' was learned by dummy-softmax"):
        combine(wish, concepts, None)
    concepts["food"] = replace(concepts["food"], method=Method.DUMMY_COSINE)
    assert combine(wish, concepts, None).row.shape == concepts["food"].ranker.direction.shape


def test_a_concept_alone_is_no_combination(index: retrieval.Index) -> None:
    assert index.search(concept="praise", and_concepts=[]) == index.search_concept("praise")


def test_concepts_that_rank_different_things_are_refused(index: retrieval.Index) -> None:
    index.fit_concept("best food", label_field="field", positive="food", unit="passage")
    with pytest.raises(UsageError, match="best passages"):
        index.search(concept="praise", and_concepts=["best food"])
    index.fit_concept("best praise", label_field="tone", positive="praise", unit="passage")
    hits = index.search(concept="best praise", and_concepts=["best food"], k=10)
    assert kinds(hits) == {("praise", "food")}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"concept": "praise", "not_concepts": ["PRAISE"]}, "named twice"),
        ({"concept": "praise", "and_texts": ["x"], "not_texts": ["x"]}, "named twice"),
        ({"concept": "praise", "and_concepts": ["foot"]}, "Did you mean 'food'"),
        ({"and_concepts": ["praise"]}, "begins with a concept"),
        ({"query": "soup", "not_texts": ["bread"]}, "begins with a concept"),
        ({"concept": "praise", "and_texts": "soup"}, r"and_texts=\['soup'\]"),
        ({"concept": "praise", "and_texts": ["soup"], "min_precision": 0.5}, "one concept alone"),
        ({"concept": "praise", "and_texts": ["soup"], "k": 0}, "at least 1 hit"),
    ],
)
def test_what_does_not_combine_is_refused(
    index: retrieval.Index, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        index.search(**asked)


@pytest.mark.parametrize("parts", [{"and_texts": [" "]}, {"not_concepts": [""]}])
def test_empty_parts_are_refused(index: retrieval.Index, parts: dict[str, Any]) -> None:
    with pytest.raises(EmptyQueryError):
        index.search(concept="praise", **parts)


def test_long_documents_rank_by_the_mean_of_their_passages_or_by_the_best(tmp_path: Path) -> None:
    rows = crossed_rows(80)
    for number, row in enumerate(rows):
        filler = " ".join(NEUTRAL * 5)
        row["text"] = ". ".join([row["text"], *[f"{filler} {number}"] * (number % 4)]) + "."
    with learnable(tmp_path, rows=rows) as index:
        assert any(one.segment.passages > one.segment.documents for one in index.snapshot.segments)
        for unit in ("document", "passage"):
            index.fit_concept("praise", label_field="tone", positive="praise", unit=unit)
            index.fit_concept("food", label_field="field", positive="food", unit=unit)
            combined = index.combination(Combination(concept="praise", and_concepts=("food",)))
            wanted = {}
            for one in index.snapshot.scan():
                vectors = one.vectors.astype(np.float64)
                if unit == "document":
                    vectors = unit_rows(vectors.sum(axis=0)[np.newaxis]).astype(np.float64)
                wanted[one.document.doc_id] = float((vectors @ combined.row).max())
            hits = index.search_combination(combined, 80)
            assert {hit.doc_id: hit.score for hit in hits} == pytest.approx(wanted, abs=1e-6)


def test_the_parts_of_a_combination_add_up_to_it(index: retrieval.Index) -> None:
    wish = Combination(concept="praise", not_concepts=("food",), and_texts=("a scene",))
    combined = index.combination(wish)
    total = sum(one.weight * one.row.astype(np.float64) for one in combined.parts)
    np.testing.assert_allclose(total, combined.row, atol=1e-7)
    signs = [(one.kind, one.name, one.weight > 0) for one in combined.parts]
    assert signs == [
        ("concept", "praise", True),
        ("concept", "food", False),
        ("text", "a scene", True),
    ]
