"""Training cross-encoders: pairs, both kinds of scores, going on after a kill, refusals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.errors import InputError, InterruptedWorkError, UsageError
from retrieval.train.base import find_base
from retrieval.train.card import TrainingCard, read_card
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.crossencoder.rows import read_crossencoder_rows
from retrieval.train.crossencoder.task import CrossencoderTask
from retrieval.train.crossencoder.training import train_crossencoder
from retrieval.train.options import Device, Precision, TrainOptions
from retrieval.train.quiet import quiet_libraries
from tests.encode.classifiers import made_classifiers
from tests.train.test_classifier import FILLERS, write_csv
from tests.train.tiny import Followed

HEADER = ("query", "passage", "label")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(made_classifiers(tmp_path_factory) / "untrained")


def pairs_of(count: int) -> list[tuple[str, str, str]]:
    """Return pairs that belong together where the passage has a word."""
    return [
        (f"search {n // 2}", f"{FILLERS[n % 6]} {('zz', 'positive')[n % 2]}", str(n % 2))
        for n in range(count)
    ]


def options(bert: str, *, validation: float | str = 0.2, **given: Any) -> CrossencoderOptions:
    train: dict[str, Any] = {"epochs": 3, "batch_size": 8, "max_length": 128}
    train |= {name: given.pop(name) for name in list(given) if name in train}
    train |= {"learning_rate": 5e-3, "device": Device.CPU, "precision": Precision.FP32}
    return CrossencoderOptions(
        base=bert, validation=validation, train=TrainOptions(checkpoint_s=0.0, **train), **given
    )


def scores(folder: Path, pairs: Sequence[tuple[str, str]]) -> Any:
    """Ask the library itself."""
    from sentence_transformers import CrossEncoder

    with quiet_libraries():
        model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        assert model.max_seq_length == 20
        return model.predict(list(pairs), show_progress_bar=False)


def test_relevance_is_learned_and_the_folder_is_a_cross_encoder(tmp_path: Path, bert: str) -> None:
    data = write_csv(tmp_path / "a.csv", pairs_of(100), HEADER)
    observer = Followed()
    card = train_crossencoder(data, tmp_path / "m", options(bert, max_length=20), observer=observer)
    assert card.measure == "AP"
    assert card.best is not None
    assert card.best > 0.95
    assert set(card.curve[-1].also) == {"accuracy"}
    assert card.objective == "relevance of pairs"
    assert read_card(tmp_path / "m") == card
    found = scores(tmp_path / "m", [("search 3", "the film positive"), ("search 3", "a plot zz")])
    assert 0.0 < found[1] < found[0] < 1.0
    assert "scores are 0 or 1, measured by AP" in " ".join(observer.notes)


def test_attention_is_trained_without_dropout_that_the_model_keeps(
    tmp_path: Path, bert: str
) -> None:
    data = write_csv(tmp_path / "a.csv", pairs_of(20), HEADER)
    chosen = options(bert)
    task = CrossencoderTask(
        find_base(bert, offline=True),
        read_crossencoder_rows([data], chosen),
        max_length=16,
        batch_size=8,
        seed=0,
    )
    shares = {
        name: one.p for name, one in task.module.named_modules() if type(one).__name__ == "Dropout"
    }
    inner = {one.p for name, one in task.module.named_modules() if name.endswith(".self.dropout")}
    assert inner == {0.0}
    assert max(shares.values()) > 0.0
    (tmp_path / "m").mkdir()
    task.save(tmp_path / "m")
    before, after = (
        json.loads((folder / "config.json").read_text()) for folder in (Path(bert), tmp_path / "m")
    )
    assert after["attention_probs_dropout_prob"] == before["attention_probs_dropout_prob"] > 0.0


def test_graded_scores_are_measured_by_rank(tmp_path: Path, bert: str) -> None:
    rows = [(one, other, str(2.5 + 2.5 * int(label))) for one, other, label in pairs_of(60)]
    data = write_csv(tmp_path / "a.csv", rows, ("sentence1", "sentence2", "score"))
    card = train_crossencoder(data, tmp_path / "m", options(bert, top_score=5.0))
    assert card.measure == "Spearman"
    assert set(card.curve[-1].also) == {"Pearson"}
    assert card.objective == "graded scores"
    assert card.settings == {"top_score": 5.0}


def test_a_killed_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, bert: str
) -> None:
    data = write_csv(tmp_path / "a.csv", pairs_of(60), HEADER)

    def train(name: str, stop_at: int | None = None) -> TrainingCard:
        chosen = options(bert, epochs=2, batch_size=16)
        return train_crossencoder(data, tmp_path / name, chosen, observer=Followed(stop_at))

    train("unbroken")
    with pytest.raises(InterruptedWorkError):
        train("broken", stop_at=4)
    assert train("broken").resumed == 1
    weights = [
        (tmp_path / one / "model.safetensors").read_bytes() for one in ("broken", "unbroken")
    ]
    assert weights[0] == weights[1]


def test_pairs_longer_than_the_model_can_see_are_cut(tmp_path: Path, bert: str) -> None:
    rows = [(one * 20, other * 20, label) for one, other, label in pairs_of(30)]
    data = write_csv(tmp_path / "a.csv", rows, HEADER)
    train_crossencoder(data, tmp_path / "m", options(bert, epochs=1, validation=0.0))
    assert (tmp_path / "m" / "model.safetensors").exists()


def test_pairs_of_one_query_stay_together(tmp_path: Path, bert: str) -> None:
    data = write_csv(tmp_path / "a.csv", pairs_of(60), HEADER)
    found = read_crossencoder_rows([data], options(bert))
    assert len(found.held_out) == 12
    assert not set(found.train.first) & set(found.held_out.first)
    held_out = write_csv(tmp_path / "b.csv", pairs_of(4), HEADER)
    shared = read_crossencoder_rows([data], options(bert, validation=str(held_out)))
    assert "4 of 4 pairs to validate on have a first text that is trained on" in shared.warnings[0]


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        ([("a", "b", "1"), ("a", "c", "1")], HEADER, "Every pair has the score 1"),
        ([("a", "b", "1"), ("a", "", "0")], HEADER, r"a\.csv:3: there is no text in 'passage'"),
        ([("a", "b", "1"), ("a", "c", "x")], HEADER, r"a\.csv:3: there is no number in 'label'"),
        ([("a", "b", "1"), ("a", "c", "4")], HEADER, r"a\.csv:3: 'label' is 4, outside 0 to 1"),
        ([("a", "b", "1")], ("query", "passage", "kind"), "A field for the score"),
        ([("a", "b", "1")], ("query", "other", "label"), "A field for the second text"),
    ],
)
def test_pairs_that_cannot_be_used_are_told(
    tmp_path: Path, bert: str, rows: list[tuple[str, ...]], header: Sequence[str], told: str
) -> None:
    data = write_csv(tmp_path / "a.csv", rows, header)
    with pytest.raises(InputError, match=told):
        train_crossencoder(data, tmp_path / "m", options(bert))


@pytest.mark.parametrize("top", [0.0, -1.0, np.nan])
def test_a_top_score_is_above_zero(top: float) -> None:
    with pytest.raises(UsageError, match="top score"):
        CrossencoderOptions(top_score=top)
