"""Concepts for which the model itself is fine-tuned, in an index of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrieval
from retrieval.concept.artefact import Concept
from retrieval.engine.concepts.tuning import TuneOptions
from retrieval.errors import InputError, UsageError
from retrieval.observer import Silent
from retrieval.train.card import read_card
from retrieval.train.options import Device, Precision, TrainOptions
from tests.train.models import labelled_lines, shared_cache, shared_tiny_base, topic_lines

TUNING = TuneOptions(
    train=TrainOptions(
        epochs=12,
        batch_size=16,
        learning_rate=3e-3,
        patience=None,
        device=Device.CPU,
        precision=Precision.FP32,
    )
)


@dataclass(frozen=True)
class Made:
    """An index, and two concepts fine-tuned on it."""

    home: Path
    cosine: Concept
    softmax: Concept
    told: list[tuple[str, int, int | None, str]]


class ToldProgress(Silent):
    """Keeps how far each stage was told to be."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int, int | None, str]] = []

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        self.stages.append((stage, done, total, unit))


def beir_of(folder: Path, lines: list[tuple[str, str]]) -> Path:
    """Write a tiny collection: a topic's word finds texts of that topic."""
    (folder / "qrels").mkdir(parents=True)
    rows = [{"_id": f"d{at}", "text": text} for at, (text, _) in enumerate(lines)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = {"film": "the film", "food": "a soup"}
    queries = [{"_id": name, "text": text} for name, text in asked.items()]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    judged = [(name, at) for name in asked for at, (_, topic) in enumerate(lines) if topic == name]
    judgments = "".join(f"{name}\td{at}\t1\n" for name, at in judged)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judgments)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    import torch

    home = tmp_path_factory.mktemp("tuned")
    base = shared_tiny_base(tmp_path_factory)
    reviews, topics = labelled_lines(240), topic_lines(240)
    rows = [
        {"id": f"d{at:03d}", "text": text, "label": label, "topic": topic}
        for at, ((text, label), (_, topic)) in enumerate(zip(reviews, topics, strict=True))
    ]
    for row, (text, _) in zip(rows, topics, strict=True):
        row["text"] = f"{row['text']} {text}"
    (home / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RETRIEVE_CACHE", str(shared_cache(tmp_path_factory)))
        torch.set_num_threads(1)
        told = ToldProgress()
        index = retrieval.build(
            home / "notes.jsonl", home=home / "indexes", model=str(base), observer=told
        )
        before = (home / "indexes" / "notes").stat().st_mtime_ns
        check = beir_of(home / "beir", topics[:60])
        tuning = TuneOptions(check_beir=check, train=TUNING.train)
        with index:
            cosine = index.fit_concept(
                "praise",
                label_field="label",
                positive="pos",
                method="dummy-cosine",
                tuning=tuning,
            )
            softmax = index.fit_concept(
                "food", label_field="topic", positive="food", method="dummy-softmax", tuning=TUNING
            )
        assert (home / "indexes" / "notes").stat().st_mtime_ns == before
        yield Made(home / "indexes", cosine, softmax, told.stages)
        torch.set_num_threads(threads)


def test_the_token_of_a_tuned_model_ranks_a_sibling_index(made: Made) -> None:
    concept = made.cosine
    assert (concept.index, concept.version, concept.method) == (
        "notes--praise",
        1,
        "dummy-cosine",
    )
    assert concept.report.average_precision.value > 0.9
    assert concept.report.average_precision.value > concept.report.text.value + 0.2
    with retrieval.open(made.home / "notes--praise") as index:
        hits = index.search(concept="praise", k=20)
        assert {hit.metadata["label"] for hit in hits} == {"pos"}
        assert all(hit.probability is None for hit in hits)
        (token,) = index.encoder.encode_queries(["<s>"])
        np.testing.assert_array_equal(index.concept("praise").ranker.direction, token)
        assert index.status().documents == 240
    with retrieval.open(made.home / "notes") as index:
        assert index.concepts() == []


def test_the_card_tells_of_general_search_before_and_after(made: Made) -> None:
    card = read_card(made.home / "notes--praise.model")
    assert card is not None
    found: Any = card.checks["general_search"]
    assert (found["measure"], found["collection"], found["queries"]) == ("nDCG@10", "beir", 2)
    assert 0.0 < found["before"] <= 1.0
    assert 0.0 <= found["after"] <= 1.0
    assert card.rows["validation_rows"] == 48
    assert "index notes, field label" in card.rows["source"]
    checked = [stage for stage in made.told if stage[0] == "checking on beir"]
    assert checked == [("checking on beir", done, 120, "documents") for done in (60, 120)]
    page = (made.home / "notes--praise.model" / "README.md").read_text()
    assert "| general search: measure | nDCG@10 |" in page
    assert f"| general search: before | {found['before']:.4f} |" in page
    assert f"| general search: after | {found['after']:.4f} |" in page


def test_a_head_ranks_by_a_scan_and_does_not_combine(made: Made) -> None:
    assert made.softmax.report.average_precision.value > 0.9
    with retrieval.open(made.home / "notes--food") as index:
        concept = index.concept("food")
        assert concept.head is not None
        assert concept.head.labels == ("film", "food", "sport")
        hits = index.search(concept="food", k=240)
        assert {hit.metadata["topic"] for hit in hits[:40]} == {"food"}
        rows = {one.document.doc_id: one.vectors for one in index.snapshot.scan()}
        for hit in hits[:5]:
            (expected,) = concept.row_scores(rows[hit.doc_id])
            assert hit.score == expected
        with pytest.raises(UsageError, match="'food' was learned by dummy-softmax"):
            index.search(concept="food", and_texts=["a film"])
        exported = made.home / "food.concept"
        index.export_concept("food", exported)
        again = index.import_concept(exported)
        assert again.head is not None
        assert (again.head.weight == concept.head.weight).all()


def test_a_tuned_concept_promises_nothing_and_has_no_audit(made: Made) -> None:
    with retrieval.open(made.home / "notes--praise") as index:
        with pytest.raises(UsageError, match="the model was fine-tuned"):
            index.search(concept="praise", min_precision=0.9)
        with pytest.raises(UsageError, match="with the model itself"):
            index.audit_sample("praise")


def test_the_bench_leaves_out_what_it_learned_from(made: Made) -> None:
    with retrieval.open(made.home / "notes--praise") as index:
        options = retrieval.JudgmentOptions(label_field="label")
        with pytest.raises((InputError, UsageError)):
            # every document was learned from, so that none is left to be graded
            retrieval.bench(
                index, judgments=options, measures=["AP"], compare=["tuned=concept=praise"]
            )


def test_fitting_again_goes_on_from_what_is_there(
    made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("RETRIEVE_CACHE", str(shared_cache(tmp_path_factory)))
    with retrieval.open(made.home / "notes") as index:
        again = index.fit_concept(
            "praise",
            label_field="label",
            positive="pos",
            method="dummy-cosine",
            tuning=TUNING,
        )
        assert again.version == 2
        with pytest.raises(UsageError, match="fitted by fine-tuning before, with other"):
            index.fit_concept(
                "praise",
                label_field="label",
                positive="neg",
                method="dummy-cosine",
                tuning=TUNING,
            )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"method": "dummy"}, "expected one of logistic"),
        ({"method": "logistic", "tuning": TUNING}, "concept of a frozen model"),
        ({"method": "dummy-cosine", "against": ["bad"]}, "of a frozen model"),
        ({"method": "dummy-cosine", "unit": "passage"}, "of a frozen model"),
    ],
)
def test_what_does_not_go_together_is_refused(made: Made, given: dict[str, Any], told: str) -> None:
    with retrieval.open(made.home / "notes") as index, pytest.raises(UsageError, match=told):
        index.fit_concept("x", label_field="label", positive="pos", **given)


def test_too_few_labels_are_refused(made: Made, tmp_path: Path) -> None:
    rows = [{"id": f"d{at:03d}", "label": ["neg", "pos"][at % 2]} for at in range(60)]
    (tmp_path / "l.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with (
        retrieval.open(made.home / "notes") as index,
        pytest.raises(UsageError, match="Too few labels to fine-tune a model: 60, 30 of them"),
    ):
        index.fit_concept("x", labels=tmp_path / "l.jsonl", positive="pos", method="dummy-cosine")
