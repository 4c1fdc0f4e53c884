"""Filtered searches of random corpora, compared with scoring every document in the obvious way.

Brute force shares nothing with the search but the vectors, BM25's scores of all passages (which
``tests/lexical`` compares with plain dictionaries), and the formulas of the two fusions.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.filters.tree import Filter
from retrieval.lexical.bm25 import Bm25Options
from retrieval.query.convex import convex
from retrieval.query.filter_parsing import parse_filter
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import Fusion, ModeOptions, SearchMode
from retrieval.query.reciprocal_rank import RANKED, reciprocal_ranks
from retrieval.records import Document
from retrieval.store.local import LocalStore
from retrieval.store.ranking import Ranking
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores, unit_rows
from tests.filters.corpora import holds, random_documents, random_filter
from tests.store.documents import DIM, FakeEncode, store_at

_TEXTS = ("alpha", "beta gamma", "delta delta alpha", "omega")


@dataclass(frozen=True)
class Scored:
    """A document with what the obvious way knows of it."""

    document: Document
    dense: float
    lexical: float


def random_store(folder: Path, chance: random.Random) -> LocalStore:
    """Return a store of one to several segments, with deletions, merges and spills."""
    store = store_at(folder, spill_passages=chance.choice([7, 4096]))
    first = 0
    for _ in range(chance.randrange(1, 5)):
        count = chance.randrange(1, 40)
        numbers = chance.sample(range(first, first + 2 * count), count)
        store.upsert(random_documents(chance, sorted(numbers)), FakeEncode())
        first = chance.choice([first, first + count])
        if chance.random() < 0.5:
            names = [one.document.doc_id for one in store.scan()]
            store.delete(chance.sample(names, len(names) // chance.choice([2, 5, 10])))
    return store


def every_document(snapshot: Snapshot, row: np.ndarray, text: str) -> list[Scored]:
    """Score every live document that a search can find."""
    words = snapshot.words.score(text, Bm25Options())
    found = []
    for segment, passages in zip(snapshot.segments, words, strict=True):
        for ordinal in segment.live_ordinals():
            document = segment.document(ordinal)
            start, end = segment.passage_starts[ordinal : ordinal + 2].tolist()
            if not document.is_empty:
                dense = float(exact_scores(segment.vectors[start:end], row).max())
                found.append(Scored(document, dense, float(passages[start:end].max())))
    return found


def ranked(documents: Sequence[Scored], scores: Sequence[float]) -> list[tuple[str, float]]:
    """Return ids with their scores, by score descending, then id ascending."""
    pairs = [(one.document.doc_id, score) for one, score in zip(documents, scores, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0].encode()))


def wanted_ranking(
    everything: Sequence[Scored], fitting: Sequence[Scored], options: ModeOptions
) -> list[tuple[str, float]]:
    """Rank the documents that fit, by scores that know of all documents."""
    if options.mode is SearchMode.DENSE:
        return ranked(fitting, [one.dense for one in fitting])
    if options.mode is SearchMode.LEXICAL:
        return [pair for pair in ranked(fitting, [one.lexical for one in fitting]) if pair[1] > 0]
    if options.fusion is Fusion.RRF:
        sides = [
            ranked(fitting, [one.dense for one in fitting])[:RANKED],
            [p for p in ranked(fitting, [one.lexical for one in fitting]) if p[1] > 0][:RANKED],
        ]
        places = [{name: at + 1 for at, (name, _) in enumerate(side)} for side in sides]
        fused = np.zeros(len(fitting))
        for side in places:
            own = np.array([side.get(one.document.doc_id, 0) for one in fitting], dtype=np.int64)
            fused += reciprocal_ranks(own)
        return ranked(fitting, fused.tolist())
    fused = convex(
        np.array([one.dense for one in fitting]),
        np.array([one.lexical for one in fitting]),
        greatest_dense=max((one.dense for one in everything), default=0.0),
        greatest_lexical=max((one.lexical for one in everything), default=0.0),
        weight=0.6,
    )
    return ranked(fitting, fused.tolist())


MODES = (
    ModeOptions(mode=SearchMode.DENSE),
    ModeOptions(mode=SearchMode.LEXICAL),
    ModeOptions(mode=SearchMode.HYBRID, weight=0.6),
    ModeOptions(mode=SearchMode.HYBRID, fusion=Fusion.RRF),
)


def check_corpus(folder: Path, seed: int, trees: int) -> int:
    """Check random filters on a random corpus, in every mode.

    Returns:
        How many filters were checked, each in every mode.

    Raises:
        AssertionError: A search found other documents, in another order or with other scores.
    """
    chance = random.Random(seed)
    store = random_store(folder, chance)
    snapshot = store.snapshot
    types = {name: str(found) for name, found in snapshot.fields.items()}
    if not types:
        return 0
    generator = np.random.default_rng(seed)
    for number in range(trees):
        tree = random_filter(chance, types)
        assert repr(parse_filter(str(tree))) == repr(tree)
        row = unit_rows(generator.standard_normal((1, DIM)))
        text = chance.choice(_TEXTS)
        everything = every_document(snapshot, row[0], text)
        fitting = [one for one in everything if holds(tree, one.document.metadata, types)]
        k = chance.choice([1, 3, 10, 1000])
        for options in MODES:
            where = f"seed {seed}, filter {number}: {tree}, k {k}, {options.mode} {options.fusion}"
            _check(snapshot, tree, (row, text, k), options, everything, fitting, where)
    return trees


def _check(
    snapshot: Snapshot,
    tree: Filter,
    asked: tuple[np.ndarray, str, int],
    options: ModeOptions,
    everything: Sequence[Scored],
    fitting: Sequence[Scored],
    where: str,
) -> None:
    row, text, k = asked
    (found,) = rank_texts(snapshot, [text], row, k, options, allowed=snapshot.select(tree))
    wanted = wanted_ranking(everything, fitting, options)[:k]
    assert names_of(snapshot, found.ranking) == [name for name, _ in wanted], where
    assert found.ranking.scores.tolist() == [score for _, score in wanted], where


def names_of(snapshot: Snapshot, ranking: Ranking) -> list[str]:
    """Return the ids of a ranking."""
    return [
        snapshot.segments[segment].doc_id(ordinal)
        for segment, ordinal in zip(
            ranking.segments.tolist(), ranking.ordinals.tolist(), strict=True
        )
    ]
