"""Rows of files as pairs of texts or texts with labels, checked for their objective."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import InputError, UsageError
from retrieval.train.biencoder.options import BiencoderOptions, Objective
from retrieval.train.row_files import (
    Problems,
    Row,
    field_of,
    label_in,
    number_in,
    text_in,
)

FIRST = ("sentence1", "text1", "anchor", "query", "question", "premise", "first")
SECOND = ("sentence2", "text2", "positive", "passage", "document", "answer", "hypothesis", "second")
TEXT = ("text", "sentence", "review", "headline", "content")
LABEL = ("label", "class", "category")
SCORE = ("score", "similarity", "label")
_POSITIVE_WORDS = ("positive", "pos", "true", "yes", "1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of texts.

    Attributes:
        first: First text of each.
        second: Second text of each.
        labels: Class of each, for ``softmax``; else empty strings.
        targets: float64 (pairs,), what the cosine is to be, or 1 for belonging together
            and 0 for not.
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    labels: tuple[str, ...]
    targets: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.first)

    def select(self, rows: NDArray[np.int64]) -> Pairs:
        """Return some of the pairs."""
        chosen = rows.tolist()
        return Pairs(
            first=tuple(self.first[at] for at in chosen),
            second=tuple(self.second[at] for at in chosen),
            labels=tuple(self.labels[at] for at in chosen),
            targets=self.targets[rows],
        )

    def rows(self) -> list[list[object]]:
        """Return each row as JSON values, to be hashed."""
        columns = zip(self.first, self.second, self.labels, self.targets.tolist(), strict=True)
        return [list(row) for row in columns]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledTexts:
    """Texts with a label each."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def select(self, rows: NDArray[np.int64]) -> LabelledTexts:
        """Return some of the texts."""
        chosen = rows.tolist()
        return LabelledTexts(
            texts=tuple(self.texts[at] for at in chosen),
            labels=tuple(self.labels[at] for at in chosen),
        )

    def rows(self) -> list[list[object]]:
        """Return each row as JSON values, to be hashed."""
        return [list(row) for row in zip(self.texts, self.labels, strict=True)]


def pairs_from(rows: Sequence[Row], options: BiencoderOptions) -> tuple[Pairs, str]:
    """Make pairs of rows.

    Args:
        rows: At least one.
        options: Objective and fields.

    Returns:
        The pairs, and a sentence saying which fields they came from.

    Raises:
        InputError: A field is missing, or rows lack what they need; problems are told together.
    """
    fields, objective = options.fields, options.objective
    first = field_of(rows, fields.first, FIRST, "first text")
    second = field_of(rows, fields.second, SECOND, "second text")
    label = _label_field(rows, options)
    problems = Problems()
    labels, targets = [""] * len(rows), np.ones(len(rows))
    if objective is Objective.SOFTMAX:
        labels = [label_in(row, label or "", problems) for row in rows]
    elif label is not None:
        numbers = [number_in(row, label, problems) for row in rows]
        targets = np.array(numbers) / (options.top_score if objective is Objective.COSINE else 1.0)
        _check_targets(rows, targets, label, objective, problems)
    pairs = Pairs(
        first=tuple(text_in(row, first, problems) for row in rows),
        second=tuple(text_in(row, second, problems) for row in rows),
        labels=tuple(labels),
        targets=targets,
    )
    problems.raise_any("Correct these rows, or leave them out.")
    told = f" and {label!r}" if label is not None else ""
    return pairs, f"Pairs are in the fields {first!r}, {second!r}{told}."


def labelled_from(rows: Sequence[Row], options: BiencoderOptions) -> tuple[LabelledTexts, str]:
    """Make labelled texts of rows; as ``pairs_from``."""
    text = field_of(rows, options.fields.text, TEXT, "text")
    label = field_of(rows, options.fields.label, LABEL, "label")
    problems = Problems()
    found = LabelledTexts(
        texts=tuple(text_in(row, text, problems) for row in rows),
        labels=tuple(label_in(row, label, problems) for row in rows),
    )
    problems.raise_any("Correct these rows, or leave them out.")
    return found, f"Texts are in the field {text!r}, labels in {label!r}."


def positive_label(labels: Sequence[str], wanted: str | None) -> str:
    """Return the label that counts as positive.

    Args:
        labels: Of the rows.
        wanted: As asked for; None for a word that is known to mean it.

    Raises:
        UsageError: It is not there, or it is not said which it is.
    """
    counts = Counter(labels)
    there = ", ".join(f"{name!r} ({count:,})" for name, count in sorted(counts.items())[:12])
    if wanted is not None:
        if wanted not in counts:
            raise UsageError(
                f"No row has the label {wanted!r}, which is to be positive.",
                fix=f"There are {there}.",
            )
        return wanted
    known = [name for name in counts if name.casefold() in _POSITIVE_WORDS]
    if len(known) != 1:
        raise UsageError(
            f"It is not said which label is positive; there are {there}.",
            fix="Name it with --positive.",
        )
    return known[0]


def check_labels(labels: Sequence[str], objective: Objective) -> None:
    """Refuse labels that nothing can be learned from.

    Raises:
        InputError: There is one label only, or more than two where two are needed, or a
            label of one row where its like is needed.
    """
    counts = Counter(labels)
    if len(counts) < 2:
        raise InputError(
            f"Every row has the label {next(iter(counts))!r}; {objective} needs at least two.",
            fix="Add rows of another label.",
        )
    if objective is Objective.OPPOSITE_PAIRS and len(counts) > 2:
        told = ", ".join(sorted(counts)[:5])
        raise InputError(
            f"There are {len(counts)} labels ({told}, ...); {objective} needs two opposite ones.",
            fix="Use same-label-pairs.",
        )
    if objective is Objective.SAME_LABEL_PAIRS and max(counts.values()) < 2:
        raise InputError(f"Every label has one row; {objective} needs several of a label.")


def check_partners(pairs: Pairs) -> None:
    """Refuse pairs of which most have the same partner, for losses with in-batch negatives.

    Raises:
        InputError: They have: each would be a wrong answer to all the others.
    """
    for name, column in (("first", pairs.first), ("second", pairs.second)):
        text, count = Counter(column).most_common(1)[0]
        if len(pairs) > 1 and count * 2 > len(pairs):
            shown = text if len(text) <= 40 else f"{text[:40]}..."
            raise InputError(
                f"{count:,} of {len(pairs):,} rows have the {name} text {shown!r}: with ranking,"
                " every other partner in a step is a wrong answer, and that one is the right one"
                " of all.",
                fix="For a constant partner such as '<s>' use --objective dummy-cosine.",
            )


def _label_field(rows: Sequence[Row], options: BiencoderOptions) -> str | None:
    """Return the field of a pair's label or score; None where it has and needs none."""
    objective, wanted = options.objective, options.fields.label
    if objective is Objective.SOFTMAX:
        return field_of(rows, wanted, LABEL, "class")
    if objective is Objective.COSINE:
        return field_of(rows, wanted, SCORE, "score")
    there = any(name in row.fields for row in rows for name in SCORE)
    return field_of(rows, wanted, SCORE, "label") if wanted or there else None


def _check_targets(
    rows: Sequence[Row],
    targets: NDArray[np.float64],
    label: str,
    objective: Objective,
    problems: Problems,
) -> None:
    """Tell of numbers that an objective cannot use."""
    low, high = float(targets.min()), float(targets.max())
    if objective is Objective.COSINE:
        if not -1.0 <= low <= high <= 1.0:
            raise InputError(
                f"The scores in {label!r} go from {low:g} to {high:g}; a cosine lies in [-1, 1].",
                fix=f"Say which score counts as 1, such as: --top-score {high:g}",
            )
        if low == high:
            raise InputError(f"Every score in {label!r} is {low:g}; scores that differ are needed.")
        return
    for row, target in zip(rows, targets.tolist(), strict=True):
        if objective is Objective.RANKING and target <= 0.0:
            problems.add(
                row.place, f"{label!r} is {target:g}, and ranking learns from pairs that belong"
                " together"
            )  # fmt: skip
        elif objective is Objective.CONTRASTIVE and target not in {0.0, 1.0}:
            problems.add(row.place, f"{label!r} is {target:g}; contrastive needs 0 or 1")
    if objective is Objective.CONTRASTIVE and high == 0.0:
        raise InputError(f"Every {label!r} is 0: there are no pairs that belong together.")
