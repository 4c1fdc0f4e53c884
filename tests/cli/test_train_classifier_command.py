"""``retrieve train classifier`` and ``crossencoder`` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.encode.classifiers import made_classifiers
from tests.train.test_classifier import rows_of, write_csv

FAST = ("--epochs", "1", "--device", "cpu", "--precision", "fp32", "--batch-size", "8")


@pytest.fixture
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(made_classifiers(tmp_path_factory) / "untrained")


def test_a_classifier_is_trained_and_its_card_told(tmp_path: Path, base: str, run: Run) -> None:
    data = str(write_csv(tmp_path / "a.csv", rows_of(24)))
    words = ("train", "classifier", data, "--output", "m", "--base", base, *FAST)
    done = run(*words, "--head", "mean", "--patience", "0", "--learning-rate", "0.005")
    assert done.code == 0, done.err
    (told,) = done.rows
    assert told == {"folder": "m", **json.loads((tmp_path / "m" / "training.json").read_text())}
    assert told["options"]["patience"] is None
    assert told["settings"]["head"] == "mean"
    assert "Texts are in the field 'text', classes in 'label'." in done.err
    again = run(*words, "--head", "mean", "--patience", "0", "--learning-rate", "0.005")
    assert again.rows == done.rows
    assert "nothing was done" in again.err
    other = run(*words)
    assert other.code == 2
    assert "is there already" in other.error["error"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--label-field", "genre"), "'genre' was looked for"),
        (("--validation", "1.5"), "a share in [0, 1) is expected"),
        (("--validation", "none.csv"), "none.csv cannot be read"),
        (("--positive", "good"), "'good'"),
        (("--learning-rate", "0"), "learning rate"),
        (("--base", "nothing/there/at/all"), "no model folder"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, base: str, run: Run, words: tuple[str, ...], told: str
) -> None:
    data = str(write_csv(tmp_path / "a.csv", rows_of(24)))
    done = run("train", "classifier", data, "--output", "m", "--base", base, *words)
    assert done.code == 2
    assert told in done.error["error"]
    assert not (tmp_path / "m").exists()


def test_a_person_sees_what_came_out_and_what_to_do_next(
    tmp_path: Path, base: str, on_terminal: OnTerminal
) -> None:
    data = str(write_csv(tmp_path / "a.csv", rows_of(24)))
    words = ("train", "classifier", data, "--output", "my model", "--base", base, *FAST)
    seen = on_terminal(*words, "--validation", "0.4", columns=100, TERM="dumb")
    assert seen.code == 0, seen.text
    assert "my model/training.json" in seen.text
    assert "epoch 1 of 1" in seen.text
    assert "accuracy" in seen.text
