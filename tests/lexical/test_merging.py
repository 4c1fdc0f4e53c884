from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.errors import DamagedIndexError
from retrieval.lexical.merging import DROPPED, MergedPostings, merge_postings
from retrieval.lexical.postings import Postings, build_postings
from tests.lexical.made import ANALYZER, counts_of, made_texts


def dealt(
    texts: list[str], run_of: list[int], runs: int
) -> tuple[list[Postings], list[NDArray[np.int32]], list[str]]:
    """Deal texts to runs; run -1 drops a text that is in run 0."""
    own: list[list[str]] = [[] for _ in range(runs)]
    rows: list[list[int]] = [[] for _ in range(runs)]
    left: list[str] = []
    for text, run in zip(texts, run_of, strict=True):
        own[max(run, 0)].append(text)
        rows[max(run, 0)].append(DROPPED if run < 0 else len(left))
        if run >= 0:
            left.append(text)
    return (
        [build_postings(ANALYZER, one) for one in own],
        [np.array(one, dtype=np.int32) for one in rows],
        left,
    )


def assert_equal(one: Postings, other: Postings) -> None:
    for name in ("terms", "term_offsets", "offsets", "entries", "lengths"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_merge_is_what_building_from_the_texts_gives(data: st.DataObject) -> None:
    texts = made_texts(data.draw(st.integers(0, 60)), seed=data.draw(st.integers(0, 50)))
    runs = data.draw(st.integers(1, 4))
    run_of = data.draw(
        st.lists(st.integers(-1, runs - 1), min_size=len(texts), max_size=len(texts))
    )
    parts, rows, left = dealt(texts, run_of, runs)
    assert_equal(
        merge_postings(MergedPostings(parts, rows, len(left))), build_postings(ANALYZER, left)
    )


@pytest.mark.parametrize(("terms", "postings"), [(3, 1 << 20), (8192, 20), (1, 1)])
def test_the_size_of_blocks_changes_nothing(terms: int, postings: int) -> None:
    texts = made_texts(300)
    parts, rows, left = dealt(texts, [number % 4 - 1 for number in range(300)], 3)
    merged = MergedPostings(parts, rows, len(left), block_terms=terms, block_postings=postings)
    assert len(list(merged.blocks())) > 5
    assert_equal(merge_postings(merged), build_postings(ANALYZER, left))


def test_sizes_are_known_before_anything_is_written() -> None:
    parts, rows, left = dealt(made_texts(100), [number % 3 - 1 for number in range(100)], 2)
    whole = build_postings(ANALYZER, left)
    sizes = MergedPostings(parts, rows, len(left)).sizes()
    assert sizes.term_offsets.tolist() == whole.term_offsets.tolist()
    assert sizes.offsets.tolist() == whole.offsets.tolist()


def test_terms_of_dropped_passages_alone_are_gone() -> None:
    parts = [build_postings(ANALYZER, ["only here", "cat"])]
    new_rows = [np.array([DROPPED, 0], dtype=np.int32)]
    merged = merge_postings(MergedPostings(parts, new_rows, 1))
    assert counts_of(merged) == [{"cat": 1}]


def test_a_posting_of_a_row_that_is_not_there_is_damage() -> None:
    postings = build_postings(ANALYZER, ["cat", "cat dog"])
    entries = postings.entries.copy()
    entries[1] = 7
    damaged = replace(postings, entries=entries)
    merged = MergedPostings([damaged], [np.arange(2, dtype=np.int32)], 2)
    with pytest.raises(DamagedIndexError, match="not there"):
        merge_postings(merged)
