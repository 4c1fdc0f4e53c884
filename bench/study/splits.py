"""Which rows of a collection are for what: read once, the same for every system.

Validation rows are the last of the training rows in a seeded order; they choose weights and
thresholds. Test rows are read once a system.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.provenance import data_folder
from bench.study.duplicates import folded

Rows: TypeAlias = NDArray[np.int64]
POSITIVE = "pos"
VALIDATING = 4
"""Tests for each validation row of a sample."""
BREAK = re.compile(r"<br\s*/?>")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """Labelled texts, and which of them are for what.

    Attributes:
        name: Of the collection.
        texts: Every text, (n,).
        labels: The class of each, (n,).
        train: Rows to learn from, in a seeded order.
        validation: Rows to choose weights and thresholds by.
        test: Rows to measure on.
        told: How it was split, for the page.
        full: Rows to learn from where this is a subset of them; else as many as there are.
        dropped: Rows left out since their text is that of an earlier row.
    """

    name: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    train: Rows
    validation: Rows
    test: Rows
    told: str
    full: int
    dropped: int = 0

    def with_rows(self, most: int | None) -> Split:
        """Return the split with the first of its rows to learn from."""
        return self if most is None else replace(self, train=self.train[:most])

    def with_tests(self, most: int | None) -> Split:
        """Return the split with a seeded sample of its tests, and a quarter as many validating."""
        if most is None or most >= len(self.test):
            return self
        validation = self.validation[: max(most // VALIDATING, 1)]
        sample = np.sort(np.random.default_rng(1).permutation(self.test)[:most])
        told = (
            f"{self.told}; measured on a sample of {most:,} of {len(self.test):,} of the test,"
            f" validated on {len(validation):,} of {len(self.validation):,}"
        )
        return replace(self, validation=validation, test=sample, told=told)

    @property
    def used(self) -> Rows:
        """Rows that are for anything, each once."""
        return np.unique(np.concatenate([self.train, self.validation, self.test]))

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Whether each text is positive: bool (n,)."""
        return np.array([label == POSITIVE for label in self.labels])

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, sorted."""
        return tuple(sorted(set(self.labels)))

    def texts_of(self, rows: Rows) -> list[str]:
        """Return texts of rows, in their order."""
        return [self.texts[row] for row in rows.tolist()]

    def labels_of(self, rows: Rows) -> list[str]:
        """Return classes of rows, in their order."""
        return [self.labels[row] for row in rows.tolist()]


def read_table(path: str, delimiter: str = ",") -> list[dict[str, str]]:
    """Read the rows of a compressed table among the real collections."""
    with gzip.open(data_folder() / path, "rb") as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed, "utf-8"), delimiter=delimiter))


def rt_polarity() -> Split:
    """Return the sentences of film reviews of Pang and Lee (2005)."""
    every = read_table("rt_polarity/rt_polarity.csv.gz")
    order = np.random.default_rng(0).permutation(len(every))
    return Split(
        name="rt_polarity",
        texts=tuple(one["text"] for one in every),
        labels=tuple(one["label"] for one in every),
        train=order[:7677],
        validation=order[7677:8530],
        test=order[8530:],
        full=7677,
        told=(
            "`default_rng(0).permutation`: the first 8,530 train, the last 853 of these validate,"
            " the rest is the test"
        ),
    )


def imdb() -> Split:
    """Return the film reviews of Maas et al. (2011), less test texts that are in train."""
    train, test = (read_table(f"imdb/imdb_{name}.csv.gz") for name in ("train", "test"))
    texts = [BREAK.sub(" ", one["text"]) for one in (*train, *test)]
    # equal to the byte, as the official parts were compared; looser likeness is only counted
    seen = set(texts[: len(train)])
    kept = [row for row in range(len(train), len(texts)) if texts[row] not in seen]
    order = np.random.default_rng(0).permutation(len(train))
    return Split(
        name="imdb",
        texts=tuple(texts),
        labels=tuple(one["label"] for one in (*train, *test)),
        train=order[:-2500],
        validation=order[-2500:],
        test=np.array(kept, dtype=np.int64),
        full=len(train) - 2500,
        dropped=len(test) - len(kept),
        told=(
            "the official halves less test texts found in train; the last 2,500 of the training"
            " half in the order of `default_rng(0).permutation` validate"
        ),
    )


def huffpost() -> Split:
    """Return headlines of 41 categories, those that occur before left out."""
    every = read_table("huffpost/huffpost_headlines_41.csv.gz")
    seen: set[str] = set()
    kept: list[dict[str, str]] = []
    for one in every:
        text = folded(one["headline"])
        if text and text not in seen:
            seen.add(text)
            kept.append(one)
    labels = np.array([one["category"] for one in kept])
    generator = np.random.default_rng(0)
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for label in sorted(set(labels.tolist())):
        rows = generator.permutation(np.flatnonzero(labels == label)).tolist()
        test, validation = round(0.2 * len(rows)), round(0.08 * len(rows))
        parts[2].extend(rows[:test])
        parts[1].extend(rows[test : test + validation])
        parts[0].extend(rows[test + validation :])
    train = generator.permutation(np.array(parts[0], dtype=np.int64))
    return Split(
        name="huffpost",
        texts=tuple(one["headline"] for one in kept),
        labels=tuple(labels.tolist()),
        train=train,
        validation=np.array(parts[1], dtype=np.int64),
        test=np.array(parts[2], dtype=np.int64),
        full=len(train),
        dropped=len(every) - len(kept),
        told=(
            "headlines that occurred before (case, punctuation and white space aside) are left"
            " out, whatever their category; of each category 20 % are the test, 8 % validate"
        ),
    )
