"""The use case of telling the class of texts with a trained classifier."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.fields import ID_NAMES, FieldNames, choose_field, resolve_fields
from retrieval.corpus.raw_rows import RawRow, RowFile, label_of, open_rows
from retrieval.corpus.rejects import Reject
from retrieval.encode.opening_classifier import Classifier, open_classifier
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.classifier_report import ClassifierReport, classifier_report
from retrieval.observer import SILENT, Observer

CHUNK = 2048
"""Texts classified at once, sorted by length; what a stream waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What a classifier says of one text.

    Attributes:
        label: The likeliest class.
        probability: Its probability, in (0, 1].
        probabilities: Of every class, in the model's order; they sum to 1.
    """

    label: str
    probability: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifiedRow:
    """One row of a file with its class.

    Attributes:
        id: The row's own id, or the number of its line.
        text: What was classified.
        truth: Its true class; None where no field of labels was named.
        found: What the classifier says.
    """

    id: str
    text: str
    truth: str | None
    found: Classification

    def to_json(self, *, every_class: bool = False) -> dict[str, Any]:
        """Return the row as the command line's JSON, schema version 1, without its text."""
        told: dict[str, Any] = {
            "schema_version": 1,
            "id": self.id,
            "label": self.found.label,
            "probability": self.found.probability,
        }
        if self.truth is not None:
            told["truth"] = self.truth
        if every_class:
            told["probabilities"] = dict(self.found.probabilities)
        return told


def classify(
    model: str | os.PathLike[str],
    texts: Iterable[str],
    *,
    offline: bool = False,
    observer: Observer = SILENT,
) -> Iterator[Classification]:
    """Tell the class of texts.

    Args:
        model: Folder of a classifier, as ``retrieve train classifier`` makes it, or the name
            of a sequence classifier on the hub.
        texts: Read as they are needed, 2,048 at a time.
        offline: Never ask the hub.
        observer: Is told when the model is prepared.

    Yields:
        A classification for each text, in the order given.

    Raises:
        NotAClassifierError: The model is something else.
        ModelNotFoundError: There is no such model.
        UsageError: A text is not a string, or has nothing but white space in it.
    """
    if isinstance(texts, str):
        raise UsageError("One text was given; several are expected.", fix="Give a list of texts.")
    classifier = open_classifier(model, offline=offline, note=observer.note)
    return _classified(classifier, iter(texts))


def _classified(classifier: Classifier, texts: Iterator[str]) -> Iterator[Classification]:
    before = 0
    while chunk := list(islice(texts, CHUNK)):
        for number, text in enumerate(chunk, before + 1):
            if not isinstance(text, str) or not text.strip():
                what = "is empty" if isinstance(text, str) else f"is {type(text).__name__}, no text"
                raise UsageError(f"Text {number} {what}.", fix="Leave it out.")
        yield from _classifications(classifier.labels, classifier.probabilities(chunk))
        before += len(chunk)


def _classifications(
    labels: Sequence[str], probabilities: NDArray[np.float64]
) -> Iterator[Classification]:
    for row, best in zip(probabilities.tolist(), probabilities.argmax(axis=1), strict=True):
        yield Classification(
            label=labels[best],
            probability=row[best],
            probabilities=dict(zip(labels, row, strict=True)),
        )


class RowClassifier:
    """Classifies the rows of files, and measures itself where they are labelled.

    Args:
        model: As for ``classify``.
        offline: Never ask the hub.
        observer: Is told what a person should know.
        reject: Told of every row that cannot be used.

    Raises:
        NotAClassifierError: The model is something else.
        ModelNotFoundError: There is no such model.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        offline: bool = False,
        observer: Observer = SILENT,
        reject: Callable[[Reject], None] = lambda _: None,
    ) -> None:
        self._model = os.fspath(model)
        self._observer = observer
        self._tell_reject = reject
        self._classifier = open_classifier(model, offline=offline, note=observer.note)
        self.rejected = 0
        self._source = ""
        self._label_field = ""
        self._truth: list[str] = []
        self._probabilities: list[NDArray[np.float64]] = []

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes the model knows, in its order."""
        return self._classifier.labels

    def rows(
        self,
        path: str | os.PathLike[str],
        *,
        stdin: BinaryIO | None = None,
        text_field: str | None = None,
        id_field: str | None = None,
        label_field: str | None = None,
        follow: bool = True,
    ) -> Iterator[ClassifiedRow]:
        """Classify the rows of a file, 2,048 at a time; only what ``report`` needs is kept.

        Args:
            path: JSON Lines, CSV, TSV, also ``.gz``; lines of a ``.txt``; ``-`` is ``stdin``.
            stdin: What ``-`` reads.
            text_field: Field of the text; None to find it by name.
            id_field: Field of the id; None to find it by name, else line numbers are ids.
            label_field: Field of the true classes, which are kept for ``report``.
            follow: Whether the observer is told of progress; a bar and rows on one terminal
                would be in each other's way.

        Raises:
            InputError: The file or a field of it is missing, or the file is damaged.
        """
        self._source, self._label_field = os.fspath(path), label_field or ""
        done = 0
        with open_rows(
            Path(path), stdin=stdin, plain=True, note=self._observer.note, reject=self._reject
        ) as opened:
            used = self._used_rows(opened, text_field, id_field, label_field)
            while chunk := list(islice(used, CHUNK)):
                found = self._classifier.probabilities([text for _, text, _ in chunk])
                if label_field is not None:
                    self._truth.extend(truth for _, _, truth in chunk if truth is not None)
                    self._probabilities.append(found)
                done += len(chunk)
                if follow:
                    self._observer.progress("classifying", done, None, "texts")
                told = _classifications(self.labels, found)
                for (row_id, text, truth), one in zip(chunk, told, strict=True):
                    yield ClassifiedRow(id=row_id, text=text, truth=truth, found=one)

    def report(self) -> ClassifierReport:
        """Measure the classifier on the labelled rows classified so far.

        Raises:
            InputError: There were none.
        """
        if not self._truth:
            raise InputError(f"{self._source} holds no labelled text that could be used.")
        return classifier_report(
            self._truth,
            np.concatenate(self._probabilities),
            self.labels,
            model=self._model,
            source=self._source,
            label_field=self._label_field,
            runtime=self._classifier.runtime,
            rejected=self.rejected,
        )

    def _used_rows(
        self, opened: RowFile, text_field: str | None, id_field: str | None, label_field: str | None
    ) -> Iterator[tuple[str, str, str | None]]:
        """Yield id, text and true class of each row that can be used."""
        found = resolve_fields(opened.fields, FieldNames(text=text_field), opened.path)
        text_name = found.text
        others = [name for name in opened.fields if name != text_name]
        id_name = choose_field(others, id_field, ID_NAMES, path=opened.path, option="--id-field")
        if label_field is not None:
            choose_field(others, label_field, (), path=opened.path, option="--label-field")
        if not opened.plain:
            ids = f"id from {id_name!r}" if id_name else "the line as id"
            self._observer.note(f"{opened.path}: text from {text_name!r}, {ids}.")
        for row in opened.rows:
            text, truth = row.fields.get(text_name), None
            if not isinstance(text, str) or not text.strip():
                self._refuse(opened, row, f"no text in field {text_name!r}")
                continue
            if label_field is not None:
                truth = label_of(row.fields.get(label_field))
                if truth is None:
                    self._refuse(opened, row, f"no class in field {label_field!r}")
                    continue
            own = row.fields.get(id_name) if id_name else None
            yield str(row.line if own is None else own), text, truth

    def _refuse(self, opened: RowFile, row: RawRow, reason: str) -> None:
        self._reject(Reject(opened.path, row.line, reason))

    def _reject(self, reject: Reject) -> None:
        self.rejected += 1
        self._tell_reject(reject)
