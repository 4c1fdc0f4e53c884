"""The pairs of a cross-encoder's training: read, checked, split, described."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError
from retrieval.train.classifier.rows import FEW, folded
from retrieval.train.crossencoder.options import CrossencoderOptions
from retrieval.train.plan import RowsFacts, rows_sha256
from retrieval.train.row_files import Problems, field_of, number_in, read_rows, text_in
from retrieval.train.split import split_rows

FIRST_NAMES = ("query", "question", "sentence1", "text1", "anchor", "premise", "first")
SECOND_NAMES = (
    "passage",
    "document",
    "answer",
    "sentence2",
    "text2",
    "positive",
    "hypothesis",
    "second",
)
TARGET_NAMES = ("score", "label", "similarity", "relevance")


@dataclass(frozen=True, slots=True, eq=False)
class ScoredPairs:
    """Pairs of texts with what they are to score.

    Attributes:
        first: First text of each, such as the query.
        second: Second text of each.
        targets: float64 (pairs,), in [0, 1].
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    targets: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)

    @property
    def graded(self) -> bool:
        """Whether there are other targets than 0 and 1."""
        return not bool(np.isin(self.targets, (0.0, 1.0)).all())

    def select(self, rows: NDArray[np.int64]) -> ScoredPairs:
        """Return some of them."""
        return ScoredPairs(
            tuple(self.first[row] for row in rows.tolist()),
            tuple(self.second[row] for row in rows.tolist()),
            self.targets[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossencoderRows:
    """What a cross-encoder is trained and validated on.

    Attributes:
        train: To learn from.
        held_out: To validate on; may be empty.
        facts: Numbers, hashes and how they were split.
        notes: What was decided, one sentence each.
        warnings: What a reader must know, one sentence each.
    """

    train: ScoredPairs
    held_out: ScoredPairs
    facts: RowsFacts
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def graded(self) -> bool:
        """Whether pairs are graded, so that ranks are compared and not two classes."""
        return self.train.graded or self.held_out.graded


def read_crossencoder_rows(
    paths: Sequence[str | os.PathLike[str]], options: CrossencoderOptions
) -> CrossencoderRows:
    """Read pairs and hold some out, all pairs of a first text together.

    Raises:
        InputError: Files or fields are missing, rows lack a text or a number (all are told),
            a score lies outside [0, ``top_score``], or every score is the same.
        UsageError: The share to hold out is none.
    """
    every, note = _read(paths, options)
    if np.all(every.targets == every.targets[0]):
        raise InputError(
            f"Every pair has the score {every.targets[0] * options.top_score:g}; scores that differ"
            " are needed.",
            fix="Add pairs that do not belong together.",
        )
    train, held_out, split = every, every.select(np.array([], dtype=np.int64)), "none"
    if isinstance(options.validation, str):
        held_out, _ = _read([options.validation], options)
        split = f"the file {Path(options.validation).name}"
    else:
        kept, drawn = split_rows(
            [folded(text) for text in every.first],
            [""] * len(every),
            fraction=options.validation,
            seed=options.train.seed,
        )
        train, held_out = every.select(kept), every.select(drawn)
        if len(drawn):
            split = f"{options.validation:g} of the first texts, drawn"
    rows = CrossencoderRows(
        train=train,
        held_out=held_out,
        facts=RowsFacts(
            source=", ".join(Path(one).name for one in paths),
            rows=len(train),
            sha256=_hash(train),
            validation_rows=len(held_out),
            validation_sha256=_hash(held_out) if len(held_out) else "",
            split=split,
        ),
        notes=(),
        warnings=tuple(_warnings(train, held_out)),
    )
    told = f", {len(held_out):,} to validate on ({split})" if len(held_out) else ""
    kind = "graded, measured by Spearman's correlation" if rows.graded else "0 or 1, measured by AP"
    return CrossencoderRows(
        train=train,
        held_out=held_out,
        facts=rows.facts,
        notes=(note, f"{len(train):,} pairs to train on{told}; scores are {kind}."),
        warnings=rows.warnings,
    )


def _read(
    paths: Sequence[str | os.PathLike[str]], options: CrossencoderOptions
) -> tuple[ScoredPairs, str]:
    rows = read_rows(paths)
    first = field_of(rows, options.first_field, FIRST_NAMES, "first text")
    second = field_of(rows, options.second_field, SECOND_NAMES, "second text")
    target = field_of(rows, options.label_field, TARGET_NAMES, "score")
    problems = Problems()
    scores = np.array([number_in(row, target, problems) for row in rows])
    for row, score in zip(rows, scores.tolist(), strict=True):
        if not 0.0 <= score <= options.top_score:
            problems.add(row.place, f"{target!r} is {score:g}, outside 0 to {options.top_score:g}")
    pairs = ScoredPairs(
        tuple(text_in(row, first, problems) for row in rows),
        tuple(text_in(row, second, problems) for row in rows),
        scores / options.top_score,
    )
    problems.raise_any("Correct these rows, leave them out, or say --top-score.")
    return pairs, f"Pairs are in the fields {first!r}, {second!r} and {target!r}."


def _warnings(train: ScoredPairs, held_out: ScoredPairs) -> list[str]:
    found = []
    known = {folded(text) for text in train.first}
    shared = sum(folded(text) in known for text in held_out.first)
    if shared:
        found.append(
            f"{shared:,} of {len(held_out):,} pairs to validate on have a first text that is"
            " trained on, too: the validation is better than the model."
        )
    if not len(held_out):
        found.append("Without rows to validate on, the last weights are kept, whatever they are.")
    elif len(held_out) < FEW:
        found.append(
            f"Only {len(held_out)} pairs to validate on: which weights are best is chance."
        )
    return found


def _hash(pairs: ScoredPairs) -> str:
    columns = zip(pairs.first, pairs.second, pairs.targets.tolist(), strict=True)
    return rows_sha256([list(one) for one in columns])
