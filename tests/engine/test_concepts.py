from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import retrieval
from retrieval.concept.artefact import Concept
from retrieval.errors import UsageError
from retrieval.testing.encoders import HashingEncoder
from tests.engine.corpora import built, jsonl
from tests.engine.learnable import learnable, learnable_rows, reopened


class Listening:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)

    def warn(self, text: str) -> None:
        self.said.append(text)

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Let progress pass."""


def fitted(index: retrieval.Index, name: str = "praise", **options: Any) -> Concept:
    given = {"label_field": "label", "positive": "praise", "labels_are": "random", **options}
    return index.fit_concept(name, **given)


def test_a_concept_is_learned_kept_and_ranks(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        concept = fitted(index, "words of praise")
        report = concept.report
        assert (report.labels, report.repetitions) == (120, 10)
        assert report.average_precision.value > report.text.value + 0.1
        assert report.average_precision.low < report.average_precision.value
        assert report.contrast is None
        hits = index.search(concept="Words of PRAISE", k=10)
    with reopened(tmp_path) as index:
        assert [one.name for one in index.concepts()] == ["words of praise"]
        again = index.search(concept="words of praise", k=10)
    assert again == hits
    assert [hit.rank for hit in hits] == list(range(1, 11))
    assert sum(hit.metadata["label"] == "praise" for hit in hits) >= 8
    assert {hit.query_kind for hit in hits} == {"concept"}
    assert {(hit.concept, hit.concept_version) for hit in hits} == {("words of praise", 1)}
    assert all(0 < (hit.probability or 0) < 1 for hit in hits)
    assert {hit.no_probability for hit in hits} == {None}


def test_what_is_read_back_is_what_was_learned(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        made = fitted(index, against=["words of complaint"], negative=["complaint"])
        read = index.concept("praise")
    assert json.loads(json.dumps(read.record())) == json.loads(json.dumps(made.record()))
    for name, array in made.arrays().items():
        assert (read.arrays()[name] == array).all(), name
    assert read.version == 1
    assert read.report == made.report
    assert read.report.contrast is not None


def test_nothing_is_encoded_but_the_texts(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        encoder = index.encoder
        assert isinstance(encoder, HashingEncoder)
        passages, queries = encoder.passages_encoded, encoder.queries_encoded
        fitted(index, against=["a", "b"])
        index.search(concept="praise")
        assert encoder.passages_encoded == passages
        assert encoder.queries_encoded == queries + 3


def test_fitting_again_is_a_new_version_and_the_same_seed_the_same_concept(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        one, two = fitted(index), fitted(index)
        other = fitted(index, seed=3)
    assert (one.version, two.version, other.version) == (1, 2, 3)
    assert (one.ranker.direction == two.ranker.direction).all()
    assert one.report == two.report
    assert (one.fold_of == two.fold_of).all()
    assert not (one.fold_of == other.fold_of).all()


def test_documents_without_a_label_are_not_learned_from(tmp_path: Path) -> None:
    rows = learnable_rows(80)
    for row in rows[60:]:
        del row["label"]
    with learnable(tmp_path, rows=rows) as index:
        concept = fitted(index)
        assert concept.report.labels == 60
        assert set(concept.doc_ids) == {row["id"] for row in rows[:60]}
        assert len(index.search(concept="praise", k=200)) == 80


def test_other_values_are_negative_unless_named(tmp_path: Path) -> None:
    rows = learnable_rows(90)
    for row in rows[:20]:
        row["label"] = "unsure"
    learnable(tmp_path, rows=rows).close()
    listening = Listening()
    with reopened(tmp_path, listening) as index:
        every = fitted(index)
        assert any("'complaint', 'unsure'" in one for one in listening.said)
        named = fitted(index, negative=["complaint"])
    assert (every.report.labels, named.report.labels) == (90, 70)


def test_too_few_and_one_sided_labels_are_refused(tmp_path: Path) -> None:
    rows = learnable_rows(60)
    for number, row in enumerate(rows):
        row["rare"] = "yes" if number < 3 else "no"
        row["few"] = row["label"] if number < 15 else None
    with learnable(tmp_path, rows=rows) as index:
        with pytest.raises(UsageError, match="one-sided: 3 different texts"):
            fitted(index, label_field="rare", positive="yes")
        with pytest.raises(UsageError, match="Too few labels: 15"):
            fitted(index, label_field="few")
        with pytest.raises(UsageError, match="No document has the label 'maybe'"):
            fitted(index, label_field="rare", positive="maybe")
        with pytest.raises(UsageError, match="No document has a label in the field 'nothing'"):
            fitted(index, label_field="nothing")
        with pytest.raises(UsageError, match="not said which label"):
            fitted(index, positive=None)
        with pytest.raises(UsageError, match="No document has the label 'x'"):
            fitted(index, negative=["x"])
        assert index.concepts() == []


def test_contradictory_labels_are_left_out_and_said(tmp_path: Path) -> None:
    rows = learnable_rows(60)
    other = {"praise": "complaint", "complaint": "praise"}
    rows += [{**row, "id": f"twin-{row['id']}", "label": other[row["label"]]} for row in rows[:4]]
    learnable(tmp_path, rows=rows).close()
    listening = Listening()
    with reopened(tmp_path, listening) as index:
        concept = fitted(index)
    assert concept.report.labels == 56
    assert any("4 texts are labelled both ways" in one for one in concept.report.warnings)
    assert any("8 documents contradict" in one for one in listening.said)


def test_empty_documents_are_left_out_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": row.pop("id"), **row} for row in learnable_rows(40)]
    jsonl(folder / "corpus.jsonl", [*rows, {"_id": "e", "text": "", "label": "praise"}])
    jsonl(folder / "queries.jsonl", [{"_id": "q", "text": "good"}])
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\td0001\t1\n")
    with built(folder, tmp_path / "i") as index:
        concept = fitted(index)
        assert len(index.search_concept("praise", None)) == 40
    assert any("1 labelled documents have no text" in one for one in concept.report.warnings)


@pytest.mark.parametrize(
    "options",
    [
        {"label_field": None},
        {"prevalence": 0.5},
        {"prevalence": 2.0, "labels_are": "chosen"},
        {"unit": "sentence"},
        {"labels_are": "few"},
        {"seed": -1},
        {"texts": [" "]},
        {"against": "one"},
        {"negative": ["praise"]},
        {"against": ["praise"]},
        {"name": " "},
        {"name": "a\nb"},
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, options: dict[str, Any]) -> None:
    with learnable(tmp_path, 40) as index, pytest.raises(UsageError):
        fitted(index, **options)


def test_new_documents_are_ranked_by_a_concept_fitted_before(tmp_path: Path) -> None:
    with learnable(tmp_path) as index:
        fitted(index)
        index.upsert([{"id": "new", "text": "good fine lovely bright warm joyful"}])
        index.delete(["d0000"])
        hits = index.search_concept("praise", None)
        assert hits[0].doc_id == "new"
        assert "d0000" not in {hit.doc_id for hit in hits}
