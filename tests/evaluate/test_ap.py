from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from retrieval.evaluate.evaluation import evaluate
from retrieval.evaluate.measure import Measure
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.run import Run
from tests.evaluate.cases import CASES, Case, count, share, values


def average_precision(case: Case, k: int = 1000, rel: int = 1) -> float:
    total, rank, before = 0.0, 0, 0.0
    for group in case.groups:
        size, among = len(group), count(group, rel)
        inside = max(0, min(size, k - rank))
        hits = among * inside / size
        if inside:
            total += hits * (before + hits) / (rank + inside)
        rank, before = rank + size, before + among
    return share(total, count(case.judged, rel))


def test_ap_is_the_mean_precision_at_the_relevant_documents() -> None:
    assert values("AP") == pytest.approx([average_precision(case) for case in CASES])


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("rel", [1, 2])
def test_ap_at_a_cutoff_counts_what_is_expected_within_it(k: int, rel: int) -> None:
    wanted = [average_precision(case, k, rel) for case in CASES]
    assert values(f"AP(rel={rel})@{k}") == pytest.approx(wanted)


def test_ap_of_a_ranking_worked_out_by_hand() -> None:
    case = Case(([1], [None], [2], [0], [1]), (1,))
    assert values("AP", (case,)) == pytest.approx([(1 / 1 + 2 / 3 + 3 / 5) / 4])
    assert values("AP@3", (case,)) == pytest.approx([(1 / 1 + 2 / 3) / 4])


@pytest.mark.parametrize("positives_first", [True, False])
def test_a_constant_scorer_gets_the_base_rate_whatever_the_file_order(
    positives_first: bool,
) -> None:
    ids = [f"{number:03d}" for number in range(100)]
    positive = ids[:30] if positives_first else ids[70:]
    qrels = Qrels.from_mapping({"positive": dict.fromkeys(positive, 1)})
    run = Run.from_mapping("constant", {"positive": dict.fromkeys(ids, 0.5)})
    measures = [Measure.parse("AP"), Measure.parse("AP(ties=id)")]
    grouped, by_id = evaluate(qrels, run, measures).means()
    assert grouped == pytest.approx(0.3)
    last_thirty = np.mean([hits / (70 + hits) for hits in range(1, 31)])
    assert by_id == pytest.approx(last_thirty if positives_first else 1.0)


def test_ap_ties_by_id_are_broken_by_id_descending_in_float32() -> None:
    qrels = Qrels.from_mapping({"q": {"a": 1}})
    run = Run.from_mapping("r", {"q": {"a": 0.7000000002, "b": 0.7000000001, "c": 0.1}})
    assert evaluate(qrels, run, [Measure.parse("AP")]).means().tolist() == [1.0]
    assert evaluate(qrels, run, [Measure.parse("AP(ties=id)")]).means().tolist() == [0.5]


def test_ap_of_groups_may_fall_when_a_relevant_hit_moves_to_a_better_group() -> None:
    """So does scikit-learn's; a hit counts with the precision at the end of its group."""
    before = Case(([None, None, None], [1, 1]))
    after = Case(([1, None, None], [None, 1]))
    assert values("AP", (before, after)) == pytest.approx([2 / 5, (1 / 3 + 2 / 5) / 2])
    for case in (before, after):
        labels = [int(grade or 0) for group in case.groups for grade in group]
        assert values("AP", (case,)) == [
            pytest.approx(average_precision_score(labels, [1, 1, 1, 0, 0]))
        ]
