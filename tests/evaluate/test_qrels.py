from __future__ import annotations

import numpy as np
import pytest

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels

JUDGMENTS = {"q2": {"b": 2, "a": 0}, "q1": {"c": 1, "d": -1}, "q3": {}}


def test_judgments_keep_their_order_and_come_back() -> None:
    qrels = Qrels.from_mapping(JUDGMENTS)
    assert qrels.query_ids == ("q2", "q1", "q3")
    assert qrels.starts.tolist() == [0, 2, 4, 4]
    assert qrels.doc_ids == ("b", "a", "c", "d")
    assert qrels.grades.tolist() == [2, 0, 1, -1]
    assert len(qrels) == 4
    assert qrels.to_mapping() == JUDGMENTS
    assert qrels.grades_of("q2") == {"b": 2, "a": 0}


def test_relevant_documents_are_counted_by_grade() -> None:
    qrels = Qrels.from_mapping(JUDGMENTS)
    assert qrels.relevant_counts().tolist() == [1, 1, 0]
    assert qrels.relevant_counts(2).tolist() == [1, 0, 0]
    assert qrels.relevant_counts(0).tolist() == [2, 1, 0]


def test_queries_are_left_out_or_selected() -> None:
    qrels = Qrels.from_mapping(JUDGMENTS)
    assert qrels.without(["q2", "unknown"]).to_mapping() == {"q1": {"c": 1, "d": -1}, "q3": {}}
    assert qrels.select(["q3", "q2"]).to_mapping() == {"q2": {"b": 2, "a": 0}, "q3": {}}
    assert qrels.without(qrels.query_ids).query_ids == ()
    with pytest.raises(UsageError, match="1 of 2 queries are not judged: x"):
        qrels.select(["q1", "x"])
    with pytest.raises(UsageError, match="'x' is not among the 3 judged"):
        qrels.grades_of("x")


def test_the_digest_depends_on_the_judgments_and_not_on_their_order() -> None:
    digest = Qrels.from_mapping(JUDGMENTS).digest
    other_order = {"q3": {}, "q1": {"d": -1, "c": 1}, "q2": {"a": 0, "b": 2}}
    assert Qrels.from_mapping(other_order).digest == digest
    assert Qrels.from_mapping(JUDGMENTS | {"q4": {}}).digest != digest
    assert Qrels.from_mapping(JUDGMENTS | {"q3": {"a": 1}}).digest != digest
    assert (
        Qrels.from_mapping({"q": {"a b": 1}}).digest != Qrels.from_mapping({"q a": {"b": 1}}).digest
    )


@pytest.mark.parametrize("grade", [1.0, 0.5, "1", None, True, np.float64(1)])
def test_a_grade_that_is_not_a_whole_number_is_refused(grade: int) -> None:
    with pytest.raises(InputError, match=r"grade of document 'a' for query 'q'.*whole number"):
        Qrels.from_mapping({"q": {"a": grade}})


def test_whole_numbers_of_numpy_are_grades() -> None:
    assert Qrels.from_mapping({"q": {"a": np.int32(2)}}).grades.tolist() == [2]  # type: ignore[dict-item]


def test_columns_that_do_not_fit_are_refused() -> None:
    def of(queries: tuple[str, ...], starts: list[int], documents: tuple[str, ...]) -> Qrels:
        grades = np.ones(2, dtype=np.int64)
        column = np.array(starts)
        return Qrels(query_ids=queries, starts=column, doc_ids=documents, grades=grades)

    assert len(of(("q",), [0, 2], ("a", "b"))) == 2
    for starts in ([0, 1], [1, 2], [0, 2, 2]):
        with pytest.raises(UsageError, match="do not fit each other"):
            of(("q",), starts, ("a", "b"))
    with pytest.raises(UsageError, match="do not fit each other"):
        of(("q", "r", "s"), [0, 2, 1, 2], ("a", "b"))
    with pytest.raises(InputError, match="'q' comes twice"):
        of(("q", "q"), [0, 1, 2], ("a", "b"))
    with pytest.raises(InputError, match="'q' has two judgments of document 'a'"):
        of(("q",), [0, 2], ("a", "a"))


def test_judgments_cannot_be_changed_from_outside() -> None:
    grades = np.array([1, 2])
    qrels = Qrels(query_ids=("q",), starts=np.array([0, 2]), doc_ids=("a", "b"), grades=grades)
    grades[0] = 9
    assert qrels.grades.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        qrels.grades[0] = 9
