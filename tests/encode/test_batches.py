from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retrieval.encode.batches import padded, token_batches


@given(st.lists(st.integers(0, 300), max_size=60), st.integers(1, 1000))
def test_every_text_is_in_one_batch_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(token_batches(lengths, budget))
    assert sorted(int(row) for rows in batches for row in rows) == list(range(len(lengths)))
    for rows in batches:
        widest = max(lengths[row] for row in rows)
        assert len(rows) == 1 or len(rows) * widest <= budget


def test_longest_texts_come_first() -> None:
    batches = list(token_batches([3, 9, 1, 7], 10))
    assert [rows.tolist() for rows in batches] == [[1], [3], [0, 2]]


def test_padding_is_on_the_right_and_masked() -> None:
    ids, mask = padded([np.array([5, 6, 7]), np.array([8])], padding=1)
    assert ids.tolist() == [[5, 6, 7], [8, 1, 1]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
