from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.index.exact import ExactIndex
from retrieval.index.grouping import search_documents
from retrieval.index.reference import ReferenceIndex
from retrieval.testing.vector_index_contract import random_rows, same
from retrieval.vectors import exact_scores

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(seed=SEEDS, count=st.integers(1, 3000), k=st.integers(1, 60), copies=st.integers(1, 4))
def test_exact_search_equals_the_reference(seed: int, count: int, k: int, copies: int) -> None:
    chance = np.random.default_rng(seed)
    rows = random_rows(count, 8, seed)[chance.integers(0, count, count * copies)]
    allowed = chance.random(len(rows)) < chance.random() if seed % 2 else None
    queries = random_rows(3, 8, seed + 1)
    found = ExactIndex.build(rows).search(queries, k, allowed=allowed)
    wanted = ReferenceIndex.build(rows).search(queries, k, allowed=allowed)
    assert all(map(same, found, wanted))


@settings(max_examples=60)
@given(seed=SEEDS, documents=st.integers(1, 400), k=st.integers(1, 40), longest=st.integers(1, 30))
def test_documents_are_ranked_by_their_best_allowed_passage(
    seed: int, documents: int, k: int, longest: int
) -> None:
    chance = np.random.default_rng(seed)
    starts = np.concatenate(([0], np.cumsum(chance.integers(1, longest + 1, documents))))
    rows = np.repeat(random_rows(documents, 8, seed), np.diff(starts), axis=0)
    rows = rows[chance.permutation(len(rows))] if seed % 3 else rows
    allowed = chance.random(len(rows)) < 0.6 if seed % 2 else None
    queries = random_rows(2, 8, seed + 1)
    found = search_documents(
        ExactIndex.build(rows), queries, k, document_starts=starts, allowed=allowed
    )
    for query, one in zip(queries, found, strict=True):
        scores = exact_scores(rows, query)
        if allowed is not None:
            scores[~allowed] = -np.inf
        best = [
            (-scores[a:b].max(), number, a + int(scores[a:b].argmax()))
            for number, (a, b) in enumerate(itertools.pairwise(starts))
        ]
        wanted = sorted(entry for entry in best if entry[0] < np.inf)[:k]
        assert one.documents.tolist() == [number for _, number, _ in wanted]
        assert one.rows.tolist() == [row for _, _, row in wanted]
        assert one.scores.tolist() == [-score for score, _, _ in wanted]
