from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from retrieval.errors import UsageError
from retrieval.index.approximate import ApproximateIndex
from retrieval.index.building import BuildPhase, Contract, build_approximate
from retrieval.index.certificate import Certificate, QuerySource
from retrieval.index.exact import ExactIndex
from retrieval.index.held_out import draw_rows, least_scores, without
from retrieval.index.plan import AnnPlan, Family, Storage
from retrieval.index.recall import recalls
from retrieval.index.rescoring import rescored
from retrieval.testing.approximate_index_contract import clustered_rows
from retrieval.testing.vector_index_contract import same
from retrieval.vectors import FloatRows

GRAPH = AnnPlan(links=8, build_breadth=30)
LISTS = AnnPlan(family=Family.IVF, storage=Storage.RABITQ, lists=32, bits=2)
DIM = 32
ROWS = 4000


def rows_of(seed: int, count: int = ROWS) -> FloatRows:
    return clustered_rows(count, seed, dim=DIM, centres=100)


@pytest.fixture(scope="module")
def built() -> ApproximateIndex:
    ticks = itertools.count()
    return build_approximate(
        rows_of(0),
        GRAPH,
        Contract(recall=0.9),
        given=rows_of(1, 60),
        clock=lambda: next(ticks) / 1000,
    )


def test_queries_that_tuned_do_not_certify(built: ApproximateIndex) -> None:
    known = built.certificate
    assert len(known.held_out) == ROWS // 20
    sources = {one.source: one for one in known.certified}
    assert set(sources) == {QuerySource.CORPUS, QuerySource.GIVEN}
    assert sources[QuerySource.CORPUS].queries == len(known.held_out) // 2
    assert sources[QuerySource.GIVEN].queries == 30
    assert {one.queries for one in known.curve} == {len(known.held_out) // 2, 30}


def test_what_is_certified_is_measured_again_to_the_same_figure() -> None:
    rows = rows_of(0)
    known = build_approximate(rows, GRAPH, Contract(recall=0.9)).certificate
    left_out = np.array(known.held_out)
    kept = without(0, len(rows), left_out)
    certifying = rows[left_out[1::2]]
    exact = ExactIndex(rows[kept]).search(certifying, 10)
    assert known.effort is not None
    (figure,) = known.certified
    assert figure.low <= figure.recall <= figure.high
    # a graph is built by several threads, so another one finds other rows, and about as many
    other = build_approximate(rows[kept], GRAPH, Contract(recall=0.9)).structure
    found = other.find(certifying, known.effort.rescored, known.effort.breadth)
    scores = rescored(rows[kept], certifying, found)
    again = recalls(scores, np.array([best.scores[-1] for best in exact]), 10).mean()
    assert again == pytest.approx(figure.recall, abs=0.03)


def test_the_least_effort_that_is_sure_to_reach_the_target_is_chosen(
    built: ApproximateIndex,
) -> None:
    known = built.certificate
    assert known.holds
    assert known.effort is not None
    assert known.attempts == 1
    below = [one for one in known.curve if one.effort.breadth < known.effort.breadth]
    at = [one for one in known.curve if one.effort == known.effort]
    assert all(one.low >= 0.9 for one in at)
    for _, group in itertools.groupby(below, key=lambda one: one.effort):
        assert min(one.low for one in group) < 0.9


def test_a_target_that_no_effort_reaches_is_said_and_searches_are_exact() -> None:
    rows, queries = rows_of(0), rows_of(1, 20)
    index = build_approximate(rows, GRAPH, Contract(recall=0.99999))
    assert not index.certificate.holds
    assert index.certificate.effort is None
    assert index.certificate.certified
    assert index.certificate.curve
    assert all(map(same, index.search(queries, 10), ExactIndex(rows).search(queries, 10)))


def test_too_few_rows_to_measure_are_searched_exactly() -> None:
    rows, queries = rows_of(0, 30), rows_of(1, 5)
    index = build_approximate(rows, GRAPH)
    assert (index.certificate.effort, index.certificate.certified) == (None, ())
    assert all(map(same, index.search(queries, 3), ExactIndex(rows).search(queries, 3)))


@pytest.mark.parametrize("plan", [GRAPH, LISTS], ids=["graph", "lists"])
def test_rows_left_out_are_found_in_the_end(plan: AnnPlan) -> None:
    rows = rows_of(0)
    index = build_approximate(rows, plan, Contract(recall=0.9))
    left_out = np.array(index.certificate.held_out)
    found = index.structure.find(rows[left_out], 10, 32)
    assert (found == left_out[:, np.newaxis]).any(axis=1).mean() >= 0.95


def test_more_recall_takes_more_effort_and_what_is_unknown_is_refused(
    built: ApproximateIndex,
) -> None:
    known = built.certificate
    efforts = [known.effort_for(recall).breadth for recall in (0.5, 0.8, 0.9)]
    assert efforts == sorted(efforts)
    assert built.at_recall(0.9).effort == known.effort_for(0.9)
    with pytest.raises(UsageError, match="not known to be reached"):
        known.effort_for(0.99999)
    with pytest.raises(UsageError, match="lies in"):
        known.effort_for(1.0)


def test_few_given_queries_are_measured_and_decide_nothing() -> None:
    far = -rows_of(0, 10)
    known = build_approximate(rows_of(0), GRAPH, Contract(recall=0.9), given=far).certificate
    assert known.holds
    assert {one.source for one in known.certified} == {QuerySource.CORPUS, QuerySource.GIVEN}
    assert known.given_sha256


def test_rows_read_past_the_map_are_those_that_are_built() -> None:
    rows, calls = rows_of(0), []

    def read(start: int, end: int) -> FloatRows:
        calls.append((start, end))
        return rows[start:end]

    index = build_approximate(rows, GRAPH, Contract(recall=0.9), read=read)
    assert set(calls) == {(0, ROWS)}
    assert index.certificate.holds


def test_progress_ends_where_all_rows_are_in() -> None:
    told: list[tuple[BuildPhase, int, int]] = []
    build_approximate(
        rows_of(0), GRAPH, Contract(recall=0.9), progress=lambda *one: told.append(one)
    )
    assert {phase for phase, _, _ in told} == set(BuildPhase)
    assert told[-1] == (BuildPhase.ADD, ROWS, ROWS)
    added = [done for phase, done, _ in told if phase is BuildPhase.ADD]
    assert added == sorted(added)


def test_times_come_from_the_clock_that_is_given(built: ApproximateIndex) -> None:
    known = built.certificate
    assert all(one.query_ms == pytest.approx(1.0) for one in known.curve)
    assert known.exact_ms == pytest.approx(1.0)


def test_the_curve_ends_where_exact_search_is_faster() -> None:
    seconds = itertools.chain([0, 1] * 5, itertools.cycle([0, 2]))  # five exact queries first
    known = build_approximate(
        rows_of(0), GRAPH, Contract(recall=0.5), clock=lambda: next(seconds)
    ).certificate
    (only,) = known.curve
    assert (only.query_ms, known.exact_ms) == (2000, 1000)


def test_a_certificate_is_read_as_it_was_written(built: ApproximateIndex) -> None:
    text = json.dumps(built.certificate.to_json())
    assert Certificate.from_json(json.loads(text)) == built.certificate


def test_what_cannot_be_kept_or_asked_is_refused() -> None:
    rows = rows_of(0, 100)
    with pytest.raises(UsageError, match="cannot be kept"):
        Contract(recall=1.0)
    with pytest.raises(UsageError, match="k is 0"):
        Contract(k=0)
    with pytest.raises(UsageError, match="shape"):
        build_approximate(rows, GRAPH, given=rows[:, :5])
    with pytest.raises(UsageError, match="finite"):
        build_approximate(rows, GRAPH, given=np.full_like(rows, np.nan))
    with pytest.raises(UsageError, match="needs 32"):
        build_approximate(rows[:20], LISTS)
    with pytest.raises(UsageError, match="needs 1"):
        build_approximate(rows[:0], GRAPH)


def test_the_exact_answers_do_not_depend_on_blocks() -> None:
    rows, queries = rows_of(0, 1000), rows_of(1, 7)
    left_out = draw_rows(1000, 50, 3)
    best = ExactIndex(rows[without(0, 1000, left_out)]).search(queries, 10)
    for block_rows in (1, 64, 1000):
        least = least_scores(
            queries,
            10,
            read=lambda start, end: rows[start:end],
            rows=1000,
            left_out=left_out,
            block_rows=block_rows,
            met=lambda _: None,
        )
        assert least.tolist() == [one.scores[-1] for one in best]
