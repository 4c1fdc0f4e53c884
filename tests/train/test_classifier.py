"""Training classifiers: rows, both heads, going on after a kill, what is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.encode.classifier_folder import ClassifierForm, read_classifier_folder
from retrieval.encode.classifier_module import load_classifier_module, module_probabilities
from retrieval.encode.source import ModelSource, SourceKind
from retrieval.errors import InputError, InterruptedWorkError, TrainingError, UsageError
from retrieval.train.card import TrainingCard, read_card
from retrieval.train.classifier.options import ClassifierOptions
from retrieval.train.classifier.rows import read_classifier_rows
from retrieval.train.classifier.training import train_classifier
from retrieval.train.options import Device, Precision, TrainOptions
from retrieval.train.quiet import quiet_libraries
from tests.encode.classifiers import made_classifiers
from tests.train.tiny import Followed

FILLERS = ("the film", "a plot", "it was, well", "text", "search the review", "b c d")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(made_classifiers(tmp_path_factory) / "untrained")


def rows_of(count: int, labels: Sequence[str] = ("neg", "pos")) -> list[tuple[str, str]]:
    """Return texts that have one word of their class."""
    words = ("negative", "positive", "zz")
    return [
        (f"{FILLERS[n % 6]} {words[n % len(labels)]} {n}", labels[n % len(labels)])
        for n in range(count)
    ]


def write_csv(
    path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = ("text", "label")
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as output:
        csv.writer(output).writerows([header, *rows])
    return path


def options(
    bert: str, *, head: str = "cls", validation: float | str = 0.2, **train: Any
) -> ClassifierOptions:
    given = {"epochs": 3, "batch_size": 8, "learning_rate": 5e-3, "checkpoint_s": 0.0, **train}
    fixed: dict[str, Any] = {"device": Device.CPU, "precision": Precision.FP32}
    return ClassifierOptions(
        base=bert,
        head=head,  # type: ignore[arg-type]
        validation=validation,
        train=TrainOptions(**fixed, **given),
    )


def probabilities(folder: Path, texts: Sequence[str]) -> Any:
    with quiet_libraries():
        return module_probabilities(
            load_classifier_module(read_classifier_folder(folder, "m")), texts
        )


@pytest.mark.parametrize("head", ["cls", "mean"])
def test_classes_are_learned_and_the_folder_loads_elsewhere(
    tmp_path: Path, bert: str, head: str
) -> None:
    data = write_csv(tmp_path / "a.csv", rows_of(100))
    observer = Followed()
    card = train_classifier(data, tmp_path / "m", options(bert, head=head), observer=observer)
    assert card.best == 1.0
    assert card.kind == "classifier"
    assert card.measure == "accuracy"
    assert set(card.curve[-1].also) == {"AP", "macro F1", "validation loss"}
    assert card.rows["rows"] == 80
    assert card.settings == {"head": head, "classes": ["neg", "pos"], "positive": "pos"}
    assert read_card(tmp_path / "m") == card
    found = probabilities(tmp_path / "m", [text for text, _ in rows_of(100)])
    assert np.mean(found.argmax(axis=1) == np.arange(100) % 2) > 0.9
    described = read_classifier_folder(tmp_path / "m", "m")
    assert described.labels == ("neg", "pos")
    assert described.form is (ClassifierForm.SEQUENCE if head == "cls" else ClassifierForm.DENSE)


def test_a_sequence_classifier_is_one_of_transformers(tmp_path: Path, bert: str) -> None:
    from transformers import pipeline

    data = write_csv(tmp_path / "a.csv", rows_of(60))
    train_classifier(data, tmp_path / "m", options(bert))
    with quiet_libraries():
        told = pipeline("text-classification", str(tmp_path / "m"), device="cpu")("a plot positive")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["id2label"] == {"0": "neg", "1": "pos"}
    expected = probabilities(tmp_path / "m", ["a plot positive"])[0]
    assert told[0]["score"] == pytest.approx(expected.max(), abs=1e-5)
    assert told[0]["label"] == ("neg", "pos")[expected.argmax()]


def test_a_mean_classifier_is_one_of_sentence_transformers(tmp_path: Path, bert: str) -> None:
    from sentence_transformers import SentenceTransformer

    data = write_csv(tmp_path / "a.csv", rows_of(60))
    train_classifier(data, tmp_path / "m", options(bert, head="mean", max_length=9))
    with quiet_libraries():
        model = SentenceTransformer(str(tmp_path / "m"), device="cpu")
        logits = model.encode(["a plot positive " * 9], show_progress_bar=False)
    assert model.max_seq_length == 9
    expected = probabilities(tmp_path / "m", ["a plot positive " * 9])
    spread = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(spread, expected, atol=1e-5)


def test_three_classes_and_a_file_to_validate_on(tmp_path: Path, bert: str) -> None:
    every = rows_of(150, ("a", "b", "c"))
    data = write_csv(tmp_path / "a.csv", every[:120])
    held_out = write_csv(tmp_path / "b.csv", every[120:])
    chosen = options(bert, validation=str(held_out))
    card = train_classifier(data, tmp_path / "m", chosen)
    assert card.rows["validation_rows"] == 30
    assert card.rows["split"] == "the file b.csv"
    assert card.rows["labels"] == {"a": 40, "b": 40, "c": 40}
    assert card.best is not None
    assert card.best > 0.9
    assert "positive" not in card.settings


@pytest.mark.parametrize("head", ["cls", "mean"])
def test_a_killed_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, bert: str, head: str
) -> None:
    data = write_csv(tmp_path / "a.csv", rows_of(60))

    def train(name: str, stop_at: int | None = None) -> TrainingCard:
        chosen = options(bert, head=head, epochs=2, batch_size=16)
        return train_classifier(data, tmp_path / name, chosen, observer=Followed(stop_at))

    unbroken = train("unbroken")
    with pytest.raises(InterruptedWorkError):
        train("broken", stop_at=4)
    assert not (tmp_path / "broken").exists()
    resumed = train("broken")
    assert resumed.resumed == 1
    assert [one.also for one in resumed.curve] == [one.also for one in unbroken.curve]
    for path in (tmp_path / "unbroken").rglob("*.safetensors"):
        other = tmp_path / "broken" / path.relative_to(tmp_path / "unbroken")
        assert path.read_bytes() == other.read_bytes()


def test_the_split_is_seeded_stratified_and_shares_no_text(tmp_path: Path, bert: str) -> None:
    rows = [*rows_of(80), *rows_of(80)[:40], ("rare one", "rare"), ("rare two", "rare")]
    rows += [(text.upper(), label) for text, label in rows_of(10)]
    data = write_csv(tmp_path / "a.csv", rows)
    first = read_classifier_rows([data], options(bert, seed=1))
    again = read_classifier_rows([data], options(bert, seed=1))
    other = read_classifier_rows([data], options(bert, seed=2))
    assert first.facts == again.facts
    assert first.facts.sha256 != other.facts.sha256
    assert len(first.train.texts) + len(first.held_out.texts) == len(rows)
    assert set(first.held_out.labels) == {"neg", "pos", "rare"}
    alike = {text.casefold() for text in first.train.texts}
    assert not [text for text in first.held_out.texts if text.casefold() in alike]


def test_duplicates_between_the_files_are_counted(tmp_path: Path, bert: str) -> None:
    rows = rows_of(40)
    data = write_csv(tmp_path / "a.csv", rows)
    held_out = write_csv(
        tmp_path / "b.csv", [rows[0], (rows[1][0].upper(), rows[1][1]), ("new", "neg")]
    )
    found = read_classifier_rows([data], options(bert, validation=str(held_out)))
    assert "2 of 3 texts to validate on are among those to train on (1 character by" in " ".join(
        found.warnings
    )


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        ([("a", "x"), ("b", "x")], ("text", "label"), "Every text is of the class 'x'"),
        ([("a", "x")], ("text", "genre"), "A field for the class"),
        ([("a", "x")], ("prose", "label"), "A field for the text"),
        ([("a", "x"), ("", "y")], ("text", "label"), r"a\.csv:3: there is no text in 'text'"),
        ([("a", "x"), ("b", "")], ("text", "label"), r"a\.csv:3: there is no label in 'label'"),
        ([], ("text", "label"), "holds no rows"),
    ],
)
def test_rows_that_cannot_be_used_are_told(
    tmp_path: Path, bert: str, rows: list[tuple[str, str]], header: tuple[str, str], told: str
) -> None:
    data = write_csv(tmp_path / "a.csv", rows, header)
    with pytest.raises(InputError, match=told):
        train_classifier(data, tmp_path / "m", options(bert))
    assert not (tmp_path / "m").exists()


def test_a_class_that_is_only_validated_on_is_refused(tmp_path: Path, bert: str) -> None:
    data = write_csv(tmp_path / "a.csv", rows_of(20))
    held_out = write_csv(tmp_path / "b.csv", [("new", "other")])
    with pytest.raises(InputError, match="'other' is among the rows to validate on"):
        train_classifier(data, tmp_path / "m", options(bert, validation=str(held_out)))


def test_the_positive_class_has_to_be_there(tmp_path: Path, bert: str) -> None:
    data = write_csv(tmp_path / "a.csv", rows_of(20))
    chosen = options(bert)
    with pytest.raises(UsageError, match="'good'"):
        read_classifier_rows(
            [data], ClassifierOptions(base=bert, positive="good", train=chosen.train)
        )
    turned = ClassifierOptions(base=bert, positive="neg", train=chosen.train)
    assert read_classifier_rows([data], turned).positive == "neg"
    assert read_classifier_rows([data], chosen).positive == "pos"


def test_a_head_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="cls, mean"):
        ClassifierOptions(head="max")  # type: ignore[arg-type]


def test_a_model_that_learned_nothing_is_refused(tmp_path: Path, bert: str) -> None:
    # the same text in both classes: nothing tells them apart
    rows = [("the film", "neg"), ("the  film", "pos")] * 20
    data = write_csv(tmp_path / "a.csv", rows)
    held_out = write_csv(tmp_path / "b.csv", rows[:2])
    with pytest.raises(TrainingError, match="nearly the same probabilities"):
        train_classifier(data, tmp_path / "m", options(bert, validation=str(held_out)))
    assert [one.name for one in tmp_path.iterdir()] != ["m"]


def test_a_classifier_can_be_trained_on_from_a_classifier(tmp_path: Path, bert: str) -> None:
    first = write_csv(tmp_path / "a.csv", rows_of(40))
    train_classifier(first, tmp_path / "m", options(bert, epochs=1))
    other = write_csv(tmp_path / "b.csv", rows_of(60, ("a", "b", "c")))
    for head in ("cls", "mean"):
        chosen = options(str(tmp_path / "m"), head=head, epochs=1)
        card = train_classifier(other, tmp_path / head, chosen)
        assert card.settings["classes"] == ["a", "b", "c"]


def test_both_forms_have_names_of_their_own_in_the_cache(tmp_path: Path) -> None:
    encoder = ModelSource(SourceKind.FOLDER, "m", tmp_path)
    classifier = ModelSource(SourceKind.CLASSIFIER, "m", tmp_path)
    assert encoder.key != classifier.key
