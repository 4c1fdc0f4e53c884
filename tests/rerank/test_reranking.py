"""Reranking one query's candidates: blending, order, limits of time, refusals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from retrieval.encode.pair_scores import PairScores
from retrieval.errors import ModelAlteredError, UsageError
from retrieval.rerank.blend import blend, unit_scale
from retrieval.rerank.learned import read_blend
from retrieval.rerank.options import DEFAULT_WEIGHT, RerankOptions
from retrieval.rerank.registry import RERANKERS
from retrieval.rerank.reranking import TIMED_PAIRS, Candidates, rerank
from retrieval.testing.rerankers import WordReranker
from tests.encode.classifiers import LEARNED


class Given(WordReranker):
    """Gives each passage the score that is its text."""

    def score_pairs(self, queries: Sequence[str], passages: Sequence[str]) -> PairScores:
        super().score_pairs(queries, passages)
        scores = np.array([float(one) for one in passages])
        return PairScores(scores, np.zeros(len(scores), dtype=np.bool_))


def candidates(rerank_scores: Sequence[float], first: Sequence[float]) -> Candidates:
    ids = [f"d{at}" for at in range(len(first))]
    return Candidates([str(one) for one in rerank_scores], ids, np.array(first, dtype=np.float64))


def test_the_blend_is_the_formula() -> None:
    reranker, first = np.array([-4.0, 6.0, 1.0]), np.array([0.9, 0.5, 0.1])
    wanted = 0.7 * np.array([0.0, 1.0, 0.5]) + 0.3 * np.array([1.0, 0.5, 0.0])
    np.testing.assert_allclose(blend(reranker, first, 0.7), wanted, rtol=1e-15)


def test_equal_scores_are_all_the_greatest() -> None:
    np.testing.assert_array_equal(unit_scale(np.array([2.0, 2.0])), [1.0, 1.0])
    assert len(unit_scale(np.empty(0))) == 0


def test_a_blend_does_not_depend_on_the_scale_of_either_stage() -> None:
    generator = np.random.default_rng(3)
    one, other = generator.normal(size=(2, 20))
    plain = blend(one, other, 0.4)
    np.testing.assert_allclose(blend(8.0 * one - 3.0, 0.1 * other + 7.0, 0.4), plain, atol=1e-12)


def test_candidates_are_ordered_by_the_blend() -> None:
    found = rerank(Given(), "q", candidates([0, 10, 5], [3, 2, 1]), RerankOptions(weight=0.5))
    assert found.order.tolist() == [1, 0, 2]
    np.testing.assert_allclose(found.scores, [0.75, 0.5, 0.25])
    assert found.rerank.tolist() == [10.0, 0.0, 5.0]
    assert found.unscored == 0


def test_the_model_s_own_weight_is_taken_unless_another_is_given() -> None:
    asked = candidates([0, 10, 5], [3, 2, 1])
    default = rerank(Given(), "q", asked, RerankOptions())
    own = rerank(Given(), "q", asked, RerankOptions(), learned_weight=0.0)
    given = rerank(Given(), "q", asked, RerankOptions(weight=1.0), learned_weight=0.0)
    assert default.scores[0] == pytest.approx(DEFAULT_WEIGHT + (1 - DEFAULT_WEIGHT) / 2)
    assert own.order.tolist() == [0, 1, 2]
    assert given.order.tolist() == [1, 2, 0]


def test_only_the_reranker_counts_where_it_replaces() -> None:
    found = rerank(Given(), "q", candidates([0, 10, 5], [3, 2, 1]), RerankOptions(only=True))
    assert found.order.tolist() == [1, 2, 0]
    assert found.scores.tolist() == [10.0, 5.0, 0.0]


def test_equal_scores_are_ordered_by_id_as_bytes() -> None:
    asked = Candidates(["1", "1", "1"], ["é", "z", "a"], np.array([1.0, 1.0, 1.0]))
    found = rerank(Given(), "q", asked, RerankOptions())
    assert [asked.ids[at] for at in found.order] == ["a", "z", "é"]


def test_what_is_no_candidate_stays_below_in_its_order() -> None:
    asked = candidates([1, 2, 99, 98], [4, 3, 2, 1])
    found = rerank(Given(), "q", asked, RerankOptions(candidates=2, weight=1.0))
    assert found.order.tolist() == [1, 0, 2, 3]
    assert (np.diff(found.scores) <= 0).all()
    assert found.unscored == 2


@pytest.mark.parametrize("only", [False, True])
def test_time_that_runs_out_leaves_the_rest_to_the_first_stage(only: bool) -> None:
    now = [0.0]

    def pass_time() -> None:
        now[0] += 1.0

    count = 5 * TIMED_PAIRS
    asked = candidates(list(range(count)), list(range(count, 0, -1)))
    reranker = Given(before=pass_time)
    options = RerankOptions(timeout_s=1.5, only=only)
    found = rerank(reranker, "q", asked, options, learned_weight=1.0, clock=lambda: now[0])
    assert reranker.batches == [TIMED_PAIRS, TIMED_PAIRS]
    scored = 2 * TIMED_PAIRS
    assert found.order.tolist() == [*range(scored - 1, -1, -1), *range(scored, count)]
    assert found.unscored == count - scored
    assert (np.diff(found.scores) <= 0).all()
    assert np.isnan(found.rerank[scored:]).all()


def test_no_time_at_all_keeps_the_first_stage() -> None:
    ticks = iter([0.0, 9.0])
    asked = candidates([1, 2], [0.5, 0.25])
    found = rerank(Given(), "q", asked, RerankOptions(timeout_s=1), clock=lambda: next(ticks))
    assert found.order.tolist() == [0, 1]
    assert found.scores.tolist() == [0.5, 0.25]
    assert found.unscored == 2


def test_without_a_limit_all_pairs_are_one_call() -> None:
    reranker = Given()
    rerank(reranker, "q", candidates(list(range(50)), list(range(50))), RerankOptions())
    assert reranker.batches == [50]


def test_no_candidates_are_nothing_to_rerank() -> None:
    found = rerank(Given(), "q", candidates([], []), RerankOptions())
    assert len(found.order) == len(found.scores) == 0


def test_pairs_that_were_cut_are_counted() -> None:
    asked = Candidates(["word " * 100, "short"], ["a", "b"], np.array([2.0, 1.0]))
    assert rerank(WordReranker(), "word", asked, RerankOptions()).cut == 1


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match="testing-words gives a score that is no number"):
        rerank(Given(), "q", candidates([float("nan")], [1]), RerankOptions())


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"candidates": 0}, "0 candidates"),
        ({"timeout_s": 0.0}, "above 0"),
        ({"timeout_s": float("nan")}, "above 0"),
        ({"weight": 1.5}, "from 0 to 1"),
        ({"weight": 0.5, "only": True}, "no weight"),
    ],
)
def test_options_out_of_range_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        RerankOptions(**given)


def test_what_a_person_says_becomes_options() -> None:
    assert RerankOptions.named(None) is None
    assert RerankOptions.named(False) is None
    assert RerankOptions.named(True) == RerankOptions()
    assert RerankOptions.named("m", candidates=7) == RerankOptions(model="m", candidates=7)
    given = RerankOptions(model="m", only=True)
    assert RerankOptions.named(given) is given
    with pytest.raises(UsageError, match="no reranker was asked for"):
        RerankOptions.named(None, candidates=7)
    with pytest.raises(UsageError, match="empty"):
        RerankOptions.named(" ")


def test_a_learned_weight_is_read_from_the_card(tmp_path: Path) -> None:
    assert read_blend(tmp_path) is None
    card = tmp_path / "training.json"
    card.write_bytes(orjson.dumps({"checks": {}}))
    assert read_blend(tmp_path) is None
    card.write_bytes(orjson.dumps({"checks": {"reranking": LEARNED.to_json()}}))
    assert read_blend(tmp_path) == LEARNED
    for broken in (
        b"{",
        orjson.dumps({"checks": {"reranking": {**LEARNED.to_json(), "weight": 2}}}),
    ):
        card.write_bytes(broken)
        with pytest.raises(ModelAlteredError):
            read_blend(tmp_path)


def test_a_reranker_s_name_is_registered_once() -> None:
    RERANKERS.register("testing-once", WordReranker)
    with pytest.raises(UsageError, match="A reranker named 'testing-once'"):
        RERANKERS.register("testing-once", WordReranker)
