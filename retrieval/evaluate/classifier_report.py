"""What a classifier is worth: its classes beside the true ones, and its ranking of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import UsageError
from retrieval.evaluate.classes import ClassReport, class_report
from retrieval.evaluate.scored_labels import ScoredLabels


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifierReport:
    """A classifier measured on labelled texts.

    Attributes:
        model: How it was asked for.
        source: Where the texts came from.
        label_field: Field of the true classes.
        runtime: What it ran on.
        classes: Every class: those of the model in its order, then others that occur, sorted.
        report: Right and wrong classes.
        average_precision: Of each class, all texts ranked by its probability; None where no
            text is of it, or the model does not know it.
        unknown: Texts whose true class the model does not know; they count as wrong.
        rejected: Rows without text or class, which were left out.
    """

    model: str
    source: str
    label_field: str
    runtime: str
    classes: tuple[str, ...]
    report: ClassReport
    average_precision: tuple[float | None, ...]
    unknown: int
    rejected: int

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, without schema version."""
        return asdict(self)


def classifier_report(
    truth: Sequence[str],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    *,
    model: str,
    source: str,
    label_field: str,
    runtime: str,
    rejected: int = 0,
) -> ClassifierReport:
    """Measure a classifier.

    Args:
        truth: The class of each text, (n,).
        probabilities: float64 (n, classes), in the order of ``labels``.
        labels: The model's classes.
        model: How the model was asked for.
        source: Where the texts came from.
        label_field: Field of the true classes.
        runtime: What the model ran on.
        rejected: Rows left out.

    Raises:
        UsageError: There are no texts, or the columns do not fit each other.
    """
    if probabilities.shape != (len(truth), len(labels)):
        raise UsageError(
            f"Probabilities have the shape {probabilities.shape}; expected"
            f" {(len(truth), len(labels))}."
        )
    others = sorted(set(truth) - set(labels))
    classes = (*labels, *others)
    predicted = [labels[column] for column in probabilities.argmax(axis=1)] if len(truth) else []
    return ClassifierReport(
        model=model,
        source=source,
        label_field=label_field,
        runtime=runtime,
        classes=classes,
        report=class_report(truth, predicted, labels=classes),
        average_precision=(
            *class_average_precision(truth, probabilities, labels),
            *(None for _ in others),
        ),
        unknown=sum(one in set(others) for one in truth),
        rejected=rejected,
    )


def class_average_precision(
    truth: Sequence[str], probabilities: NDArray[np.float64], labels: Sequence[str]
) -> tuple[float | None, ...]:
    """Return the AP of each class, all texts ranked by its log-odds.

    ``s_c = log p_c - log(1 - p_c)``, which orders as ``p_c`` does; p_c: probability of class
    c. The probabilities are compared themselves, so nothing overflows.

    Args:
        truth: The class of each text, (n,).
        probabilities: float64 (n, classes), in the order of ``labels``.
        labels: The classes.

    Returns:
        For each class AP in [0, 1]; None where no text is of it.
    """
    column = np.asarray(truth, dtype=object)
    found: list[float | None] = []
    for number, label in enumerate(labels):
        is_it = np.asarray(column == label, dtype=bool)
        scored = ScoredLabels.from_columns(is_it, probabilities[:, number])
        found.append(scored.average_precision() if is_it.any() else None)
    return tuple(found)
