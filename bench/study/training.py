"""Models of the study: trained by the project's own commands, and what they say of texts.

A training goes on by itself after a kill: the same call finds its checkpoints beside the
folder to be. Vectors come from the ordinary encoder.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import retrieval
from bench.study.splits import Rows, Split
from bench.study.work import Work
from retrieval.train.biencoder.options import BiencoderOptions, RowFields
from retrieval.train.card import TrainingCard
from retrieval.train.classifier.options import ClassifierOptions
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.device import choose_device
from retrieval.train.options import Device, TrainOptions
from retrieval.train.progress import Progress

MAX_LENGTH = 256
"""Tokens of a text, for every system: the window of the model they all start from."""
TOLD_S = 30.0


@dataclass(slots=True)
class Told:
    """Tells how a training goes, every half minute and at each validation."""

    work: Work
    name: str
    last: float = 0.0

    def note(self, text: str) -> None:
        """Tell a note."""
        self.work.told(f"{self.name}: {text}")

    def warn(self, text: str) -> None:
        """Tell a warning."""
        self.work.told(f"{self.name}: warning: {text}")

    def progress(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Let work around the training pass."""

    def trained(self, progress: Progress) -> None:
        """Tell how far it has come."""
        now = time.monotonic()
        if not progress.validated and now - self.last < TOLD_S:
            return
        self.last = now
        value = "" if progress.value is None else f", {progress.measure} {progress.value:.4f}"
        self.work.told(
            f"{self.name}: step {progress.step:,} of {progress.steps:,}, epoch {progress.epoch},"
            f" loss {progress.loss:.4f}{value}, {progress.seconds_left:,.0f} s left"
        )


def has_card() -> bool:
    """Tell whether trainings run on a graphics card here."""
    return choose_device(Device.AUTO) != "cpu"


def options(work: Work, seed: int) -> TrainOptions:
    """Return how every model of the study is trained: to its last epoch, the best state kept."""
    return TrainOptions(epochs=work.epochs, max_length=MAX_LENGTH, seed=seed, patience=None)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Write rows to train on as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path


def model_folder(work: Work, name: str, seed: int) -> Path:
    """Return where a trained model is published."""
    folder = work.folder / "models" / work.choices() / name / str(seed)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def labelled_files(split: Split, work: Work, name: str) -> tuple[str, str]:
    """Write rows to train on and rows to validate on; return both files."""
    folder = work.folder / "rows" / work.choices() / name
    return tuple(  # type: ignore[return-value]  # two
        str(
            write_rows(
                folder / f"{part}.jsonl",
                (
                    {"text": text, "label": label}
                    for text, label in zip(split.texts_of(rows), split.labels_of(rows), strict=True)
                ),
            )
        )
        for part, rows in (("train", split.train), ("validation", split.validation))
    )


def labelled_biencoder(
    objective: str, split: Split, work: Work, name: str, seed: int, positive: str | None
) -> tuple[Path, dict[str, Any]]:
    """Train a bi-encoder on labelled texts; return its folder and facts."""
    train, validation = labelled_files(split, work, name)
    folder = model_folder(work, name, seed)
    chosen = BiencoderOptions(
        objective=objective,  # type: ignore[arg-type]  # the record makes it one
        base=work.base,
        offline=True,
        validation=validation,
        fields=RowFields(text="text", label="label"),
        positive=positive,
        train=options(work, seed),
    )
    card = retrieval.train_biencoder(train, folder, chosen, observer=Told(work, f"{name} {seed}"))
    return folder, card_facts(card)


def pair_biencoder(
    objective: str,
    files: tuple[str, str | float],
    work: Work,
    name: str,
    seed: int,
    top_score: float = 1.0,
) -> tuple[Path, dict[str, Any]]:
    """Train a bi-encoder on pairs; return its folder and facts."""
    folder = model_folder(work, name, seed)
    chosen = BiencoderOptions(
        objective=objective,  # type: ignore[arg-type]  # the record makes it one
        base=work.base,
        offline=True,
        validation=files[1],
        fields=RowFields(first="first", second="second", label="label"),
        top_score=top_score,
        train=options(work, seed),
    )
    observer = Told(work, f"{name} {seed}")
    return folder, card_facts(
        retrieval.train_biencoder(files[0], folder, chosen, observer=observer)
    )


def classifier(
    head: str, split: Split, work: Work, name: str, seed: int, positive: str | None
) -> tuple[Path, dict[str, Any]]:
    """Train a classifier; return its folder and facts."""
    train, validation = labelled_files(split, work, name)
    folder = model_folder(work, name, seed)
    chosen = ClassifierOptions(
        head=head,  # type: ignore[arg-type]  # the record makes it one
        base=work.base,
        offline=True,
        text_field="text",
        label_field="label",
        validation=validation,
        positive=positive,
        train=options(work, seed),
    )
    card = retrieval.train_classifier(train, folder, chosen, observer=Told(work, f"{name} {seed}"))
    return folder, card_facts(card)


def crossencoder(
    query: str, split: Split, work: Work, name: str, seed: int
) -> tuple[Path, dict[str, Any]]:
    """Train a cross-encoder on one query with every text; return its folder and facts."""
    files = []
    for part, rows in (("train", split.train), ("validation", split.validation)):
        labels = split.positive[rows].tolist()
        pairs = (
            {"query": query, "passage": text, "label": int(label)}
            for text, label in zip(split.texts_of(rows), labels, strict=True)
        )
        path = work.folder / "rows" / work.choices() / name / f"pairs-{part}.jsonl"
        files.append(str(write_rows(path, pairs)))
    folder = model_folder(work, name, seed)
    chosen = CrossencoderOptions(
        base=work.base, offline=True, validation=files[1], train=options(work, seed)
    )
    observer = Told(work, f"{name} {seed}")
    card = retrieval.train_crossencoder(files[0], folder, chosen, observer=observer)
    return folder, card_facts(card)


def card_facts(card: TrainingCard) -> dict[str, Any]:
    """Return what the study keeps of a training's card."""
    return {
        "train_s": card.seconds,
        "device": card.device,
        "precision": card.precision,
        "best": card.best,
        "measure": card.measure,
        "resumed": card.resumed,
        "kept_epochs": [one.epoch for one in card.curve if one.step == card.best_step],
        "curve": [
            {"epoch": one.epoch, "loss": one.loss, "value": one.value, "also": dict(one.also)}
            for one in card.curve
        ],
    }


def timed(call: Callable[[], NDArray[np.float64]]) -> tuple[NDArray[np.float64], float]:
    """Return what a call gives, and its seconds."""
    started = time.perf_counter()
    found = call()
    return found, time.perf_counter() - started


def class_probabilities(folder: Path, texts: Sequence[str]) -> tuple[list[str], NDArray[Any]]:
    """Return a classifier's classes and float64 (n, classes) for texts."""
    found = list(retrieval.classify(folder, texts, offline=True))
    labels = list(found[0].probabilities)
    return labels, np.array([[one.probabilities[label] for label in labels] for one in found])


def pair_scores(folder: Path, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return a cross-encoder's scores of texts for one query: float64 (n,)."""
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder))
    pairs = [(query, text) for text in texts]
    return np.asarray(model.predict(pairs, show_progress_bar=False), dtype=np.float64)


def rows_of(split: Split) -> Rows:
    """Return rows to validate on, then rows to test on."""
    return np.concatenate([split.validation, split.test])
