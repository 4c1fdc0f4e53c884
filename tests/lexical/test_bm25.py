from __future__ import annotations

import math

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.lexical.bm25 import Bm25Options, idf, norms, score_rows
from retrieval.lexical.postings import build_postings
from retrieval.lexical.reference import reference_scores
from tests.lexical.made import ANALYZER, made_texts, query_terms


def test_the_formula_written_out() -> None:
    texts = ["cat dog", "cat cat bird fish", "fish"]

    # N = 3, average length 7 / 3; cat is in 2 passages, bird in 1
    def share(tf: int, length: int) -> float:
        return tf / (tf + 1.2 * (0.25 + 0.75 * length / (7 / 3)))

    cat, bird = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    wanted = [2 * cat * share(1, 2), 2 * cat * share(2, 4) + bird * share(1, 4), 0.0]
    assert reference_scores(ANALYZER, texts, "cat bird cat", Bm25Options()) == pytest.approx(wanted)


@pytest.mark.parametrize("options", [Bm25Options(), Bm25Options(k1=0.9, b=0.4), Bm25Options(k1=0)])
def test_scores_are_those_of_plain_dictionaries(options: Bm25Options) -> None:
    texts = made_texts(500)
    postings = build_postings(ANALYZER, texts)
    norm = norms(postings.lengths, float(postings.lengths.mean()), options)
    for query in [*made_texts(20, seed=1), "w1 w1 w1 w39 absent", "absent", ""]:
        terms = query_terms(postings, ANALYZER.terms(query), len(texts))
        wanted = reference_scores(ANALYZER, texts, query, options)
        assert score_rows(postings, terms, norm) == pytest.approx(wanted, abs=1e-12)


def test_a_term_in_every_passage_still_counts_a_little() -> None:
    assert idf(10, 10) > 0
    assert idf(10, 1) > idf(10, 2)


def test_no_passage_at_all_scores_nothing() -> None:
    postings = build_postings(ANALYZER, [])
    norm = norms(postings.lengths, 0.0, Bm25Options())
    assert score_rows(postings, [], norm).shape == (0,)
    assert np.isfinite(norms(np.zeros(3, dtype=np.int32), 0.0, Bm25Options())).all()


@pytest.mark.parametrize(
    "wrong", [{"k1": -1.0}, {"k1": math.inf}, {"b": 1.5}, {"b": -0.1}, {"k1": math.nan}]
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match=r"BM25's"):
        Bm25Options(**wrong)
