"""Filtered queries beside the same queries unfiltered, by meaning, words and both.

Passages have real embeddings (pieces of film reviews, resampled with normal noise of 0.02 an
axis) and real words, in one index on disk; a field of random numbers lets 1, 10 and 50 per cent
of them through. Every query has a filter of its own, so that none is kept from the one before. A
query's time is that of the filter and the search, without encoding and without reading hits.
Rounds in turn, one query after another, each ratio within its round. Target: at most twice the
unfiltered query, once by what the index promises of recall, once by exact search.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bench import pairing, provenance, texts
from retrieval.encode.opening import open_encoder
from retrieval.filters.tree import Filter
from retrieval.query.filter_parsing import parse_filter
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.records import Document, PassageOptions, Span
from retrieval.store.local import LocalStore
from retrieval.store.protocol import Passages
from retrieval.store.reader import Snapshot
from retrieval.store.session import WriterSettings
from retrieval.vectors import FloatRows, unit_rows

REAL = 4000
QUERIES = 16
K = 10
KEPT = {"1 %": 10, "10 %": 100, "50 %": 500}
"""Values of the field, out of 1,000, that a filter lets through."""
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    sentences = texts.short_pieces(REAL + QUERIES, words=20)
    encoder = open_encoder(None, offline=True, note=print)
    vectors = encoder.encode_passages(sentences)
    with tempfile.TemporaryDirectory() as folder:
        settings = WriterSettings(
            model=encoder.identity, passages=PassageOptions(), numerics=encoder.numerics
        )
        encoder.close()
        started = time.perf_counter()
        store = filled(Path(folder) / "i", settings, sentences, vectors, chosen.passages)
        built_s = time.perf_counter() - started
        figures = measured(
            store.snapshot, sentences[REAL:], unit_rows(vectors[REAL:]), chosen.rounds
        )
    figures |= {"passages": chosen.passages, "built_s": round(built_s, 1)}
    provenance.record("filters", figures)


def filled(
    folder: Path,
    settings: WriterSettings,
    sentences: Sequence[str],
    vectors: FloatRows,
    count: int,
) -> LocalStore:
    """Return a store of passages drawn from real ones, with noise, and random numbers."""
    chance = np.random.default_rng(0)
    picked = chance.integers(0, REAL, count)
    shares = chance.integers(0, 1000, count)
    words = [sentence.split() for sentence in sentences[:REAL]]

    def documents() -> Iterator[Document]:
        def made(number: int) -> Document:
            # half of one sentence and half of another, so that words are as frequent as in texts
            first, second = words[picked[number]], words[picked[number - 1]]
            text = " ".join([*first[: len(first) // 2], *second[len(second) // 2 :]])
            return Document(
                f"t{number:07d}", text, metadata={"share": int(shares[number]), "lang": "en"}
            )

        return map(made, range(count))

    places = itertools.count()

    def encode(batch: Sequence[Document]) -> list[Passages]:
        own = picked[list(itertools.islice(places, len(batch)))]
        rows = unit_rows(
            vectors[own] + chance.normal(scale=0.02, size=(len(own), vectors.shape[1]))
        )
        return [
            Passages((Span(0, len(one.text)),), rows[at : at + 1], 0)
            for at, one in enumerate(batch)
        ]

    store = LocalStore(folder, settings)
    store.upsert(documents(), encode)
    return store


def measured(
    snapshot: Snapshot, queries: Sequence[str], rows: FloatRows, rounds: int
) -> dict[str, object]:
    """Return the times of filtered and unfiltered queries in each mode, and of a batch."""
    filters: dict[str, list[Filter | None]] = {"unfiltered": [None] * len(queries)}
    for name, width in KEPT.items():
        firsts = [31 * at % (1000 - width) for at in range(len(queries))]
        told = [f"{first} <= share < {first + width}" for first in firsts]
        filters[name] = [parse_filter(text) for text in told]
    found: dict[str, object] = {}
    by_vectors = (SearchMode.DENSE, SearchMode.HYBRID)
    reaches = (("", snapshot, tuple(SearchMode)), (", exact", snapshot.exactly(), by_vectors))
    for reach, seen, modes in reaches:
        for mode in modes:
            options = ModeOptions(mode=mode)
            contestants = {
                name: _asking(seen, queries, rows, options, trees)
                for name, trees in filters.items()
            }
            found[f"{mode}{reach}"] = _compared(pairing.in_turn(contestants, rounds))
    batch = np.concatenate([rows] * (BATCH // len(rows) + 1))[:BATCH]

    def of_a_batch(trees: list[Filter | None]) -> Callable[[], float]:
        def ask() -> float:
            started = time.perf_counter()
            snapshot.search_vectors(batch, K, allowed=snapshot.select(trees[0]))
            return 1000 * (time.perf_counter() - started)

        return ask

    found[f"batch of {BATCH}"] = _compared(
        pairing.in_turn({name: of_a_batch(trees) for name, trees in filters.items()}, 3)
    )
    found["threads"] = os.environ.get("OMP_NUM_THREADS", "default")
    return found


def _asking(
    snapshot: Snapshot,
    queries: Sequence[str],
    rows: FloatRows,
    options: ModeOptions,
    trees: Sequence[Filter | None],
) -> Callable[[], float]:
    """Return what asks every query once, and gives the median in milliseconds."""

    def ask() -> float:
        times = []
        for query, row, tree in zip(queries, rows, trees, strict=True):
            started = time.perf_counter()
            rank_texts(
                snapshot, [query], row[np.newaxis], K, options, allowed=snapshot.select(tree)
            )
            times.append(time.perf_counter() - started)
        return float(1000 * np.median(times))

    return ask


def _compared(times: dict[str, list[float]]) -> dict[str, object]:
    figures: dict[str, object] = {
        f"{name}, ms": pairing.summary(values) for name, values in times.items()
    }
    for name in KEPT:
        figures[f"{name} over unfiltered"] = pairing.ratio(times[name], times["unfiltered"])
    return figures


if __name__ == "__main__":
    main()
