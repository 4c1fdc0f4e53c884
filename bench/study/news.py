"""News: which of 41 categories a headline is of."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study import splits, training
from bench.study.binary import over_documents
from bench.study.encoding import base_vectors, tuned_encoder
from bench.study.sentiment import duplicates
from bench.study.splits import Split
from bench.study.system import Runs, System, run_facts, spread
from bench.study.work import Outcome, Work
from retrieval.cluster.kmeans import spherical_kmeans
from retrieval.concept.fit import choose_strength, fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.evaluate.agreement import agreement
from retrieval.evaluate.classes import ClassReport, class_report
from retrieval.evaluate.classifier_report import class_average_precision
from retrieval.evaluate.silhouette import cosine_silhouette
from retrieval.train.biencoder.head import read_head
from retrieval.train.biencoder.options import TOKEN
from retrieval.vectors import FloatRows, unit_rows

K = 41
NEAR_SYNONYMS = (
    ("ARTS", "ARTS & CULTURE", "CULTURE & ARTS"),
    ("PARENTS", "PARENTING"),
    ("WORLDPOST", "THE WORLDPOST", "WORLD NEWS"),
    ("STYLE", "STYLE & BEAUTY"),
    ("GREEN", "ENVIRONMENT"),
    ("TASTE", "FOOD & DRINK"),
    ("HEALTHY LIVING", "WELLNESS"),
    ("COLLEGE", "EDUCATION"),
    ("BUSINESS", "MONEY"),
)
"""Categories that the newspaper renamed or hardly tells apart, read off their names alone."""
EPOCHS = 5
"""Of each training: in its second, the classifier's validation accuracy still rose."""
SYSTEMS = (
    System(
        name="classifier",
        told="classifier, layer on the first token",
        runs=Runs.SEEDS,
        trains=True,
        epochs=EPOCHS,
    ),
    System(
        name="dummy-softmax",
        told="fine-tuned with the dummy token, softmax over (u, v, abs(u - v))",
        runs=Runs.SEEDS,
        trains=True,
        epochs=EPOCHS,
    ),
    System(
        name="same-label-pairs",
        told="fine-tuned on pairs of one category or two, nearest mean of a category",
        runs=Runs.SEEDS,
        trains=True,
        epochs=EPOCHS,
    ),
    System(name="untuned-nearest", told="nothing trained, nearest mean of a category"),
    System(name="concepts", told="frozen concepts, one against the rest"),
    System(
        name="kmeans",
        told="zero-shot k-means, k = 41, clusters matched to categories at their best",
        learns=False,
        runs=Runs.SEEDS,
    ),
)


def measure(name: str, chosen: set[str], work: Work) -> dict[str, Any]:
    """Run systems on the headlines, or take what they gave before.

    Args:
        name: Of the collection; there is one.
        chosen: Names of systems.
        work: The choices.
    """
    split = splits.huffpost().with_rows(work.rows)
    rows = cache(lambda: base_vectors(split.name, split.texts, work))
    truth = split.labels_of(split.test)
    systems: dict[str, Any] = {}
    for system in SYSTEMS:
        if system.name not in chosen:
            continue
        outcomes = [
            work.kept(
                f"news/{name}/{system.name}",
                seed,
                lambda system=system, seed=seed: run(  # type: ignore[misc]
                    system, split, rows, work, seed
                ),
            )
            for seed in range(system.count(work))
        ]
        figures = cluster_figures if system.name == "kmeans" else class_figures
        systems[system.name] = {
            **figures(outcomes, truth, split.classes),
            "from": run_facts(system, outcomes, work, split.full),
        }
    return {
        "split": {
            "told": split.told,
            "train": len(split.train),
            "train_full": split.full,
            "validation": len(split.validation),
            "test": len(split.test),
            "dropped": split.dropped,
            "classes": len(split.classes),
            "duplicates": duplicates(split, rows()),
        },
        "near_synonyms": [list(group) for group in NEAR_SYNONYMS],
        "systems": systems,
    }


def run(
    system: System, split: Split, rows: Callable[[], FloatRows], work: Work, seed: int
) -> Outcome:
    """Run a system once."""
    name = f"news/{split.name}/{system.name}"
    if not system.trains:
        rows()  # encoding is not what is timed
    started = time.perf_counter()
    match system.name:
        case "kmeans":
            found = spherical_kmeans(rows(), K, seed=seed)
            facts = {"train_s": time.perf_counter() - started}
            widths = cosine_silhouette(rows(), found.groups)
            arrays = {"groups": found.groups[split.test], "silhouette": widths[split.test]}
            return Outcome(arrays=arrays, facts=facts)
        case "untuned-nearest":
            scores = nearest_class(rows(), split)
            return Outcome(arrays={"test": scores}, facts={"train_s": taken(started)})
        case "concepts":
            scores = one_against_rest(rows(), split)
            return Outcome(arrays={"test": scores}, facts={"train_s": taken(started)})
        case "classifier":
            folder, facts = training.classifier("cls", split, work, name, seed, None)
            texts = split.texts_of(split.test)
            labels, chances = training.class_probabilities(folder, texts)
            return Outcome(arrays={"test": in_order(chances, labels, split)}, facts=facts)
        case "dummy-softmax":
            folder, facts = training.labelled_biencoder(
                "dummy-softmax", split, work, name, seed, None
            )
            head = read_head(folder)
            with tuned_encoder(folder, work) as encoder:
                asked = encoder.encode_passages(split.texts_of(split.test))
                logits = head.logits(asked, encoder.encode_queries([TOKEN])[0])
            return Outcome(arrays={"test": in_order(logits, head.labels, split)}, facts=facts)
        case _:
            folder, facts = training.labelled_biencoder(
                "same-label-pairs", split, work, name, seed, None
            )
            tuned = np.zeros_like(rows())
            with tuned_encoder(folder, work) as encoder:
                for part in (split.train, split.test):
                    tuned[part] = encoder.encode_passages(split.texts_of(part))
            return Outcome(arrays={"test": nearest_class(tuned, split)}, facts=facts)


def taken(started: float) -> float:
    """Return seconds since a moment."""
    return time.perf_counter() - started


def in_order(scores: NDArray[Any], labels: Sequence[str], split: Split) -> NDArray[np.float64]:
    """Return scores with a column for each class of the split; -inf is no score."""
    found = np.full((len(scores), len(split.classes)), np.finfo(np.float32).min, dtype=np.float64)
    for column, label in enumerate(labels):
        found[:, split.classes.index(label)] = scores[:, column]
    return found


def nearest_class(rows: FloatRows, split: Split) -> NDArray[np.float64]:
    """Return cosines of test rows to the mean of each class: float64 (n, classes)."""
    labels = np.array(split.labels_of(split.train))
    means = [
        rows[split.train[labels == label]].mean(axis=0)
        if (labels == label).any()
        else np.zeros(rows.shape[1], dtype=np.float32)
        for label in split.classes
    ]
    return (rows[split.test] @ unit_rows(np.stack(means)).T).astype(np.float64)


def one_against_rest(rows: FloatRows, split: Split) -> NDArray[np.float64]:
    """Return log-odds of test rows by a frozen concept a class: float64 (n, classes)."""
    labels = np.array(split.labels_of(split.train))
    known, asked = (DocumentRows.of_means(rows[part]) for part in (split.train, split.test))
    held_out = np.arange(len(labels)) % 5 == 0
    strength = None
    found = []
    for label in split.classes:
        is_it = labels == label
        if strength is None:
            # chosen once, on the first class: the classes are of one size
            strength = choose_strength(known, is_it, prior=None, held_out=held_out)
        solution = fit_rows(known, is_it, prior=None, strength=strength)
        found.append(asked.scores(solution.weights.astype(np.float32)) + solution.intercept)
    return np.stack(found, axis=1)


def class_figures(
    outcomes: Sequence[Outcome], truth: Sequence[str], classes: Sequence[str]
) -> dict[str, Any]:
    """Return accuracy, F1 and AP of a system's runs, and the classes of the first run."""
    accuracy, joined, macro_f1, macro_ap, right = [], [], [], [], []
    reports: list[ClassReport] = []
    for one in outcomes:
        scores = one.arrays["test"]
        given = [classes[at] for at in scores.argmax(axis=1).tolist()]
        report = class_report(truth, given, labels=classes)
        reports.append(report)
        right.append([is_it == told for is_it, told in zip(truth, given, strict=True)])
        accuracy.append(report.accuracy)
        joined.append(class_report(synonyms(truth), synonyms(given)).accuracy)
        macro_f1.append(report.macro.f1)
        precision = class_average_precision(truth, scores, classes)
        macro_ap.append(float(np.mean([ap for ap in precision if ap is not None])))
    first = reports[0]
    each = over_documents(np.mean(np.array(right, dtype=np.float64), axis=0))
    return {
        "accuracy": {**spread(accuracy), **each},
        "merged_accuracy": spread(joined),
        "macro_F1": spread(macro_f1),
        "macro_AP": spread(macro_ap),
        "classes": [
            [
                one.label,
                round(one.precision, 4),
                round(one.recall, 4),
                round(one.f1, 4),
                one.support,
            ]
            for one in first.classes
        ],
        "confusion": [list(row) for row in first.confusion],
    }


def synonyms(labels: Sequence[str]) -> list[str]:
    """Return labels, near-synonyms under the first of their names."""
    first = {name: group[0] for group in NEAR_SYNONYMS for name in group}
    return [first.get(label, label) for label in labels]


def cluster_figures(
    outcomes: Sequence[Outcome], truth: Sequence[str], classes: Sequence[str]
) -> dict[str, Any]:
    """Return how far clusters agree with classes, and how well they are apart."""
    found = [agreement(truth, one.arrays["groups"]) for one in outcomes]
    joined = [agreement(synonyms(truth), one.arrays["groups"]) for one in outcomes]
    return {
        "accuracy": spread([one.matched_accuracy for one in found]),
        "merged_accuracy": spread([one.matched_accuracy for one in joined]),
        "silhouette": spread([float(one.arrays["silhouette"].mean()) for one in outcomes]),
        "v_measure": spread([one.v_measure for one in found]),
        "adjusted_rand": spread([one.adjusted_rand for one in found]),
    }
