"""``retrieve train`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.train.biencoder.options import Objective
from tests.cli.conftest import OnTerminal, Run
from tests.engine.test_reranker_training import beir
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
        ("train crossencoder --output m", "neither was given"),
        ("train crossencoder a.csv --beir b --output m", "both were given"),
        ("train crossencoder a.csv --negatives 3 --output m", "go with --beir"),
        ("train crossencoder --beir b --top-score 5 --output m", "--beir reads none"),
        ("train crossencoder --beir b --validation 0 --output m", "share of queries"),
        ("train crossencoder --beir b --metric nonsense --output m", "nonsense"),
        ("train crossencoder --beir b --output m", "is no BEIR folder"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, words: str, told: str) -> None:
    result = run(*words.split())
    assert result.code == 2
    assert told in result.error["error"] + result.error["fix"]


def test_a_reranker_is_trained_from_a_beir_folder_and_used(
    tmp_path: Path, run: Run, hashing: None, base: Path
) -> None:
    beir(tmp_path / "asked")
    assert run("index", "asked").code == 0
    words = (
        f"train crossencoder --beir asked --output again --base {base} --validation dev --index"
        " asked --candidates 8 --epochs 12 --batch-size 20 --learning-rate 0.005 --precision fp32"
        " --imitations 1 --patience 0"
    )
    trained = run(*words.split())
    assert trained.code == 0, trained.err
    (told,) = trained.rows
    learned = told["checks"]["reranking"]
    assert learned["value"] > learned["first"]
    assert told["options"]["max_length"] == 256
    assert "hard negatives" in trained.err
    on_dev = run(
        "bench", "--index", "asked", "--split", "dev", "--compare", "x=hybrid,rerank=again"
    )
    assert on_dev.code == 2
    assert "trained or validated on these very judgments" in on_dev.error["error"]
