"""Sentiment: which texts are positive, ranked and told apart, by every way there is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.concepts import PAIRS, drawn
from bench.study import splits, training
from bench.study.binary import binary_figures, difference
from bench.study.duplicates import near_texts, shared_texts
from bench.study.encoding import base_encoder, encoding_pace, tuned_encoder, used_vectors
from bench.study.splits import POSITIVE, Split
from bench.study.system import Runs, System, run_facts
from bench.study.work import Outcome, Work
from retrieval.concept.crossfit import stratified_folds
from retrieval.concept.fit import choose_strength, contrast_direction, direction_of, fit_rows
from retrieval.concept.rows import DocumentRows
from retrieval.encode.protocol import Encoder
from retrieval.train.biencoder.head import read_head
from retrieval.train.biencoder.options import TOKEN
from retrieval.vectors import FloatRows

COLLECTIONS: dict[str, Callable[[], Split]] = {
    "rt_polarity": splits.rt_polarity,
    "imdb": splits.imdb,
}
QUERY = PAIRS[0][0]
SIZES = ("20", "50", "200", "1000", "all")
RANKED = 25_000
IMDB_ROWS_ON_CPU = 1_000
IMDB_TESTS_ON_CPU = 2_000
"""Reviews to learn from and to measure on where there is no card: all of them take a day."""

CONCEPTS = tuple(
    System(
        name=f"concept-{size}{ending}",
        told=f"frozen concept, {'all' if size == 'all' else f'{int(size):,}'} labels{told}",
        runs=Runs.ONCE if size == "all" else Runs.DRAWS,
    )
    for ending, told in (("", ""), ("-contrast", ", shrunk towards four contrasts"))
    for size in SIZES
)
SYSTEMS = (
    System(name="text", told=f"text query, “{QUERY}”", learns=False),
    System(
        name="untuned-cosine",
        told=f"cosine to the dummy token `{TOKEN}`, nothing trained",
        learns=False,
    ),
    System(name="contrast", told=f"contrast, “{QUERY}” against “{PAIRS[0][1]}”", learns=False),
    System(name="contrast-4", told="contrast of four pairs of texts", learns=False),
    *CONCEPTS,
    System(
        name="dummy-cosine",
        told=f"fine-tuned towards the dummy token `{TOKEN}` by cosine",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="dummy-softmax",
        told="fine-tuned with the dummy token, softmax over (u, v, abs(u - v))",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="classifier-cls",
        told="classifier, layer on the first token, ranked by log-odds",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="classifier-mean",
        told="classifier, layer on the mean of tokens, ranked by log-odds",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="opposite-pairs",
        told="fine-tuned on pairs, cosine 1 or -1, ranked by the contrast of both classes' means",
        runs=Runs.SEEDS,
        trains=True,
    ),
    System(
        name="cross-encoder",
        told=f"cross-encoder of “{QUERY}” and the text",
        runs=Runs.SEEDS,
        trains=True,
    ),
)
PAIRED = (
    ("classifier-mean", "dummy-cosine"),
    ("classifier-mean", "dummy-softmax"),
    ("text", "contrast"),
    ("concept-all", "dummy-cosine"),
)
"""Baseline and system of each difference."""


def measure(name: str, chosen: set[str], work: Work) -> dict[str, Any]:
    """Run systems on one collection, or take what they gave before.

    Args:
        name: Of the collection.
        chosen: Names of systems.
        work: The choices.
    """
    split = COLLECTIONS[name]()
    if name == "imdb" and work.rows is None and work.tests is None and not training.has_card():
        work = replace(work, rows=IMDB_ROWS_ON_CPU, tests=IMDB_TESTS_ON_CPU)
    every = len(split.test)
    split = split.with_rows(work.rows).with_tests(work.tests)
    sampled = {"subset_tests": len(split.test), "of_tests": every}
    runner = Runner(split, work)
    validation, test = split.positive[split.validation], split.positive[split.test]
    systems: dict[str, Any] = {}
    outcomes: dict[str, list[Outcome]] = {}
    for system in SYSTEMS:
        if system.name not in chosen:
            # what was run before is still compared with what is run now
            outcomes[system.name] = work.finished(
                f"sentiment/{name}/{system.name}", system.count(work)
            )
            continue
        outcomes[system.name] = [
            work.kept(
                f"sentiment/{name}/{system.name}",
                seed,
                lambda system=system, seed=seed: runner.run(system, seed),  # type: ignore[misc]
            )
            for seed in range(system.count(work))
        ]
        systems[system.name] = {
            **binary_figures(outcomes[system.name], validation, test),
            "from": {
                **run_facts(system, outcomes[system.name], work, split.full),
                **(sampled if len(split.test) < every else {}),
            },
        }
    return {
        "split": {
            "told": split.told,
            "train": len(split.train),
            "train_full": split.full,
            "validation": len(split.validation),
            "test": len(split.test),
            "test_positive": round(float(test.mean()), 4),
            "dropped": split.dropped,
            "duplicates": duplicates(split, runner.rows()),
        },
        "systems": systems,
        "differences": {
            f"{system} - {baseline}": difference(outcomes[baseline], outcomes[system], test)
            for baseline, system in PAIRED
            if outcomes[baseline] and outcomes[system]
        },
    }


def duplicates(split: Split, rows: FloatRows) -> dict[str, int]:
    """Return how many test texts are, or nearly are, texts to learn or choose by."""
    known = np.concatenate([split.train, split.validation])
    return {
        "same_text": shared_texts(split.texts_of(known), split.texts_of(split.test)),
        "near_text": near_texts(rows[known], rows[split.test]),
    }


class Runner:
    """Runs systems on one split; vectors of the model as it is are read once."""

    def __init__(self, split: Split, work: Work) -> None:
        self.split = split
        self.work = work
        self.rows = cache(lambda: used_vectors(split, work))
        self.queries = cache(self._queries)

    def _queries(self) -> tuple[FloatRows, float]:
        """Return vectors of every text that is asked, and seconds to encode a text."""
        encoder = base_encoder(self.work)
        try:
            asked = encoder.encode_queries([one for pair in PAIRS for one in pair] + [TOKEN])
            return asked, encoding_pace(encoder, self.split.texts_of(self.split.test))
        finally:
            encoder.close()

    def run(self, system: System, seed: int) -> Outcome:
        """Run a system once."""
        if system.trains:
            name = f"sentiment/{self.split.name}/{system.name}"
            return TRAINED[system.name](self.split, self.work, name, seed)
        asked, pace = self.queries()
        texts, against = asked[:8:2], asked[1:8:2]
        facts: dict[str, Any] = {"encode_25k_s": pace * RANKED}
        if sized := re.fullmatch(r"concept-(\w+?)(-contrast)?", system.name):
            prior = contrast_direction(texts, against) if sized[2] else None
            self.rows()  # encoding is not what is timed
            started = time.perf_counter()
            direction = self._learned(sized[1], prior, seed)
            facts["train_s"] = time.perf_counter() - started
        else:
            ways: dict[str, Callable[[], Any]] = {
                "text": lambda: texts[0],
                "untuned-cosine": lambda: asked[8],
                "contrast": lambda: contrast_direction(texts[:1], against[:1]),
                "contrast-4": lambda: contrast_direction(texts, against),
            }
            direction = ways[system.name]()
        found = by_direction(self.rows(), np.asarray(direction, dtype=np.float32), self.split)
        return Outcome(arrays=found.arrays, facts={**facts, **found.facts})

    def _learned(self, size: str, prior: NDArray[np.float64] | None, seed: int) -> Any:
        """Return the direction learned from labels drawn among rows to learn from."""
        train, labels = self.split.train, self.split.positive
        count = len(train) if size == "all" else min(int(size), len(train))
        generator = np.random.default_rng([seed, count])
        rows = train if count == len(train) else drawn(labels, train, count, generator)
        documents = DocumentRows.of_means(self.rows()[rows])
        folds = stratified_folds(labels[rows], rows, 5, generator)
        strength = choose_strength(documents, labels[rows], prior=prior, held_out=folds == 0)
        return direction_of(fit_rows(documents, labels[rows], prior=prior, strength=strength))


def by_direction(rows: FloatRows, direction: NDArray[np.float32], split: Split) -> Outcome:
    """Score validation and test rows by a direction, and time ranking 25,000."""
    many = rows[np.resize(np.arange(len(rows)), RANKED)]
    started = time.perf_counter()
    np.argsort(-(many @ direction), kind="stable")
    seconds = time.perf_counter() - started
    scores = (rows @ direction).astype(np.float64)
    return scored(scores, split, {"rank_25k_s": seconds})


def scored(scores: NDArray[np.float64], split: Split, facts: dict[str, Any]) -> Outcome:
    """Return an outcome of scores of every row of a split."""
    arrays = {"validation": scores[split.validation], "test": scores[split.test]}
    return Outcome(arrays=arrays, facts=facts)


def tuned_rows(encoder: Encoder, split: Split, *, train: bool) -> tuple[FloatRows, float]:
    """Encode the rows of a split that are asked; return all rows, and seconds of 25,000."""
    asked = training.rows_of(split)
    if train:
        asked = np.concatenate([split.train, asked])
    found = encoder.encode_passages(split.texts_of(asked))
    rows = np.zeros((len(split.texts), found.shape[1]), dtype=np.float32)
    rows[asked] = found
    return rows, encoding_pace(encoder, split.texts_of(split.test)) * RANKED


def _dummy_cosine(split: Split, work: Work, name: str, seed: int) -> Outcome:
    folder, facts = training.labelled_biencoder("dummy-cosine", split, work, name, seed, POSITIVE)
    with tuned_encoder(folder, work) as encoder:
        rows, seconds = tuned_rows(encoder, split, train=False)
        token = encoder.encode_queries([TOKEN])[0]
    found = by_direction(rows, token, split)
    facts = {**facts, **found.facts, "encode_25k_s": seconds}
    return Outcome(arrays=found.arrays, facts=facts)


def _dummy_softmax(split: Split, work: Work, name: str, seed: int) -> Outcome:
    folder, facts = training.labelled_biencoder("dummy-softmax", split, work, name, seed, POSITIVE)
    head = read_head(folder)
    with tuned_encoder(folder, work) as encoder:
        rows, seconds = tuned_rows(encoder, split, train=False)
        token = encoder.encode_queries([TOKEN])[0]
    scores, took = training.timed(lambda: head.log_odds(rows, token, POSITIVE))
    facts = {**facts, "encode_25k_s": seconds, "rank_25k_s": took / len(rows) * RANKED}
    return scored(scores, split, facts)


def _opposite_pairs(split: Split, work: Work, name: str, seed: int) -> Outcome:
    folder, facts = training.labelled_biencoder("opposite-pairs", split, work, name, seed, POSITIVE)
    with tuned_encoder(folder, work) as encoder:
        rows, seconds = tuned_rows(encoder, split, train=True)
    known, labels = rows[split.train], split.positive[split.train]
    direction = contrast_direction(known[labels], known[~labels]).astype(np.float32)
    found = by_direction(rows, direction, split)
    facts = {**facts, **found.facts, "encode_25k_s": seconds}
    return Outcome(arrays=found.arrays, facts=facts)


def _classifier(head: str) -> Callable[[Split, Work, str, int], Outcome]:
    def run(split: Split, work: Work, name: str, seed: int) -> Outcome:
        folder, facts = training.classifier(head, split, work, name, seed, POSITIVE)
        asked = training.rows_of(split)
        started = time.perf_counter()
        labels, chances = training.class_probabilities(folder, split.texts_of(asked))
        took = time.perf_counter() - started
        # log-odds order as the probability does, which cannot overflow
        found = np.zeros(len(split.texts))
        found[asked] = chances[:, labels.index(POSITIVE)]
        return scored(found, split, {**facts, "rank_25k_s": took / len(asked) * RANKED})

    return run


def _crossencoder(split: Split, work: Work, name: str, seed: int) -> Outcome:
    folder, facts = training.crossencoder(QUERY, split, work, name, seed)
    asked = training.rows_of(split)
    found = np.zeros(len(split.texts))
    scores, took = training.timed(
        lambda: training.pair_scores(folder, QUERY, split.texts_of(asked))
    )
    found[asked] = scores
    return scored(found, split, {**facts, "rank_25k_s": took / len(asked) * RANKED})


TRAINED: dict[str, Callable[[Split, Work, str, int], Outcome]] = {
    "dummy-cosine": _dummy_cosine,
    "dummy-softmax": _dummy_softmax,
    "classifier-cls": _classifier("cls"),
    "classifier-mean": _classifier("mean"),
    "opposite-pairs": _opposite_pairs,
    "cross-encoder": _crossencoder,
}
