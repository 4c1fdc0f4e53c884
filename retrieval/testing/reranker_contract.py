"""What every reranker must do, as tests to inherit.

Subclass ``RerankerContract`` in a test module, give the class a name that starts with
``Test``, and override the ``reranker`` fixture, as for ``encoder_contract``.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from retrieval.encode.pair_scores import PairScores
from retrieval.errors import UsageError
from retrieval.records import ModelIdentity
from retrieval.rerank.protocol import Reranker

TOLERANCE = 1e-4
"""How far a score may move with what else is in the batch."""

PAIRS: tuple[tuple[str, str], ...] = (
    ("a", "a"),
    ("positive review", "The film was a delight from its first minute to its last."),
    ("positive review", "A dull, lifeless evening; I left before the end!"),
    ("Is this a good film?", "  spaces   around\tand\nbetween  "),
    ("Ελληνικά", "Ünïcödé, Ελληνικά и кириллица"),
    ("日本", "日本語のテキスト and some English"),
    ("a family", "an emoji 😀, a family 👨‍👩‍👧, a combining e\u0301"),
    ("numbers", "numbers 12,345.67 and signs %$#@"),
    ("word", "word " * 2000),
    ("word " * 2000, "a"),
    ("word " * 2000, "word " * 2000),
    ("nothing", ""),
    ("", "nothing"),
)
"""Short, long, over-long on either side, empty, and in several scripts."""


class RerankerContract:
    """The suite; ``reranker`` is the fixture to override."""

    @pytest.fixture(scope="class")
    @classmethod
    def reranker(cls) -> Reranker:
        """Return the reranker to be tested."""
        raise NotImplementedError("override the fixture `reranker`")

    def test_follows_the_protocol(self, reranker: Reranker) -> None:
        assert isinstance(reranker, Reranker)

    def test_identity_survives_json(self, reranker: Reranker) -> None:
        identity = reranker.identity
        assert ModelIdentity.from_json(identity.to_json()) == identity
        assert identity.dim == 1
        assert reranker.max_tokens == identity.max_tokens > 0

    def test_scores_are_finite_doubles_one_a_pair(self, reranker: Reranker) -> None:
        found = scored(reranker, PAIRS)
        assert found.scores.shape == found.cut.shape == (len(PAIRS),)
        assert found.scores.dtype == np.float64
        assert found.cut.dtype == np.bool_
        assert np.isfinite(found.scores).all()

    def test_nothing_gives_no_scores(self, reranker: Reranker) -> None:
        assert len(reranker.score_pairs([], [])) == 0

    def test_queries_and_passages_come_in_pairs(self, reranker: Reranker) -> None:
        with pytest.raises(UsageError):
            reranker.score_pairs(["one", "two"], ["three"])

    def test_same_pair_has_the_same_score_in_any_batch(self, reranker: Reranker) -> None:
        together = scored(reranker, PAIRS)
        for number, pair in enumerate(PAIRS):
            alone = scored(reranker, [pair])
            np.testing.assert_allclose(alone.scores, together.scores[[number]], atol=TOLERANCE)
            assert alone.cut[0] == together.cut[number]

    def test_results_keep_the_order_of_the_input(self, reranker: Reranker) -> None:
        forward = scored(reranker, PAIRS).scores
        backward = scored(reranker, PAIRS[::-1]).scores
        np.testing.assert_allclose(backward[::-1], forward, atol=TOLERANCE)

    def test_the_two_texts_are_told_apart(self, reranker: Reranker) -> None:
        found = scored(
            reranker, [("the film", "the plot was thin and the film dull"), ("the film", "a text")]
        )
        assert abs(found.scores[0] - found.scores[1]) > TOLERANCE

    def test_what_exceeds_the_window_is_cut_at_the_passage_s_end(self, reranker: Reranker) -> None:
        start = "word " * reranker.max_tokens
        found = scored(reranker, [("word", start), ("word", start + "and something else")])
        np.testing.assert_allclose(found.scores[0], found.scores[1], atol=TOLERANCE)
        assert found.cut.all()

    def test_what_fits_is_not_called_cut(self, reranker: Reranker) -> None:
        assert not scored(reranker, [("a", "text"), ("", ""), ("a film", "a text")]).cut.any()

    def test_a_short_query_is_seen_whole_before_a_long_passage(self, reranker: Reranker) -> None:
        long = "text " * (2 * reranker.max_tokens)
        found = scored(reranker, [("a text", long), ("a film", long)])
        assert abs(found.scores[0] - found.scores[1]) > 1e-6
        assert found.cut.all()

    def test_a_lone_surrogate_is_survived(self, reranker: Reranker) -> None:
        assert np.isfinite(scored(reranker, [("before \ud800", "after \ud800")]).scores).all()

    def test_threads_do_not_disturb_each_other(self, reranker: Reranker) -> None:
        expected = scored(reranker, PAIRS).scores

        def score(number: int) -> NDArray[np.float64]:
            return scored(reranker, [PAIRS[number]]).scores

        with ThreadPoolExecutor(4) as threads:
            numbers = list(range(len(PAIRS))) * 2
            for number, found in zip(numbers, threads.map(score, numbers), strict=True):
                np.testing.assert_allclose(found[0], expected[number], atol=TOLERANCE)


def scored(
    reranker: Reranker, pairs: tuple[tuple[str, str], ...] | list[tuple[str, str]]
) -> PairScores:
    """Score pairs of texts."""
    return reranker.score_pairs([one for one, _ in pairs], [other for _, other in pairs])
