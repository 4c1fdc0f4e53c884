"""Bi-encoders trained for every objective, from files to a folder that loads elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.errors import InterruptedWorkError, TrainingError, UsageError
from retrieval.train.biencoder.head import head_logits, make_head, read_head, trained_head
from retrieval.train.biencoder.options import BiencoderOptions, Objective
from retrieval.train.biencoder.training import train_biencoder
from retrieval.train.card import TrainingCard, read_card
from retrieval.train.options import TrainOptions
from retrieval.train.quiet import quiet_libraries
from retrieval.vectors import unit_rows
from tests.train.models import PLAIN, labelled_lines, topic_lines
from tests.train.tiny import Followed

LABELLED = {
    Objective.DUMMY_COSINE,
    Objective.DUMMY_SOFTMAX,
    Objective.SAME_LABEL_PAIRS,
    Objective.OPPOSITE_PAIRS,
}


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as output:
        csv.writer(output).writerows([header, *rows])
    return path


def pair_rows(count: int) -> list[tuple[str, str, int]]:
    """Return pairs of texts of topics, 1 where both have the same."""
    lines = topic_lines(3 * count, seed=4)
    first, second = lines[:count], lines[count : 2 * count]
    generator = np.random.default_rng(5)
    order = generator.permutation(count)
    pairs = [(one, second[at]) for one, at in zip(first, order.tolist(), strict=True)]
    return [(one[0], other[0], int(one[1] == other[1])) for one, other in pairs]


def found_rows(count: int) -> list[tuple[str, str]]:
    """Return pairs that have one word in common, of forty."""
    generator = np.random.default_rng(6)

    def text(word: str) -> str:
        words = [word, *generator.choice(PLAIN, 3)]
        generator.shuffle(words)
        return " ".join(map(str, words))

    return [(text(f"u{at % 40}"), text(f"u{at % 40}")) for at in range(count)]


def rows_for(objective: Objective, folder: Path) -> Path:
    """Write rows that an objective can learn from."""
    pairs = pair_rows(600)
    match objective:
        case Objective.SOFTMAX:
            named = [(one, other, ["other", "same"][same]) for one, other, same in pairs]
            return write_table(folder / "nli.csv", ("premise", "hypothesis", "label"), named)
        case Objective.COSINE:
            scored = [(one, other, 5.0 * same) for one, other, same in pairs]
            return write_table(folder / "sts.csv", ("sentence1", "sentence2", "score"), scored)
        case Objective.CONTRASTIVE:
            return write_table(folder / "together.csv", ("text1", "text2", "label"), pairs)
        case Objective.RANKING:
            return write_table(folder / "found.csv", ("anchor", "positive"), found_rows(480))
        case Objective.SAME_LABEL_PAIRS:
            return write_table(folder / "topics.csv", ("text", "label"), topic_lines(480))
    return write_table(folder / "reviews.csv", ("text", "label"), labelled_lines(480))


def chosen(objective: Objective, base: Path, **given: Any) -> BiencoderOptions:
    train: dict[str, Any] = {
        "epochs": 6,
        "batch_size": 16,
        "learning_rate": 3e-3,
        "precision": "fp32",
        "device": "cpu",
        "checkpoint_s": 0.0,
        "patience": None,
        "seed": 3,
    }
    own = {name: given.pop(name) for name in list(given) if name in TrainOptions.__slots__}
    return BiencoderOptions(
        objective=objective,
        base=str(base),
        top_score=5.0 if objective is Objective.COSINE else 1.0,
        train=TrainOptions(**{**train, **own}),
        **{"validation": 0.2, **given},
    )


def loaded(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    with quiet_libraries():
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def vectors(folder: Path, texts: Sequence[str]) -> Any:
    with quiet_libraries():
        return loaded(folder).encode(list(texts), normalize_embeddings=True)


def train(
    objective: Objective, folder: Path, base: Path, observer: Followed | None = None, **given: Any
) -> TrainingCard:
    return train_biencoder(
        rows_for(objective, folder),
        folder / "made",
        chosen(objective, base, **given),
        observer=observer or Followed(),
    )


MEASURES = {
    Objective.SOFTMAX: ("accuracy", 10, 0.75),
    Objective.COSINE: ("Spearman", 6, 0.7),
    Objective.DUMMY_COSINE: ("AP", 6, 0.95),
    Objective.DUMMY_SOFTMAX: ("AP", 6, 0.95),
    Objective.SAME_LABEL_PAIRS: ("AP", 6, 0.9),
    Objective.OPPOSITE_PAIRS: ("AP", 12, 0.8),
    Objective.CONTRASTIVE: ("AP", 6, 0.9),
    Objective.RANKING: ("nDCG@10", 6, 0.3),
}
"""The measure of each objective, and what it reaches in how many epochs."""


@pytest.mark.parametrize("objective", Objective)
def test_every_objective_learns_and_loads_elsewhere(
    objective: Objective, tmp_path: Path, tiny_base: Path
) -> None:
    observer = Followed()
    measure, epochs, least = MEASURES[objective]
    card = train(objective, tmp_path, tiny_base, observer, epochs=epochs)
    assert card.measure == measure
    assert card.best is not None
    assert card.best >= least
    assert card.curve[-1].loss < card.curve[0].loss
    assert read_card(tmp_path / "made") == card
    assert observer.warnings == []
    model = loaded(tmp_path / "made")
    assert model.max_seq_length == 48
    rows = vectors(tmp_path / "made", ["the film was good u1", "a bad plot u2"])
    assert rows.shape == (2, 32)
    assert np.isfinite(rows).all()
    if objective.has_head:
        head = read_head(tmp_path / "made")
        assert len(head.labels) == 2
    else:
        assert not (tmp_path / "made" / "head").exists()


@pytest.mark.parametrize("objective", [Objective.DUMMY_SOFTMAX, Objective.SAME_LABEL_PAIRS])
def test_an_interrupted_training_ends_with_the_weights_of_an_unbroken_one(
    objective: Objective, tmp_path: Path, tiny_base: Path
) -> None:
    for name in ("unbroken", "broken"):
        (tmp_path / name).mkdir()
    train(objective, tmp_path / "unbroken", tiny_base, epochs=2)
    with pytest.raises(InterruptedWorkError):
        train(objective, tmp_path / "broken", tiny_base, Followed(stop_at=11), epochs=2)
    assert train(objective, tmp_path / "broken", tiny_base, epochs=2).resumed == 1
    one, other = (tmp_path / name / "made" for name in ("unbroken", "broken"))
    assert (one / "model.safetensors").read_bytes() == (other / "model.safetensors").read_bytes()
    if objective.has_head:
        assert (read_head(one).weight == read_head(other).weight).all()


def test_the_dummy_text_ranks_positive_texts_first(tmp_path: Path, tiny_base: Path) -> None:
    train(Objective.DUMMY_COSINE, tmp_path, tiny_base)
    texts = ["the was good a it", "it was bad a the", "a very great it", "a very awful it"]
    token, *rows = vectors(tmp_path / "made", ["<s>", *texts])
    scores = [float(row @ token) for row in rows]
    assert min(scores[0], scores[2]) > max(scores[1], scores[3])


def test_negative_texts_can_be_sent_to_the_other_side(tmp_path: Path, tiny_base: Path) -> None:
    card = train(Objective.DUMMY_COSINE, tmp_path, tiny_base, negative_target=-1.0, positive="neg")
    assert card.settings["positive"] == "neg"
    token, good, bad = vectors(tmp_path / "made", ["<s>", "the was good a it", "the was bad a it"])
    assert good @ token < -0.3 < 0.3 < bad @ token


def test_many_classes_are_told_apart_by_the_dummy_softmax(tmp_path: Path, tiny_base: Path) -> None:
    path = write_table(tmp_path / "topics.csv", ("text", "label"), topic_lines(480))
    options = chosen(Objective.DUMMY_SOFTMAX, tiny_base)
    card = train_biencoder(path, tmp_path / "made", options)
    assert card.measure == "accuracy"
    assert card.best is not None
    assert card.best > 0.9
    head = read_head(tmp_path / "made")
    assert head.labels == ("film", "food", "sport")
    token, *rows = vectors(tmp_path / "made", ["<s>", "the soup was bread", "one goal of it"])
    assert [head.labels[at] for at in head.logits(np.array(rows), token).argmax(axis=1)] == [
        "food",
        "sport",
    ]


def test_the_head_that_is_kept_reads_the_unit_vectors_of_what_was_learned() -> None:
    import torch

    torch.manual_seed(0)
    layer = make_head(384, 3)
    generator = np.random.default_rng(0)
    rows, other = (generator.normal(size=(5, 384)).astype(np.float32) for _ in range(2))
    learned = head_logits(layer, torch.from_numpy(rows), torch.from_numpy(other))
    kept = trained_head(layer, ("a", "b", "c")).logits(unit_rows(rows), unit_rows(other))
    np.testing.assert_allclose(kept, learned.detach().numpy(), atol=1e-5)
    # a new layer spreads its logits; on unit vectors as they are by a twentieth of this
    assert kept.std() > 0.2


@pytest.mark.parametrize("pooling", ["cls", "max", "mean"])
def test_the_pooling_asked_for_is_in_the_folder(
    pooling: str, tmp_path: Path, tiny_base: Path
) -> None:
    train(Objective.DUMMY_COSINE, tmp_path, tiny_base, pooling=pooling, epochs=1)
    model = loaded(tmp_path / "made")
    assert model[1].pooling_mode == pooling


def test_a_collapsed_model_is_refused(tmp_path: Path, tiny_base: Path) -> None:
    lines = [
        (text, "pos" if at % 50 else "neg") for at, (text, _) in enumerate(labelled_lines(150))
    ]
    path = write_table(tmp_path / "rows.csv", ("text", "label"), lines)
    options = chosen(Objective.DUMMY_COSINE, tiny_base, learning_rate=0.02, epochs=3)
    with pytest.raises(TrainingError, match=r"collapsed: the cosines of \d+ texts to '<s>'"):
        train_biencoder(path, tmp_path / "made", options)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["rows.csv"]


def test_weights_that_run_away_are_refused(tmp_path: Path, tiny_base: Path) -> None:
    with pytest.raises(TrainingError):
        train(Objective.DUMMY_COSINE, tmp_path, tiny_base, learning_rate=1e30, warmup=0.0)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["reviews.csv"]


def test_the_dummy_text_is_embedded_once_a_step(tmp_path: Path, tiny_base: Path) -> None:
    from retrieval.train.base import find_base
    from retrieval.train.biencoder.rows import read_training_rows
    from retrieval.train.biencoder.training import make_task

    options = chosen(Objective.DUMMY_COSINE, tiny_base)
    rows = read_training_rows([rows_for(Objective.DUMMY_COSINE, tmp_path)], options)
    with quiet_libraries():
        task: Any = make_task(find_base(str(tiny_base), offline=True), rows, options)
        asked: list[int] = []
        embed = task.embedder.embed

        def counted(texts: Sequence[str], prompt: str) -> Any:
            asked.append(len(texts))
            return embed(texts, prompt)

        task.embedder.embed = counted
        task.loss(np.arange(16), 0)
    assert asked == [16, 1]


def test_a_validation_file_is_used(tmp_path: Path, tiny_base: Path) -> None:
    held_out = write_table(tmp_path / "v.csv", ("text", "label"), labelled_lines(40, seed=9))
    card = train(Objective.DUMMY_COSINE, tmp_path, tiny_base, validation=str(held_out), epochs=1)
    assert card.rows["validation_rows"] == 40
    assert card.rows["rows"] == 480
    assert "v.csv" in card.rows["split"]


def test_a_pooling_that_is_not_there_cannot_be_asked_for(tiny_base: Path) -> None:
    with pytest.raises(UsageError, match=r"pooling is 'median'; expected one of cls"):
        chosen(Objective.RANKING, tiny_base, pooling="median")
