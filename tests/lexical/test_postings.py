from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical.postings import build_postings
from tests.lexical.made import ANALYZER, counts_of, made_texts


def test_each_row_has_its_terms_with_their_counts() -> None:
    texts = [*made_texts(300), "BERT-4 bert-4 東京都 東京", "", "zoë Zoë"]
    postings = build_postings(ANALYZER, texts)
    wanted = [Counter(ANALYZER.terms(text)) for text in texts]
    assert counts_of(postings) == wanted
    assert postings.lengths.tolist() == [one.total() for one in wanted]


def test_terms_and_rows_ascend() -> None:
    postings = build_postings(ANALYZER, made_texts(200))
    terms = [postings.term(number) for number in range(len(postings.offsets) - 1)]
    assert terms == sorted(set(terms))
    for number, term in enumerate(terms):
        rows, times = postings.of_term(number)
        assert (np.diff(rows) > 0).all()
        assert len(rows)
        assert (times > 0).all()
        assert postings.find(term) == number
    assert postings.find(b"absent") is None
    assert postings.find(b"zzz") is None


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_text_has_postings(texts: list[str]) -> None:
    postings = build_postings(ANALYZER, texts)
    assert counts_of(postings) == [Counter(ANALYZER.terms(text)) for text in texts]
    assert len(postings.entries) == 2 * postings.offsets[-1]
