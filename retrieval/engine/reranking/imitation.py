"""Groups of pairs that teach a cross-encoder what its first stage knows already.

A model that never read two texts together learns little from the few pairs that are judged. So
sentences of the corpus serve as queries, as in the inverse cloze task (Lee et al., 2019), and
the order in which the first stage's cosine ranks passages for them is learned beside the
judgments: knowledge distillation (Hinton et al., 2015), list by list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from retrieval.corpus.sentences import sentence_spans
from retrieval.engine.index import Index
from retrieval.engine.reranking.lists import PassageTexts
from retrieval.engine.reranking.mining import MinedPairs
from retrieval.store.reader import Snapshot
from retrieval.vectors import FloatRows, exact_scores

Row: TypeAlias = tuple[int, int, int]
"""Segment, ordinal and row of a passage."""
TEMPERATURE = 0.05
"""Of the softmax that makes shares of cosines."""
LEAST_WORDS = 4
"""Of a sentence that asks for something."""
BANDS = ((0, 1), (1, 6), (6, 20), (20, 60))
"""Ranks of each of which one passage is drawn."""
STRANGERS = 2
"""Passages drawn from the whole index."""
SEARCHED = 256
"""Sentences searched for at once."""


def imitated_pairs(index: Index, count: int, *, seed: int) -> MinedPairs:
    """Return groups of a sentence with passages near and far, by shares of their cosines.

    Args:
        index: Whose passages are read and searched.
        count: Sentences at most; passages of deleted documents, or without any, give none.
        seed: Of the draws.
    """
    texts, found = PassageTexts(index.snapshot), MinedPairs()
    generator = np.random.default_rng(seed)
    passages = Passages(index.snapshot)
    drawn = generator.choice(len(passages), size=min(count, len(passages)), replace=False)
    read = [texts.of_row(place) for place in map(passages.place, drawn.tolist()) if place]
    sentences = [one for one in (drawn_sentence(text, generator) for text in read) if one]
    for start in range(0, len(sentences), SEARCHED):
        asked = sentences[start : start + SEARCHED]
        vectors = index.encoder.encode_queries(asked)
        for sentence, vector, near in zip(asked, vectors, _nearest(index, vectors), strict=True):
            ranks = [int(generator.integers(low, high)) for low, high in BANDS]
            far = generator.integers(len(passages), size=STRANGERS).tolist()
            places = [near[rank] for rank in ranks if rank < len(near)]
            places += [place for place in map(passages.place, far) if place]
            places = list(dict.fromkeys(places))
            shares = np.exp(
                np.array([passages.cosine(one, vector) for one in places]) / TEMPERATURE
            )
            found.add(
                sentence, [texts.of_row(one) for one in places], (shares / shares.sum()).tolist()
            )
    return found


def _nearest(index: Index, vectors: FloatRows) -> Iterator[list[Row]]:
    """Yield the best passages of the documents nearest to each vector, best first."""
    for found in index.snapshot.search_vectors(vectors, BANDS[-1][1]):
        columns = (found.segments.tolist(), found.ordinals.tolist(), found.rows.tolist())
        yield list(zip(*columns, strict=True))


class Passages:
    """The passages of a snapshot by number, those of deleted documents as well.

    Args:
        snapshot: The generation they are in.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._segments = snapshot.segments
        self._ends = np.cumsum([int(one.passage_starts[-1]) for one in self._segments])

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def place(self, number: int) -> Row | None:
        """Return where a passage lies; None if its document is deleted."""
        at = int(np.searchsorted(self._ends, number, side="right"))
        segment = self._segments[at]
        row = number - (int(self._ends[at - 1]) if at else 0)
        ordinal = int(np.searchsorted(segment.passage_starts, row, side="right")) - 1
        return None if segment.deleted[ordinal] else (at, ordinal, row)

    def cosine(self, place: Row, vector: NDArray[np.float32]) -> float:
        """Return the cosine of a passage and a unit vector."""
        segment, _, row = place
        return float(exact_scores(self._segments[segment].vectors[row : row + 1], vector)[0])


def drawn_sentence(text: str, generator: np.random.Generator) -> str:
    """Return one of a passage's sentences that are long enough; empty if none is."""
    every = [text[one.start : one.end].strip() for one in sentence_spans(text)]
    long = [one for one in every if len(one.split()) >= LEAST_WORDS]
    return long[int(generator.integers(len(long)))] if long else ""
