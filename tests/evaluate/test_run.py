from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.run import Run


def test_hits_are_kept_by_score_descending_then_id_ascending() -> None:
    run = Run.from_mapping("r", {"q2": {"b": 1, "c": 2, "a": 1}, "q1": {}, "q3": {"z": -0.5}})
    assert run.query_ids == ("q2", "q1", "q3")
    assert run.ranking("q2") == [("c", 2.0), ("a", 1.0), ("b", 1.0)]
    assert run.ranking("q1") == []
    assert run.ranking("unknown") == []
    assert run.ranking("q3") == [("z", -0.5)]
    assert len(run) == 4


def test_columns_in_any_order_and_table_are_the_same_run() -> None:
    table = ["c", "a", "unused", "b"]
    run = Run.from_columns("r", ["q", "p"], [0, 3, 5], table, [3, 0, 1, 1, 0], [1, 2, 1, 0, 1])
    assert run.doc_table == ("a", "b", "c", "unused")
    assert run.ranking("q") == [("c", 2.0), ("a", 1.0), ("b", 1.0)]
    assert run.ranking("p") == [("c", 1.0), ("a", 0.0)]


@pytest.mark.parametrize("documents", [["b", "zz", "a", "u", ""], ["b"]])
@pytest.mark.parametrize("size", [2, 3, 200])
def test_documents_are_found_in_the_table_whatever_its_size(
    documents: list[str], size: int
) -> None:
    table = ["a", "b", *(f"u{number:03d}" for number in range(size - 2))]
    run = Run.from_columns("r", ["q"], [0, 1], table, [0], [1.0])
    wanted = [table.index(one) if one in table else -1 for one in documents]
    assert run.codes_of(documents).tolist() == wanted


def test_a_run_without_hits_is_a_run() -> None:
    assert len(Run.from_mapping("empty", {})) == 0
    assert Run.from_mapping("empty", {"q": {}}).ranking("q") == []


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf")])
def test_a_score_that_is_not_finite_is_refused_by_query_and_document(score: float) -> None:
    with pytest.raises(InputError, match=r"'q' has the score (nan|inf|-inf) for document 'b'"):
        Run.from_mapping("r", {"p": {"a": 1}, "q": {"a": 1, "b": score}})


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="score of run 'r' is not a number"):
        Run.from_mapping("r", {"q": {"a": "high"}})  # type: ignore[dict-item]


def test_a_document_found_twice_is_refused_by_query_and_document() -> None:
    with pytest.raises(InputError, match="'q' finds document 'b' twice"):
        Run.from_columns("r", ["p", "q"], [0, 1, 4], ["a", "b"], [1, 1, 0, 1], [3, 2, 2, 1])


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="do not fit each other"):
        Run.from_columns("r", ["q"], [0, 2], ["a"], [0], [1.0])
    with pytest.raises(UsageError, match="do not fit each other"):
        Run.from_columns("r", ["q"], [0, 1], ["a"], [0], [1.0, 2.0])
    with pytest.raises(UsageError, match="codes of run 'r' go from 0 to 1; its table has 1"):
        Run.from_columns("r", ["q"], [0, 2], ["a"], [0, 1], [1.0, 2.0])
    with pytest.raises(UsageError, match="codes of run 'r' go from -1"):
        Run.from_columns("r", ["q"], [0, 1], ["a"], [-1], [1.0])
    with pytest.raises(UsageError, match="names 'a' twice"):
        Run.from_columns("r", ["q"], [0, 1], ["a", "a"], [0], [1.0])
    with pytest.raises(InputError, match="'q' comes twice in run 'r'"):
        Run.from_columns("r", ["q", "q"], [0, 1, 1], ["a"], [0], [1.0])


def test_a_run_cannot_be_changed_from_outside() -> None:
    scores = np.array([2.0, 1.0])
    run = Run.from_columns("r", ["q"], [0, 2], ["a", "b"], [0, 1], scores)
    scores[0] = 0.0
    assert run.ranking("q") == [("a", 2.0), ("b", 1.0)]
    with pytest.raises(ValueError, match="read-only"):
        run.scores[0] = 0.0
