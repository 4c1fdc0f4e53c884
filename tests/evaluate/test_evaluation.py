from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.judged_run import UNJUDGED, judge
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.measures.catalogue import MEASURES
from retrieval.evaluate.measures.definition import At
from retrieval.evaluate.measures.parameters import Ties
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run

QRELS = Qrels.from_mapping(
    {
        "answered": {"a": 1, "b": 0},
        "missing": {"a": 1},
        "hopeless": {"a": 0},
        "unknown": {"nowhere": 2, "a": -1},
    }
)
RUN = Run.from_mapping(
    "r",
    {
        "unjudged": {"a": 1.0},
        "hopeless": {"a": 1.0, "b": 0.5},
        "unknown": {"a": 0.5, "c": 0.5, "b": 0.2},
        "answered": {"b": 3.0, "a": 2.0, "c": 1.0},
    },
)
EVERY = [
    Measure.parse(one.name + {At.CUTOFF: "@2", At.LEVEL: "@0.5"}.get(one.at, ""))
    for one in MEASURES
]


@pytest.mark.parametrize("measure", EVERY, ids=str)
def test_missing_query_scores_zero(measure: Measure) -> None:
    found = evaluate(QRELS, RUN, [measure])
    assert found.query_ids == ("answered", "missing", "hopeless", "unknown")
    assert found.of(measure)[1] == 0.0
    assert found.means()[0] == pytest.approx(found.values[0].sum() / 4)


@pytest.mark.parametrize("measure", EVERY, ids=str)
def test_a_query_without_relevant_documents_scores_zero(measure: Measure) -> None:
    found = evaluate(QRELS, RUN, [measure])
    assert found.of(measure)[2] == (0.5 if measure.name == "Judged" else 0.0)


def test_queries_are_counted() -> None:
    found = evaluate(QRELS, RUN, EVERY)
    assert (found.n_judged, found.n_answered, found.without_relevant) == (4, 3, 1)
    assert found.answered.tolist() == [True, False, True, True]
    assert found.has_relevant.tolist() == [True, True, False, True]
    assert found.unjudged_queries == 1
    assert found.tied_share == pytest.approx(2 / 8)


def test_only_answerable_drops_queries_without_relevant_documents() -> None:
    found = evaluate(QRELS, RUN, [Measure.parse("AP")], only_answerable=True)
    assert found.query_ids == ("answered", "missing", "unknown")
    assert found.values.tolist() == [[0.5, 0.0, 0.0]]
    assert (found.n_judged, found.n_answered, found.without_relevant) == (3, 2, 1)
    higher = evaluate(QRELS, RUN, [Measure.parse("AP(rel=2)")], only_answerable=True)
    assert higher.query_ids == found.query_ids


def test_the_order_of_the_run_is_of_no_matter() -> None:
    mapping = {one: dict(reversed(RUN.ranking(one))) for one in reversed(RUN.query_ids)}
    other = Run.from_mapping("r", mapping)
    assert (evaluate(QRELS, other, EVERY).values == evaluate(QRELS, RUN, EVERY).values).all()


def test_an_empty_run_scores_zero_everywhere() -> None:
    found = evaluate(QRELS, Run.from_mapping("empty", {}), EVERY)
    assert (found.values == 0.0).all()
    assert (found.n_answered, found.tied_share) == (0, 0.0)


def test_ties_by_id_alone_still_tell_the_tied_share_of_the_scores() -> None:
    found = evaluate(QRELS, RUN, [Measure.parse("AP(ties=id)")])
    assert found.tied_share == pytest.approx(2 / 8)


def test_what_was_not_evaluated_is_not_there() -> None:
    found = evaluate(QRELS, RUN, [Measure.parse("AP"), Measure.parse("RR")])
    with pytest.raises(UsageError, match="nDCG@10 was not evaluated; AP, RR were"):
        found.of(Measure.parse("nDCG@10"))


def test_nothing_to_evaluate_is_refused() -> None:
    hopeless = Qrels.from_mapping({"q": {"a": 0}})
    with pytest.raises(UsageError, match="No measure"):
        evaluate(QRELS, RUN, [])
    with pytest.raises(InputError, match="hold no query"):
        evaluate(Qrels.from_mapping({}), RUN, EVERY)
    with pytest.raises(InputError, match="1 have no relevant document"):
        evaluate(hopeless, RUN, EVERY, only_answerable=True)


def test_negative_grades_count_as_unjudged() -> None:
    negative = Qrels.from_mapping({"q": {"a": 1, "b": -1, "c": -2, "d": 0}})
    without = Qrels.from_mapping({"q": {"a": 1, "d": 0}})
    run = Run.from_mapping("r", {"q": {"b": 4.0, "a": 3.0, "c": 2.0, "d": 1.0}})
    values = evaluate(negative, run, EVERY).values
    assert (values == evaluate(without, run, EVERY).values).all()
    assert judge(negative, run).grade.tolist() == [1, 0]


def test_every_hit_has_its_grade_and_its_group() -> None:
    columns = judge(QRELS, RUN).every_hit()
    assert columns.starts.tolist() == [0, 3, 3, 5, 8]
    documents = [RUN.doc_table[code] for code in columns.doc_codes]
    assert documents == ["b", "a", "c", "a", "b", "a", "c", "b"]
    assert columns.scores.tolist() == [3.0, 2.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.2]
    assert columns.grades.tolist() == [0, 1, UNJUDGED, 0, *[UNJUDGED] * 4]
    assert columns.first.tolist() == [1, 2, 3, 1, 2, 1, 1, 3]
    assert columns.last.tolist() == [1, 2, 3, 1, 2, 2, 2, 3]


def test_equal_scores_at_the_border_of_two_queries_are_no_tie() -> None:
    run = Run.from_mapping("r", {"q": {"a": 2.0, "b": 1.0}, "p": {"a": 1.0, "b": 0.0}})
    qrels = Qrels.from_mapping({"q": {"b": 1}, "p": {"a": 1}})
    assert judge(qrels, run).tied_share == 0.0
    assert judge(qrels, run).first.tolist() == [2, 1]


def test_ties_by_id_list_equal_float32_scores_by_id_descending() -> None:
    scores = {"a": 0.5, "b": 0.5, "c": 0.5 + 1e-12, "d": 0.7, "e": 0.1}
    run = Run.from_mapping("r", {"x": {"a": 9.0, "b": 9.0}, "q": scores})
    qrels = Qrels.from_mapping({"q": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}})
    by_id = judge(qrels, run, ties=Ties.ID)
    assert by_id.grade.tolist() == [4, 3, 2, 1, 5]
    assert by_id.first.tolist() == by_id.last.tolist() == [1, 2, 3, 4, 5]
    assert judge(qrels, run).first.tolist() == [1, 2, 3, 3, 5]


def test_values_do_not_depend_on_the_other_queries() -> None:
    together = evaluate(QRELS, RUN, EVERY).values
    alone = [evaluate(QRELS.select([one]), RUN, EVERY).values[:, 0] for one in QRELS.query_ids]
    assert (together == np.column_stack(alone)).all()
