"""Groups of pairs that teach a cross-encoder what its first stage knows already.

A model that never read two texts together learns little from the few pairs that are judged. So
sentences of the corpus serve as queries, as in the inverse cloze task (Lee et al., 2019), and
the order in which the first stage's cosine ranks passages for them is learned beside the
judgments: knowledge distillation (Hinton et al., 2015), list by list.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.sentences import sentence_spans
from retrieval.engine.index import Index
from retrieval.engine.reranking.lists import PassageTexts
from retrieval.engine.reranking.mining import MinedPairs
from retrieval.query.hybrid import rank_texts
from retrieval.query.modes import ModeOptions, SearchMode
from retrieval.store.reader import Snapshot
from retrieval.vectors import exact_scores

TEMPERATURE = 0.05
"""Of the softmax that makes shares of cosines."""
LEAST_WORDS = 4
"""Of a sentence that asks for something."""
BANDS = ((0, 1), (1, 6), (6, 20), (20, 60))
"""Ranks of each of which one passage is drawn."""
STRANGERS = 2
"""Passages drawn from the whole index."""


def imitated_pairs(index: Index, count: int, *, seed: int) -> MinedPairs:
    """Return groups of a sentence with passages near and far, by shares of their cosines.

    Args:
        index: Whose passages are read and searched.
        count: Sentences at most; passages without any give none.
        seed: Of the draws.
    """
    texts, found = PassageTexts(index.snapshot), MinedPairs()
    generator = np.random.default_rng(seed)
    places = live_rows(index.snapshot)
    sentences = []
    for at in generator.permutation(len(places))[:count].tolist():
        sentence = drawn_sentence(texts.of_row(place_of(places, at)), generator)
        if sentence:
            sentences.append(sentence)
    if not sentences:
        return found
    vectors = index.encoder.encode_queries(sentences)
    depth = min(BANDS[-1][1], len(places))
    mode = ModeOptions(mode=SearchMode.DENSE)
    for sentence, vector in zip(sentences, vectors, strict=True):
        (ranked,) = rank_texts(index.snapshot, [sentence], vector[np.newaxis], depth, mode)
        order = ranked.ranking
        near = np.stack([order.segments, order.ordinals, order.rows], axis=1)
        ranks = [int(generator.integers(low, high)) for low, high in BANDS]
        drawn = [place_of(near, rank) for rank in ranks if rank < len(near)]
        far = generator.integers(len(places), size=STRANGERS).tolist()
        rows = list(dict.fromkeys([*drawn, *(place_of(places, at) for at in far)]))
        cosines = np.array(
            [
                exact_scores(index.snapshot.segments[segment].vectors[row : row + 1], vector)[0]
                for segment, _, row in rows
            ]
        )
        shares = np.exp((cosines - cosines.max()) / TEMPERATURE)
        found.add(sentence, [texts.of_row(row) for row in rows], (shares / shares.sum()).tolist())
    return found


def live_rows(snapshot: Snapshot) -> NDArray[np.int64]:
    """Return segment, ordinal and row of each passage of documents not deleted: (n, 3)."""
    parts = []
    for number, segment in enumerate(snapshot.segments):
        owners = np.repeat(
            np.arange(len(segment.passage_starts) - 1), np.diff(segment.passage_starts)
        )
        columns = np.stack([np.full_like(owners, number), owners, np.arange(len(owners))], axis=1)
        parts.append(columns[~np.asarray(segment.deleted)[owners]])
    return np.concatenate(parts) if parts else np.empty((0, 3), dtype=np.int64)


def place_of(places: NDArray[np.int64], at: int) -> tuple[int, int, int]:
    """Return segment, ordinal and row at a position."""
    segment, ordinal, row = places[at].tolist()
    return segment, ordinal, row


def drawn_sentence(text: str, generator: np.random.Generator) -> str:
    """Return one of a passage's sentences that are long enough; empty if none is."""
    every = [text[one.start : one.end].strip() for one in sentence_spans(text)]
    long = [one for one in every if len(one.split()) >= LEAST_WORDS]
    return long[int(generator.integers(len(long)))] if long else ""
