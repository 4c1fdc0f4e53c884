"""What is said when a concept is fitted."""

from __future__ import annotations

import os
from dataclasses import dataclass

from retrieval.concept.artefact import LabelsAre
from retrieval.concept.rows import Unit
from retrieval.errors import UsageError

MOST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FitOptions:
    """How a concept is fitted.

    Attributes:
        name: What it is called.
        label_field: Field whose values are labels, or field of the label in ``labels``.
        labels: File of labels, by id or text; None to take them from the documents.
        positive: Value that counts as positive; None where labels are true and false.
        negative: Values that count as negative; none for all others.
        texts: Texts of what is looked for; none for the name.
        against: Texts of what is not.
        unit: ``document`` or ``passage``.
        labels_are: ``random`` or ``chosen``.
        prevalence: Share of positives in the corpus, for chosen labels, inside (0, 1).
        seed: Of folds and intervals, at least 0.

    Raises:
        UsageError: Something cannot be, or does not go together.
    """

    name: str
    label_field: str | None = None
    labels: str | os.PathLike[str] | None = None
    positive: str | None = None
    negative: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    unit: Unit = Unit.DOCUMENT
    labels_are: LabelsAre = LabelsAre.CHOSEN
    prevalence: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MOST_NAME or "\n" in self.name:
            raise UsageError(
                f"{self.name[:40]!r} cannot be the name of a concept: it is one line of 1 to"
                f" {MOST_NAME} characters."
            )
        try:
            self.name.encode()
        except UnicodeEncodeError:
            raise UsageError(f"The name {self.name!a} is not valid UTF-8.") from None
        if self.label_field is None and self.labels is None:
            raise UsageError(
                "There are no labels to learn from.",
                fix="Name a field with --label-field FIELD, or a file with --labels FILE.",
            )
        if self.positive is not None and self.positive in self.negative:
            raise UsageError(f"{self.positive!r} is said to be both positive and negative.")
        if any(not one.strip() for one in (*self.texts, *self.against)):
            raise UsageError("A text given for a concept is empty.", fix="Give it a word.")
        if self.prevalence is not None and not 0.0 < self.prevalence < 1.0:
            raise UsageError(f"The prevalence is {self.prevalence}; it is a share between 0 and 1.")
        if self.prevalence is not None and self.labels_are is LabelsAre.RANDOM:
            raise UsageError(
                "--prevalence is for labels that were chosen; a random sample says itself how"
                " frequent positives are.",
                fix="Leave out --prevalence or --labels-are random.",
            )
        if self.seed < 0:
            raise UsageError(f"The seed is {self.seed}; it cannot be negative.")
