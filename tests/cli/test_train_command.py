"""``retrieve train`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.train.biencoder.options import Objective
from tests.cli.conftest import OnTerminal, Run
from tests.train.models import shared_tiny_base
from tests.train.test_biencoder import rows_for

WORDS = (
    "train biencoder reviews.csv --objective dummy-cosine --output made --base {base}"
    " --epochs 1 --learning-rate 0.003 --precision fp32"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_tiny_base(tmp_path_factory)


def test_a_model_is_trained_told_and_used(tmp_path: Path, run: Run, base: Path) -> None:
    rows_for(Objective.DUMMY_COSINE, tmp_path)
    trained = run(*WORDS.format(base=base).split())
    assert trained.code == 0, trained.err
    (told,) = trained.rows
    assert told["folder"] == "made"
    assert told["schema_version"] == 1
    assert told["measure"] == "AP"
    assert "note: Texts are in the field 'text', labels in 'label'." in trained.err
    assert "note: epoch 1 of 1" in trained.err
    assert Path("made/training.json").exists()
    again = run(*WORDS.format(base=base).split())
    assert again.rows == trained.rows
    assert "finished; nothing was done" in again.err
    indexed = run("index", "reviews.csv", "--model", "made", "--json")
    assert indexed.code == 0, indexed.err
    found = run("query", "<s>", "--index", "reviews", "--model", "made", "-k", "3")
    assert [row["rank"] for row in found.rows] == [1, 2, 3]


def test_a_person_sees_the_curve(tmp_path: Path, on_terminal: OnTerminal, base: Path) -> None:
    rows_for(Objective.DUMMY_COSINE, tmp_path)
    screen = on_terminal(*WORDS.format(base=base).split(), OMP_NUM_THREADS="1")
    assert screen.code == 0
    assert "trained" in screen.text
    assert "(kept)" in screen.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("train biencoder --objective ranking --output made", "Nothing to train on"),
        ("train biencoder a.csv --beir b --objective ranking --output made", "both were named"),
        ("train biencoder a.csv --objective ranking --output made", "a.csv cannot be read"),
        ("train biencoder a.csv --objective rank --output made", "rank"),
        ("train biencoder a.csv --objective ranking --output m --epochs 0", "from 1 up"),
        ("train biencoder a.csv --objective ranking --output m --learning-rate 0", "above 0"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, words: str, told: str) -> None:
    result = run(*words.split())
    assert result.code == 2
    assert told in result.error["error"] + result.error["fix"]
