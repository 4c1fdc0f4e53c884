"""Authors: who wrote a letter of The Federalist, each essay judged by all the others.

Essays are cut into passages of whole sentences; a model learns from passages of the other
essays, and an essay is its author's whose passages say so on the mean. The twelve essays that
both Hamilton and Madison claimed, and the three written jointly, are an application: there is
no truth to measure by, only the finding of Mosteller and Wallace (1964), who ascribe all
twelve to Madison by the rates of function words.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study import training
from bench.study.binary import over_documents
from bench.study.duplicates import near_texts, shared_texts
from bench.study.encoding import base_vectors
from bench.study.splits import Split, read_table
from bench.study.system import Runs, System, run_facts, spread
from bench.study.work import Outcome, Work
from retrieval.concept.fit import fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.evaluate.classes import class_report
from retrieval.vectors import FloatRows

AUTHORS = ("HAMILTON", "JAY", "MADISON")
OPENING = re.compile(r"^.{0,450}?State of New York[:.]?\s*", re.DOTALL)
SIGNED = re.compile(r"\s*PUBLIUS\b(?!.*PUBLIUS).*$", re.DOTALL)
WORDS = 120
PARTS_ON_CPU = 5
"""Parts that fine-tuning judges the essays in where there is no card, for want of hours: a model
for each essay would be 70 trainings."""
SYSTEMS = (
    System(name="majority", told="always the author of most essays"),
    System(
        name="frozen-classifier",
        told="multinomial logistic regression on frozen vectors, C = 10, authors weigh the same",
    ),
    System(
        name="concepts",
        told="frozen concepts, one author against the others, base rates taken out",
    ),
    System(
        name="fine-tuned",
        told="classifier fine-tuned without the essays it judges, layer on the mean of tokens",
        trains=True,
        runs=Runs.ONCE,
        epochs=10,  # of 25 to 32 steps; after two epochs it answers with the majority
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Essays:
    """Passages of the essays.

    Attributes:
        numbers: Of each essay.
        authors: Of each essay; DISPUTED and JOINT are not known.
        passages: Texts.
        owners: int64 (passages,), the essay of each passage.
    """

    numbers: tuple[int, ...]
    authors: tuple[str, ...]
    passages: tuple[str, ...]
    owners: NDArray[np.int64]

    @property
    def known(self) -> list[int]:
        """Essays of one known author."""
        return [at for at, author in enumerate(self.authors) if author in AUTHORS]

    def parts(self, count: int) -> list[list[int]]:
        """Return essays of known authors in parts, each author's dealt out to all of them."""
        dealt = sorted(self.known, key=lambda at: AUTHORS.index(self.authors[at]))
        return [dealt[start::count] for start in range(count)]

    @property
    def asked(self) -> list[int]:
        """Essays of a disputed author, or of two."""
        return [at for at, author in enumerate(self.authors) if author not in AUTHORS]


def read_essays() -> Essays:
    """Cut the essays into passages, less newspaper, addressee, signature and notes."""
    from retrieval.corpus.sentences import sentence_spans

    every = read_table("federalist/federalist.csv.gz")
    passages: list[str] = []
    owners: list[int] = []
    for at, one in enumerate(every):
        text = SIGNED.sub("", OPENING.sub("", one["text"]))
        current: list[str] = []
        for span in sentence_spans(text):
            current += text[span.start : span.end].split()
            if len(current) >= WORDS:
                passages.append(" ".join(current))
                owners.append(at)
                current = []
        if len(current) >= WORDS // 4:
            passages.append(" ".join(current))
            owners.append(at)
    return Essays(
        numbers=tuple(int(one["number"]) for one in every),
        authors=tuple(one["author"] for one in every),
        passages=tuple(passages),
        owners=np.array(owners, dtype=np.int64),
    )


def measure(name: str, chosen: set[str], work: Work) -> dict[str, Any]:
    """Run systems on the essays, or take what they gave before.

    Args:
        name: Of the collection; there is one.
        chosen: Names of systems.
        work: The choices; ``rows`` does not apply to frozen systems.
    """
    essays = read_essays()
    rows = cache(lambda: base_vectors(name, essays.passages, work))
    truth = [essays.authors[at] for at in essays.known]
    systems: dict[str, Any] = {}
    for system in SYSTEMS:
        if system.name not in chosen:
            continue
        outcome = work.kept(
            f"authors/{name}/{system.name}",
            0,
            lambda system=system: run(system, essays, rows(), work),  # type: ignore[misc]
        )
        told = run_facts(system, [outcome], work, len(essays.passages))
        if (parts := outcome.facts.get("parts", len(essays.known))) < len(essays.known):
            told["judged_in_parts"] = parts
        systems[system.name] = {**essay_figures(outcome, essays, truth), "from": told}
    return {
        "split": {
            "told": "each essay is judged by passages of all other essays of known authors",
            "essays": len(essays.known),
            "passages": len(essays.passages),
            "by_author": {one: truth.count(one) for one in AUTHORS},
            "duplicates": passages_shared(essays, rows()),
        },
        "systems": systems,
    }


def passages_shared(essays: Essays, rows: FloatRows) -> dict[str, int]:
    """Return how many passages are, or nearly are, one of another essay."""
    same = near = 0
    for at in range(len(essays.numbers)):
        own = essays.owners == at
        texts = np.array(essays.passages, dtype=object)
        same += shared_texts(texts[~own].tolist(), texts[own].tolist())
        near += near_texts(rows[~own], rows[own])
    return {"same_text": same, "near_text": near}


def run(system: System, essays: Essays, rows: FloatRows, work: Work) -> Outcome:
    """Judge every essay by the others: scores float64 (essays, authors), passages as well."""
    started = time.perf_counter()
    of_passage = np.zeros((len(essays.passages), len(AUTHORS)))
    facts: dict[str, Any] = {}
    kept_epochs: list[float] = []
    trained_s = 0.0
    known = np.isin(essays.owners, essays.known)
    count = len(essays.known)
    if system.trains and not training.has_card():
        count = PARTS_ON_CPU
    # one model without the asked essays judges all of these; the others need some without them
    groups = [essays.asked, *essays.parts(count)]
    labels = np.array(essays.authors)[essays.owners]
    for number, group in enumerate(groups):
        asked = np.isin(essays.owners, group)
        learned = np.flatnonzero(known & ~asked)
        if system.name == "fine-tuned":
            outcome = work.kept(
                f"authors/essays/fine-tuned-in-{count}",
                number,
                lambda learned=learned, asked=asked, number=number: fine_tuned(  # type: ignore[misc]
                    essays, learned, np.flatnonzero(asked), work, f"in-{count}/{number}"
                ),
            )
            of_passage[asked] = outcome.arrays["test"]
            facts = {
                "device": outcome.facts["device"],
                "parts": count,
                "kept_epochs": kept_epochs,
            }
            trained_s += outcome.facts["train_s"]
            kept_epochs += outcome.facts["kept_epochs"]
        else:
            of_passage[asked] = JUDGES[system.name](rows[learned], labels[learned], rows[asked])
    facts["train_s"] = trained_s or time.perf_counter() - started
    of_essay = np.stack(
        [of_passage[essays.owners == at].mean(axis=0) for at in range(len(essays.numbers))]
    )
    return Outcome(arrays={"essays": of_essay, "passages": of_passage}, facts=facts)


def by_majority(known: FloatRows, labels: NDArray[Any], asked: FloatRows) -> NDArray[np.float64]:
    """Return shares of authors among passages learned from, the same for every passage."""
    shares = np.array([(labels == one).mean() for one in AUTHORS])
    return np.repeat(shares[np.newaxis], len(asked), axis=0)


def by_regression(known: FloatRows, labels: NDArray[Any], asked: FloatRows) -> NDArray[np.float64]:
    """Return probabilities of authors; classes weigh the same, since Hamilton wrote most."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    found: NDArray[np.float64] = model.fit(known, labels).predict_proba(asked)
    return found


def by_concepts(known: FloatRows, labels: NDArray[Any], asked: FloatRows) -> NDArray[np.float64]:
    """Return log-odds of each author against the others, less those of the base rate."""
    learned, others = DocumentRows.of_means(known), DocumentRows.of_means(asked)
    found = []
    for author in AUTHORS:
        is_it = labels == author
        solution = fit_rows(learned, is_it, prior=None, strength=1.0)
        share = is_it.mean()
        scores = others.scores(solution.weights.astype(np.float32)) + solution.intercept
        found.append(scores - np.log(share / (1 - share)))
    return np.stack(found, axis=1)


JUDGES = {"majority": by_majority, "frozen-classifier": by_regression, "concepts": by_concepts}


def fine_tuned(
    essays: Essays, learned: NDArray[np.int64], asked: NDArray[np.int64], work: Work, part: str
) -> Outcome:
    """Fine-tune a classifier without some essays and judge their passages."""
    order = np.random.default_rng(0).permutation(learned)[: work.rows]
    validation = order[: max(len(order) // 10, 1)]
    labels = tuple(np.array(essays.authors)[essays.owners].tolist())
    split = Split(
        name="federalist",
        texts=essays.passages,
        labels=labels,
        train=order[len(validation) :],
        validation=validation,
        test=asked,
        full=len(learned),
        told="",
    )
    name = f"authors/federalist/{part}"
    folder, facts = training.classifier("mean", split, work, name, 0, None)
    found, chances = training.class_probabilities(folder, split.texts_of(asked))
    scores = np.zeros((len(asked), len(AUTHORS)))
    for column, label in enumerate(found):
        scores[:, AUTHORS.index(label)] = chances[:, column]
    return Outcome(arrays={"test": scores}, facts=facts)


def essay_figures(outcome: Outcome, essays: Essays, truth: Sequence[str]) -> dict[str, Any]:
    """Return accuracy over essays of known authors, and what is said of the others."""
    scores = outcome.arrays["essays"]
    given = [AUTHORS[at] for at in scores[essays.known].argmax(axis=1).tolist()]
    report = class_report(truth, given, labels=AUTHORS)
    labels = np.array(essays.authors)[essays.owners]
    known = np.isin(labels, AUTHORS)
    passages = np.array(AUTHORS)[outcome.arrays["passages"].argmax(axis=1)]
    right = [one == other for one, other in zip(truth, given, strict=True)]
    hamilton, madison = AUTHORS.index("HAMILTON"), AUTHORS.index("MADISON")
    return {
        "accuracy": {**spread([report.accuracy]), **over_documents(np.array(right, dtype=float))},
        "balanced_accuracy": round(report.macro.recall, 4),
        "passage_accuracy": round(float((passages == labels)[known].mean()), 4),
        "classes": [[one.label, round(one.recall, 4), one.support] for one in report.classes],
        "application": [
            [
                essays.numbers[at],
                essays.authors[at],
                AUTHORS[int(scores[at].argmax())],
                round(float(scores[at, madison] - scores[at, hamilton]), 4),
            ]
            for at in essays.asked
        ],
    }
