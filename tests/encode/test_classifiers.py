"""Classifiers: which folders are ones, and that an exported one says what the original says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.encode.classifier_folder import ClassifierForm, read_classifier_folder
from retrieval.encode.exported import read_exported
from retrieval.encode.opening_classifier import open_classifier
from retrieval.encode.places import models_folder
from retrieval.encode.torch_classifier import TorchClassifier
from retrieval.errors import ModelAlteredError, ModelNotFoundError, NotAClassifierError
from retrieval.fsops import LocalFiles
from retrieval.train.quiet import quiet_libraries
from tests.encode.classifiers import LABELS, made_classifiers, save_sequence
from tests.encode.texts import varied_texts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_classifiers(tmp_path_factory)


def sequence_probabilities(folder: Path, texts: list[str]) -> Any:
    """Ask transformers itself, one text at a time."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    with quiet_libraries(), torch.no_grad():
        model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        tokenizer = AutoTokenizer.from_pretrained(folder)
        rows = [
            model(**tokenizer(text, truncation=True, return_tensors="pt")).logits for text in texts
        ]
        return torch.cat(rows).softmax(dim=1).numpy()


def dense_probabilities(folder: Path, texts: list[str]) -> Any:
    """Ask sentence-transformers itself."""
    import torch
    from sentence_transformers import SentenceTransformer

    with quiet_libraries():
        model = SentenceTransformer(str(folder), device="cpu")
        logits = model.encode(texts, convert_to_tensor=True, show_progress_bar=False)
        return torch.softmax(logits, dim=1).numpy()


@pytest.mark.parametrize("form", ["sequence", "dense"])
def test_an_exported_classifier_says_what_its_library_says(home: Path, form: str) -> None:
    texts = [text for text in varied_texts() if text]
    classifier = open_classifier(home / form, cache=home / "cache")
    assert classifier.runtime == "onnxruntime"
    assert classifier.labels == LABELS
    ask = sequence_probabilities if form == "sequence" else dense_probabilities
    expected = ask(home / form, texts)
    assert expected.std(axis=0).min() > 0.01  # else everything would agree with everything
    found = classifier.probabilities(texts)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    alone = np.concatenate([classifier.probabilities([text]) for text in texts])
    np.testing.assert_allclose(found, alone, atol=1e-5)
    assert classifier.probabilities([]).shape == (0, 3)


@pytest.mark.parametrize("form", ["sequence", "dense"])
def test_torch_says_the_same(home: Path, form: str) -> None:
    classifier = open_classifier(home / form, cache=home / "cache")
    places = models_folder(home / "cache").glob(f"{form}-*-1")
    record = read_exported(LocalFiles(), next(iter(places)))
    assert record is not None
    texts = ["the film", "a", "positive review " * 90]
    with quiet_libraries():
        slow = TorchClassifier(record, read_classifier_folder(home / form, form))
        found = slow.probabilities(texts)
    np.testing.assert_allclose(found, classifier.probabilities(texts), atol=1e-4)


def test_both_forms_are_told_apart(home: Path) -> None:
    assert read_classifier_folder(home / "sequence", "s").form is ClassifierForm.SEQUENCE
    assert read_classifier_folder(home / "dense", "d").form is ClassifierForm.DENSE


def test_an_encoder_is_no_classifier(home: Path) -> None:
    with pytest.raises(NotAClassifierError, match="BertModel"):
        open_classifier(home / "bert")


def test_a_model_of_pairs_is_no_classifier(home: Path, tmp_path: Path) -> None:
    with quiet_libraries():
        save_sequence(home / "bert", tmp_path / "pairs", labels=["score"])
    with pytest.raises(NotAClassifierError, match="one output"):
        open_classifier(tmp_path / "pairs")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError):
        open_classifier(tmp_path / "nothing")


def config_folder(place: Path, **config: Any) -> Path:
    place.mkdir()
    told = {"architectures": ["BertForSequenceClassification"], **config}
    (place / "config.json").write_text(json.dumps(told))
    return place


def test_several_classes_a_text_are_refused(tmp_path: Path) -> None:
    folder = config_folder(tmp_path / "m", problem_type="multi_label_classification")
    with pytest.raises(NotAClassifierError, match="multi_label_classification"):
        read_classifier_folder(folder, "m")


@pytest.mark.parametrize(
    "names", [{"0": "a", "2": "b"}, {"0": "a", "1": "a"}, {"zero": "a"}, ["a", "b"]]
)
def test_names_of_classes_that_make_no_sense_are_refused(tmp_path: Path, names: Any) -> None:
    with pytest.raises(ModelAlteredError, match="id2label"):
        read_classifier_folder(config_folder(tmp_path / "m", id2label=names), "m")


def test_names_that_transformers_leaves_out_are_known(tmp_path: Path) -> None:
    found = read_classifier_folder(config_folder(tmp_path / "m"), "m")
    assert found.labels == ("LABEL_0", "LABEL_1")


def test_an_encoder_with_a_projection_is_no_classifier(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "projected"
    folder.mkdir()
    for name in ("modules.json", "config.json"):
        (folder / name).write_bytes((home / "dense" / name).read_bytes())
    (folder / "2_Dense").mkdir()
    settings = home / "dense" / "2_Dense" / "config.json"
    (folder / "2_Dense" / "config.json").write_bytes(settings.read_bytes())
    assert read_classifier_folder(folder, "p").labels == LABELS
    told = json.loads((folder / "config.json").read_text())
    del told["problem_type"]
    (folder / "config.json").write_text(json.dumps(told))
    with pytest.raises(NotAClassifierError, match="makes vectors"):
        read_classifier_folder(folder, "p")
    told["problem_type"] = "single_label_classification"
    told["id2label"]["3"] = "one too many"
    (folder / "config.json").write_text(json.dumps(told))
    with pytest.raises(ModelAlteredError, match="3 outputs and 4 names"):
        read_classifier_folder(folder, "p")
