"""The rows of a classifier's training: read, checked, split, described."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.corpus.fields import LABEL_NAMES, TEXT_NAMES
from retrieval.errors import InputError, UsageError
from retrieval.train.classifier.options import ClassifierOptions
from retrieval.train.plan import RowsFacts, rows_sha256
from retrieval.train.row_files import Problems, Row, field_of, label_in, read_rows, text_in
from retrieval.train.split import split_rows

POSITIVE_WORDS = ("positive", "pos", "true", "yes", "1")
FEW = 20
"""Rows to validate on, or of a class, below which figures are chance."""


@dataclass(frozen=True, slots=True)
class ClassedTexts:
    """Texts with a class each.

    Attributes:
        texts: The texts.
        labels: The class of each.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def select(self, rows: Sequence[int]) -> ClassedTexts:
        """Return some of them."""
        return ClassedTexts(
            tuple(self.texts[row] for row in rows), tuple(self.labels[row] for row in rows)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierRows:
    """What a classifier is trained and validated on.

    Attributes:
        train: To learn from.
        held_out: To validate on; may be empty.
        classes: The classes, sorted.
        positive: The one whose AP is measured where there are two; else empty.
        facts: Numbers, hashes and how they were split.
        notes: What was decided, one sentence each.
        warnings: What a reader must know, one sentence each.
    """

    train: ClassedTexts
    held_out: ClassedTexts
    classes: tuple[str, ...]
    positive: str
    facts: RowsFacts
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def read_classifier_rows(
    paths: Sequence[str | os.PathLike[str]], options: ClassifierOptions
) -> ClassifierRows:
    """Read labelled texts and hold some out.

    Raises:
        InputError: Files or fields are missing, rows lack a text or a class (all are told),
            there is one class only, or a class to validate on is not among those to train on.
        UsageError: The share to hold out is none, or the positive class is not there.
    """
    every, note = _read(paths, options)
    if len(set(every.labels)) < 2:
        raise InputError(
            f"Every text is of the class {every.labels[0]!r}; a classifier needs at least two.",
            fix="Add texts of another class, or name another field with --label-field.",
        )
    train, held_out, split = every, ClassedTexts((), ()), "none"
    if isinstance(options.validation, str):
        held_out, _ = _read([options.validation], options)
        split = f"the file {Path(options.validation).name}"
    else:
        groups = [folded(text) for text in every.texts]
        kept, drawn = split_rows(
            groups, every.labels, fraction=options.validation, seed=options.train.seed
        )
        train, held_out = every.select(kept.tolist()), every.select(drawn.tolist())
        if len(drawn):
            split = f"{options.validation:g} of each class, drawn"
    classes = tuple(sorted(set(train.labels)))
    _check_known(held_out.labels, classes)
    positive = _positive(classes, options.positive)
    told = f", {len(held_out.texts):,} to validate on ({split})" if held_out.texts else ""
    notes = [note, f"{len(train.texts):,} texts of {len(classes)} classes to train on{told}."]
    if positive and held_out.texts:
        notes.append(f"AP is that of the class {positive!r}.")
    return ClassifierRows(
        train=train,
        held_out=held_out,
        classes=classes,
        positive=positive,
        facts=RowsFacts(
            source=", ".join(Path(one).name for one in paths),
            rows=len(train.texts),
            sha256=_hash(train),
            validation_rows=len(held_out.texts),
            validation_sha256=_hash(held_out) if held_out.texts else "",
            split=split,
            labels=dict(sorted(Counter(train.labels).items())),
        ),
        notes=tuple(notes),
        warnings=tuple(_warnings(train, held_out)),
    )


def folded(text: str) -> str:
    """Return what two texts share that differ in case and white space alone."""
    return " ".join(text.casefold().split())


def shared_texts(train: Sequence[str], held_out: Sequence[str]) -> tuple[int, int]:
    """Count texts to validate on that are among those to train on.

    Returns:
        How many are there character by character, and how many but for case and white space.
    """
    exact, alike = set(train), {folded(text) for text in train}
    return sum(text in exact for text in held_out), sum(folded(text) in alike for text in held_out)


def _read(
    paths: Sequence[str | os.PathLike[str]], options: ClassifierOptions
) -> tuple[ClassedTexts, str]:
    rows: list[Row] = read_rows(paths)
    text = field_of(rows, options.text_field, TEXT_NAMES, "text")
    label = field_of(rows, options.label_field, LABEL_NAMES, "class")
    problems = Problems()
    found = ClassedTexts(
        tuple(text_in(row, text, problems) for row in rows),
        tuple(label_in(row, label, problems) for row in rows),
    )
    problems.raise_any("Correct these rows, or leave them out.")
    return found, f"Texts are in the field {text!r}, classes in {label!r}."


def _check_known(labels: Sequence[str], classes: Sequence[str]) -> None:
    unknown = sorted(set(labels) - set(classes))
    if unknown:
        raise InputError(
            f"The class {unknown[0]!r} is among the rows to validate on and not among those to"
            f" train on ({len(unknown)} such classes).",
            fix="Correct the class, or leave these rows out.",
        )


def _positive(classes: Sequence[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in classes:
        raise UsageError(
            f"No text is of the class {wanted!r}, which is to be positive.",
            fix=f"There are {', '.join(map(repr, classes[:12]))}.",
        )
    if len(classes) > 2:
        return wanted or ""
    known = [one for one in classes if one.casefold() in POSITIVE_WORDS]
    return wanted or (known[0] if len(known) == 1 else classes[-1])


def _warnings(train: ClassedTexts, held_out: ClassedTexts) -> list[str]:
    found = []
    exact, alike = shared_texts(train.texts, held_out.texts)
    if alike:
        found.append(
            f"{alike:,} of {len(held_out.texts):,} texts to validate on are among those to train on"
            f" ({exact:,} character by character, the others but for case and white space): the"
            " validation is better than the model."
        )
    by_text: dict[str, set[str]] = {}
    for text, label in zip(train.texts, train.labels, strict=True):
        by_text.setdefault(folded(text), set()).add(label)
    several = sum(len(one) > 1 for one in by_text.values())
    if several:
        found.append(f"{several:,} texts have more than one class; all of them are learned.")
    least, count = min(Counter(train.labels).items(), key=lambda one: (one[1], one[0]))
    if count < 2:
        found.append(f"The class {least!r} has one text to train on.")
    if not held_out.texts:
        found.append("Without rows to validate on, the last weights are kept, whatever they are.")
    elif len(held_out.texts) < FEW:
        found.append(
            f"Only {len(held_out.texts)} rows to validate on: which weights are best is chance."
        )
    return found


def _hash(rows: ClassedTexts) -> str:
    return rows_sha256([list(one) for one in zip(rows.texts, rows.labels, strict=True)])
