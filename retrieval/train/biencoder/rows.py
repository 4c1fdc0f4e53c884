"""The rows of a bi-encoder's training: read, split, compared, described."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from retrieval.corpus.sources import beir_corpus
from retrieval.errors import InputError, UsageError
from retrieval.train.biencoder.beir import beir_pairs
from retrieval.train.biencoder.examples import (
    LabelledTexts,
    Pairs,
    check_labels,
    check_partners,
    labelled_from,
    pairs_from,
    positive_label,
)
from retrieval.train.biencoder.options import BiencoderOptions, Objective
from retrieval.train.plan import RowsFacts, rows_sha256
from retrieval.train.row_files import read_rows
from retrieval.train.split import split_rows

Examples: TypeAlias = Pairs | LabelledTexts
Paths: TypeAlias = Sequence[str | os.PathLike[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingRows:
    """What a bi-encoder is trained and validated on.

    Attributes:
        train: Rows to learn from.
        held_out: Rows to validate on; may be empty.
        facts: Numbers, hashes and how they were split.
        positive: Label that counts as positive, for the dummy objectives; else empty.
        asymmetric: Whether first texts of pairs are queries.
        notes: What was decided, one sentence each.
        warnings: What a reader must know, one sentence each.
    """

    train: Examples
    held_out: Examples
    facts: RowsFacts
    positive: str
    asymmetric: bool
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def read_training_rows(paths: Paths, options: BiencoderOptions) -> TrainingRows:
    """Read rows from files or a BEIR folder and hold some out.

    Raises:
        InputError: Files or rows cannot be used; see ``examples``.
        UsageError: It is not said what is positive, or the validation makes no sense.
    """
    folder = Path(paths[0]) if len(paths) == 1 else None
    beir = folder is not None and beir_corpus(folder) is not None
    source = ", ".join(Path(one).name for one in paths)
    notes: list[str] = []
    validation: Examples | None = None
    split = ""
    if beir and folder is not None:
        if options.objective not in {Objective.RANKING, Objective.CONTRASTIVE}:
            raise UsageError(
                f"A BEIR folder holds pairs of queries and documents; {options.objective} does not"
                " learn from those.",
                fix="Use --objective ranking or contrastive.",
            )
        every: Examples = beir_pairs(folder, options.split)
        source = f"{source}, split {options.split}"
        if isinstance(options.validation, str):
            validation = beir_pairs(folder, options.validation)
            split = f"the split {options.validation}"
    else:
        every, note = _from_files(paths, options)
        notes.append(note)
        if isinstance(options.validation, str):
            validation, _ = _from_files([options.validation], options)
            split = f"the file {Path(options.validation).name}"
    found = split_training_rows(
        every, validation, options, source=source, split=split, asymmetric=beir
    )
    return TrainingRows(
        train=found.train,
        held_out=found.held_out,
        facts=found.facts,
        positive=found.positive,
        asymmetric=found.asymmetric,
        notes=(*notes, *found.notes),
        warnings=found.warnings,
    )


def split_training_rows(
    every: Examples,
    validation: Examples | None,
    options: BiencoderOptions,
    *,
    source: str,
    split: str = "",
    asymmetric: bool = False,
) -> TrainingRows:
    """Check rows, hold some out and describe them.

    Args:
        every: Rows to train on, and to hold some out of.
        validation: Rows to validate on instead; None to hold out.
        options: The objective, and how many to hold out.
        source: Where the rows came from, in words.
        split: Where those to validate on came from, in words.
        asymmetric: Whether first texts of pairs are queries.
    """
    objective = options.objective
    if isinstance(every, LabelledTexts):
        check_labels(every.labels, objective)
        groups, strata = every.texts, every.labels
    else:
        if objective is Objective.SOFTMAX:
            check_labels(every.labels, objective)
        if objective is Objective.RANKING:
            check_partners(every)
        groups, strata = every.first, every.labels
    train, held_out = every, validation
    if held_out is None:
        fraction = float(options.validation)
        kept, drawn = split_rows(groups, strata, fraction=fraction, seed=options.train.seed)
        train, held_out = every.select(kept), every.select(drawn)
        split = f"{fraction:g} of the texts, drawn" if len(drawn) else "none"
    elif not len(held_out):
        raise InputError("There are no rows to validate on.")
    positive = _positive(every, options)
    labels = Counter(label for label in train.labels if label)
    notes = [
        f"{len(train):,} rows to train on"
        + (f", {len(held_out):,} to validate on ({split})." if len(held_out) else ".")
    ]
    if positive and len(labels) > 1:
        others = ", ".join(repr(one) for one in sorted(labels) if one != positive)
        notes.append(f"Positive is {positive!r}; the others are {others[:200]}.")
    facts = RowsFacts(
        source=source,
        rows=len(train),
        sha256=rows_sha256(train.rows()),
        validation_rows=len(held_out),
        validation_sha256=rows_sha256(held_out.rows()) if len(held_out) else "",
        split=split,
        labels=dict(sorted(labels.items())),
    )
    return TrainingRows(
        train=train,
        held_out=held_out,
        facts=facts,
        positive=positive,
        asymmetric=asymmetric or objective is Objective.RANKING,
        notes=tuple(notes),
        warnings=tuple(_warnings(train, held_out, objective)),
    )


def _from_files(paths: Paths, options: BiencoderOptions) -> tuple[Examples, str]:
    rows = read_rows(paths)
    if options.objective.learns_from_pairs:
        return pairs_from(rows, options)
    return labelled_from(rows, options)


def _positive(every: Examples, options: BiencoderOptions) -> str:
    """Return the positive label where one is needed; else an empty string."""
    objective = options.objective
    if objective is Objective.DUMMY_COSINE:
        return positive_label(every.labels, options.positive)
    if objective is not Objective.DUMMY_SOFTMAX:
        return ""
    if options.positive is None and len(set(every.labels)) > 2:
        return ""  # of many classes, accuracy decides
    return positive_label(every.labels, options.positive)


def _warnings(train: Examples, held_out: Examples, objective: Objective) -> list[str]:
    """Say what is odd about rows, and refuse labels that were never learned."""
    found = []
    texts = train.texts if isinstance(train, LabelledTexts) else train.first
    others = held_out.texts if isinstance(held_out, LabelledTexts) else held_out.first
    shared = len(set(texts) & set(others))
    if shared:
        found.append(
            f"{shared:,} texts to validate on are among those to train on: the validation is"
            " better than the model."
        )
    if isinstance(train, LabelledTexts) or objective is Objective.SOFTMAX:
        unknown = sorted(set(held_out.labels) - set(train.labels))
        if unknown:
            raise InputError(
                f"The label {unknown[0]!r} is among the rows to validate on and not among those to"
                f" train on ({len(unknown)} such labels).",
                fix="Correct the label, or leave these rows out.",
            )
    if isinstance(train, LabelledTexts):
        by_text: dict[str, set[str]] = {}
        for text, label in zip(train.texts, train.labels, strict=True):
            by_text.setdefault(text, set()).add(label)
        several = sum(len(one) > 1 for one in by_text.values())
        if several:
            found.append(f"{several:,} texts have more than one label; all of them are learned.")
    if not len(held_out):
        found.append("Without rows to validate on, the last weights are kept, whatever they are.")
    elif len(held_out) < 20:
        found.append(f"Only {len(held_out)} rows to validate on: which weights are best is chance.")
    return found


def class_names(train: Examples) -> tuple[str, ...]:
    """Return the labels of rows, sorted."""
    return tuple(np.unique(np.array(train.labels)).tolist())
