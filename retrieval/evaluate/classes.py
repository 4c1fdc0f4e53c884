"""Right and wrong classes: scikit-learn computes, these records present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from retrieval.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassScores:
    """How well one class is told from the others.

    Attributes:
        label: The class.
        precision: Share of the documents given this class that are of it; 0 if there are none.
        recall: Share of the documents of this class that were given it; 0 if there are none.
        f1: Harmonic mean of both; 0 if the class is neither true nor given anywhere.
        support: Documents of this class.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AverageScores:
    """Precision, recall and F1 averaged over classes; each in [0, 1]."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReport:
    """A classifier's answers beside the truth.

    Attributes:
        documents: Documents classified.
        accuracy: Share of documents given their class, in [0, 1].
        classes: Each class, in the order asked for.
        macro: Averages in which every class counts the same.
        weighted: Averages in which every class counts by its support.
        confusion: Documents of class i (row) given class j (column), in the classes' order.
        undefined: What had no value and was counted as 0, such as ``precision of 'a'``.
    """

    documents: int
    accuracy: float
    classes: tuple[ClassScores, ...]
    macro: AverageScores
    weighted: AverageScores
    confusion: tuple[tuple[int, ...], ...]
    undefined: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)


def class_report(
    truth: Sequence[str], predicted: Sequence[str], *, labels: Sequence[str] | None = None
) -> ClassReport:
    """Compare predicted classes with the true ones.

    Args:
        truth: The class of each document, (n,).
        predicted: The class each was given, (n,).
        labels: Every class there is, in the order to show; None for those that occur, sorted.

    Raises:
        UsageError: The columns do not fit each other, there are no documents, or ``labels``
            names a class twice or lacks one that occurs.
    """
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

    names = _checked(truth, predicted, labels)
    # numbers stand for names: scikit-learn would order and compare the strings themselves
    number = {name: at for at, name in enumerate(names)}
    true, given = [number[name] for name in truth], [number[name] for name in predicted]
    every = list(range(len(names)))
    scores = precision_recall_fscore_support(true, given, labels=every, zero_division=0.0)
    # with one class in all, it would warn of a matrix of one cell: a spare class is cut off
    confusion = confusion_matrix(true, given, labels=[*every, len(names)])[:-1, :-1]
    averages = {}
    for kind in ("macro", "weighted"):
        found = precision_recall_fscore_support(
            true, given, labels=every, average=kind, zero_division=0.0
        )
        averages[kind] = AverageScores(
            precision=float(found[0]), recall=float(found[1]), f1=float(found[2])
        )
    support, answers = confusion.sum(axis=1).tolist(), confusion.sum(axis=0).tolist()
    undefined = [f"precision of {name!r}" for name, n in zip(names, answers, strict=True) if not n]
    undefined += [f"recall of {name!r}" for name, n in zip(names, support, strict=True) if not n]
    undefined += [
        f"F1 of {name!r}"
        for name, n, m in zip(names, answers, support, strict=True)
        if not n and not m
    ]
    return ClassReport(
        documents=len(true),
        accuracy=float(confusion.trace() / len(true)),
        classes=tuple(
            ClassScores(label=name, precision=p, recall=r, f1=f, support=n)
            for name, p, r, f, n in zip(names, *(column.tolist() for column in scores), strict=True)
        ),
        macro=averages["macro"],
        weighted=averages["weighted"],
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        undefined=tuple(undefined),
    )


def _checked(
    truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the names of all classes in the order to show."""
    if len(truth) != len(predicted) or not len(truth):
        raise UsageError(
            f"There are {len(truth)} true and {len(predicted)} predicted classes; expected as"
            " many of one as of the other, and at least 1."
        )
    occurring = {*truth, *predicted}
    if labels is None:
        return tuple(sorted(occurring))
    twice = sorted(name for name in set(labels) if list(labels).count(name) > 1)
    if twice:
        raise UsageError(f"The classes name {twice[0]!r} more than once.")
    missing = sorted(occurring - set(labels))
    if missing:
        raise UsageError(
            f"The class {missing[0]!r} occurs and is not among the {len(labels)} named"
            f" ({len(missing)} such classes).",
            fix="Name every class, or none of them.",
        )
    return tuple(labels)
