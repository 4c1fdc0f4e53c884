"""Concepts on rt_polarity: what labels buy, what probabilities are worth, what learning costs.

Sentences of film reviews, half of them positive, encoded once by the bundled model. The split is
``default_rng(0).permutation``: the first 8,530 are training rows, the last 853 of these validation
rows, the 2,132 others the test. Labels are drawn from training rows without the validation rows;
the contrast pairs were chosen on validation rows; each system reads the test once.

*ranking*: AP on the test rows, ten draws of labels. *calibration*: probabilities of test rows from
1,000 labels drawn at random, as they are and with positives thinned out to 5 % and 1 %, beside the
error a perfect model would show. *promise*: how often, of a hundred draws, the set of
``--min-precision 0.9`` has a lower precision among documents without labels, or is refused.
*audit*: labels chosen evenly of each kind where 5 % are positive, then documents judged. *speed*:
1,000 labels on 100,000 passages, real vectors resampled with noise (normal, 0.02 an axis);
``with_report`` is all that ``concept fit`` does: fifty fold models, intervals left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import retrieval
from bench import pairing, provenance
from retrieval.cluster.documents import document_rows
from retrieval.concept.audit import recalibrate
from retrieval.concept.calibration import calibrate, calibration_errors
from retrieval.concept.crossfit import crossfit, ranker_of, stratified_folds
from retrieval.concept.fit import choose_strength, contrast_direction, direction_of, fit_rows
from retrieval.concept.promise import cuts_of, promise
from retrieval.concept.rows import DocumentRows
from retrieval.evaluate.scored_labels import ScoredLabels
from retrieval.index.exact import ExactIndex
from retrieval.vectors import FloatRows, unit_rows

TRAIN, VALIDATION = 8530, 853
DRAWS = 10
PAIRS = (
    ("positive review", "negative review"),
    ("a great film", "a terrible film"),
    ("I loved it", "I hated it"),
    ("good", "bad"),
)
SIZES = (20, 50, 200, 1000)
PRECISION = 0.9
PASSAGES = 100_000
TOP = 100
Labels = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reviews:
    """The collection: vectors, labels, and which rows are for what."""

    vectors: FloatRows
    labels: Labels
    train: Rows
    test: Rows
    text: FloatRows
    against: FloatRows

    def documents(self, rows: Rows) -> DocumentRows:
        return DocumentRows.of_means(self.vectors[rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="folder of indexes, kept; else a temporary one")
    parser.add_argument("--draws", type=int, default=100, help="of promises")
    parser.add_argument("--runs", type=int, default=9, help="of the speed")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reviews = read_reviews(Path(folder), chosen.home or Path(folder) / "indexes")
    figures = {
        "documents": len(reviews.labels),
        "test": len(reviews.test),
        "pairs": [list(pair) for pair in PAIRS],
        "ranking": ranking(reviews),
        "calibration": calibration(reviews),
        "promise": promises(reviews, chosen.draws),
        "audit": audits(reviews),
        "speed": speed(reviews, chosen.runs),
    }
    provenance.record("concepts", figures)


def read_reviews(folder: Path, home: Path) -> Reviews:
    """Index the sentences, or take the index that is there, and return them in order."""
    packed = provenance.data_folder() / "rt_polarity" / "rt_polarity.csv.gz"
    with gzip.open(packed, "rb") as source:
        every = list(csv.DictReader(io.TextIOWrapper(source, "utf-8")))
    corpus = folder / "rt_polarity.jsonl"
    lines = (
        json.dumps({"id": f"t{number:05d}", "text": one["text"], "label": one["label"]})
        for number, one in enumerate(every)
    )
    corpus.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    with retrieval.build(corpus, home=home, offline=True, add=True) as index:
        documents = document_rows(index.snapshot)
        texts = index.encoder.encode_queries([one for pair in PAIRS for one in pair])
    order = np.random.default_rng(0).permutation(len(every))
    return Reviews(
        vectors=np.array(documents.rows),
        labels=np.array([one["label"] == "pos" for one in every]),
        train=order[: TRAIN - VALIDATION],
        test=order[TRAIN:],
        text=texts[::2],
        against=texts[1::2],
    )


def ranking(reviews: Reviews) -> dict[str, Any]:
    """Return AP on the test rows, of texts and by number of labels."""
    asked, truth = reviews.documents(reviews.test), reviews.labels[reviews.test]

    def ap(direction: NDArray[np.floating]) -> float:
        scores = asked.scores(direction.astype(np.float32))
        return ScoredLabels.from_columns(truth, scores).average_precision()

    one = contrast_direction(reviews.text[:1], reviews.against[:1])
    four = contrast_direction(reviews.text, reviews.against)
    found: dict[str, Any] = {
        "base_rate": round(float(truth.mean()), 4),
        "text": round(ap(reviews.text[0]), 4),
        "one_pair": round(ap(one), 4),
        "four_pairs": round(ap(four), 4),
    }
    priors = {"labels": None, "labels_one_pair": one, "labels_four_pairs": four}
    for name, prior in priors.items():
        found[name] = {
            str(size): mean_of([ap(learned(reviews, size, draw, prior)) for draw in range(DRAWS)])
            for size in SIZES
        }
    everything = DRAWS  # another seed than the draws; only folds depend on it
    for name, prior in priors.items():
        found[name]["all"] = round(ap(learned(reviews, len(reviews.train), everything, prior)), 4)
    return found


def learned(
    reviews: Reviews, size: int, seed: int, prior: NDArray[np.float64] | None
) -> NDArray[np.float32]:
    """Return the direction learned from labels drawn at random."""
    generator = np.random.default_rng([seed, size])
    rows = drawn(reviews.labels, reviews.train, size, generator)
    documents, labels = reviews.documents(rows), reviews.labels[rows]
    folds = stratified_folds(labels, rows, 5, generator)
    strength = choose_strength(documents, labels, prior=prior, held_out=folds == 0)
    return direction_of(fit_rows(documents, labels, prior=prior, strength=strength))


def drawn(labels: Labels, among: Rows, size: int, generator: np.random.Generator) -> Rows:
    """Draw rows until there are five of each kind, which the product asks for."""
    while True:
        rows = generator.choice(among, size, replace=False)
        if 5 <= labels[rows].sum() <= size - 5:
            return rows


def thinned(reviews: Reviews, rows: Rows, share: float | None, seed: int) -> Rows:
    """Leave out positives at random until they are this share; None leaves rows as they are."""
    if share is None:
        return rows
    positive, negative = rows[reviews.labels[rows]], rows[~reviews.labels[rows]]
    kept = round(len(negative) * share / (1 - share))
    generator = np.random.default_rng([seed, round(1 / share)])
    return np.concatenate([generator.choice(positive, kept, replace=False), negative])


MIXES = {"as_they_are": None, "5_percent": 0.05, "1_percent": 0.01}


def calibration(reviews: Reviews) -> dict[str, Any]:
    """Return errors of probabilities of test rows, 1,000 random labels, beside the floor."""
    found: dict[str, Any] = {}
    for name, share in MIXES.items():
        errors, floors, over = [], [], []
        for draw in range(DRAWS):
            generator = np.random.default_rng([draw, 17])
            train = thinned(reviews, reviews.train, share, draw)
            test = thinned(reviews, reviews.test, share, draw)
            rows = drawn(reviews.labels, train, 1000, generator)
            corpus = reviews.documents(np.concatenate([train, test]))
            labels = reviews.labels[rows]
            documents = reviews.documents(rows)
            solution = fit_rows(documents, labels, prior=None, strength=1.0)
            crossed = crossfit(
                documents, labels, rows, corpus, prior=None, start=solution, seed=draw
            )
            curve = calibrate(crossed.scores[0], labels, crossed.fold_of, seed=draw).curve
            scores = ranker_of(solution, corpus).score(reviews.documents(test))
            told = calibration_errors(curve.probabilities(scores), reviews.labels[test], seed=draw)
            errors.append(told.ece)
            floors.append(told.ece_floor)
            over.append(told.ece - told.ece_floor)
        found[name] = {
            "labels": 1000,
            "test": len(test),
            "ece": mean_of(errors),
            "ece_floor": mean_of(floors),
            "above_floor": mean_of(over),
        }
    return found


def promises(reviews: Reviews, draws: int) -> dict[str, Any]:
    """Return how often a promised precision is missed, over documents that were not labelled."""
    found: dict[str, Any] = {}
    for name, share in {"as_they_are": None, "5_percent": 0.05}.items():
        for size in (200, 1000):
            missed, refused, sizes, delivered = 0, 0, [], []
            for draw in range(draws):
                generator = np.random.default_rng([draw, size, 23])
                train = thinned(reviews, reviews.train, share, draw)
                test = thinned(reviews, reviews.test, share, draw)
                rows = drawn(reviews.labels, train, size, generator)
                rest = np.concatenate([np.setdiff1d(train, rows), test])
                corpus = reviews.documents(np.concatenate([rows, rest]))
                labels, documents = reviews.labels[rows], reviews.documents(rows)
                solution = fit_rows(documents, labels, prior=None, strength=1.0)
                crossed = crossfit(
                    documents, labels, rows, corpus, prior=None, start=solution, seed=draw
                )
                final = ranker_of(solution, corpus)
                promised = promise(cuts_of(crossed, final, labels, corpus), PRECISION)
                if promised is None:
                    refused += 1
                    continue
                top = final.score(reviews.documents(rest)) >= promised.cut.score
                precision = float(reviews.labels[rest][top].mean())
                missed += precision < PRECISION
                sizes.append(int(top.sum()))
                delivered.append(precision)
            found[f"{name}_{size}"] = {
                "draws": draws,
                "missed": missed,
                "refused": refused,
                "documents": pairing.summary(sizes) if sizes else None,
                "precision": pairing.summary(delivered) if delivered else None,
            }
    return found


def audits(reviews: Reviews) -> dict[str, Any]:
    """Return errors of probabilities after judging a few, with labels chosen evenly."""
    found: dict[str, Any] = {}
    for judged in (0, 50, 200):
        errors, floors = [], []
        for draw in range(DRAWS):
            generator = np.random.default_rng([draw, 31])
            train = thinned(reviews, reviews.train, 0.05, draw)
            test = thinned(reviews, reviews.test, 0.05, draw)
            kinds = [train[reviews.labels[train]], train[~reviews.labels[train]]]
            rows = np.concatenate([generator.choice(kind, 100, replace=False) for kind in kinds])
            corpus = reviews.documents(np.concatenate([train, test]))
            labels, documents = reviews.labels[rows], reviews.documents(rows)
            solution = fit_rows(documents, labels, prior=None, strength=1.0)
            crossed = crossfit(
                documents, labels, rows, corpus, prior=None, start=solution, seed=draw
            )
            curve = calibrate(crossed.scores[0], labels, crossed.fold_of, seed=draw).curve
            final = ranker_of(solution, corpus)
            chances = curve.probabilities(final.score(reviews.documents(test)))
            if judged:
                others = np.setdiff1d(train, rows)
                sample = generator.choice(others, judged, replace=False)
                seen = curve.probabilities(final.score(reviews.documents(sample)))
                chances = recalibrate(seen, reviews.labels[sample]).probabilities(chances)
            told = calibration_errors(chances, reviews.labels[test], seed=draw)
            errors.append(told.ece)
            floors.append(told.ece_floor)
        found[str(judged)] = {"ece": mean_of(errors), "ece_floor": mean_of(floors)}
    return found


def speed(reviews: Reviews, runs: int) -> dict[str, Any]:
    """Return seconds to learn from 1,000 labels and rank 100,000 passages, beside the floor."""
    import faiss
    from sklearn.linear_model import LogisticRegression

    chance = np.random.default_rng(5)
    picked = chance.integers(0, len(reviews.vectors), PASSAGES)
    noise = chance.normal(scale=0.02, size=(PASSAGES, reviews.vectors.shape[1]))
    passages = unit_rows(reviews.vectors[picked] + noise)
    rows = drawn(reviews.labels, reviews.train, 1000, chance)
    documents, labels = reviews.documents(rows), reviews.labels[rows]
    index = ExactIndex.build(passages)
    corpus = DocumentRows.of_means(passages[:20_000])

    def ours() -> None:
        index.search(
            direction_of(fit_rows(documents, labels, prior=None, strength=1.0))[np.newaxis], TOP
        )

    def whole() -> None:
        solution = fit_rows(documents, labels, prior=None, strength=1.0)
        final = ranker_of(solution, corpus)
        crossed = crossfit(documents, labels, rows, corpus, prior=None, start=solution, seed=0)
        calibrate(crossed.scores[0], labels, crossed.fold_of, seed=0)
        cuts_of(crossed, final, labels, corpus)
        index.search(final.direction[np.newaxis], TOP)

    def theirs() -> None:
        model = LogisticRegression(max_iter=1000).fit(documents.rows, labels)
        query = unit_rows(model.coef_)
        faiss.knn(query, passages, TOP, metric=faiss.METRIC_INNER_PRODUCT)

    ways = {"ours": timed(ours), "sklearn_and_scan": timed(theirs), "with_report": timed(whole)}
    seconds = pairing.in_turn(ways, runs)
    return {
        "passages": PASSAGES,
        "labels": len(rows),
        "seconds": {name: pairing.summary(one) for name, one in seconds.items()},
        "ours_over_sklearn": pairing.ratio(seconds["ours"], seconds["sklearn_and_scan"]),
        "with_report_over_sklearn": pairing.ratio(
            seconds["with_report"], seconds["sklearn_and_scan"]
        ),
    }


def timed(call: Callable[[], None]) -> Callable[[], float]:
    def seconds() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return seconds


def mean_of(values: list[float]) -> dict[str, float]:
    """Return mean, least and greatest of several draws."""
    return {
        "mean": round(float(np.mean(values)), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
        "draws": len(values),
    }


if __name__ == "__main__":
    main()
