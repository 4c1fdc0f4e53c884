from __future__ import annotations

import pytest

from retrieval.errors import InputError, UsageError
from retrieval.evaluate.qrels import Qrels
from retrieval.evaluate.seen import Seen, hold_out

QRELS = Qrels.from_mapping({"q1": {"a": 1, "b": 0}, "q2": {"a": 1, "c": 1}, "q3": {"d": 0}})


def test_nothing_seen_leaves_everything() -> None:
    held = hold_out(QRELS, [], documents_are_labelled=True, in_sample=False)
    assert held.qrels.to_mapping() == QRELS.to_mapping()
    assert (held.left_out, held.out_of_fold, held.in_sample) == (0, 0, False)


def test_queries_seen_by_any_system_are_left_out_for_all() -> None:
    seen = [Seen(queries=frozenset({"q1"})), Seen(queries=frozenset({"q3", "elsewhere"}))]
    held = hold_out(QRELS, seen, documents_are_labelled=False, in_sample=False)
    assert held.qrels.to_mapping() == {"q2": {"a": 1, "c": 1}}
    assert held.left_out == 3


def test_documents_whose_label_was_seen_are_left_out_and_not_ranked() -> None:
    seen = [Seen(documents=frozenset({"a", "z"}))]
    held = hold_out(QRELS, seen, documents_are_labelled=True, in_sample=False)
    assert held.qrels.to_mapping() == {"q1": {"b": 0}, "q2": {"c": 1}, "q3": {"d": 0}}
    assert held.left_out == 2
    assert held.left_out_documents == {"a", "z"}


def test_seen_documents_say_nothing_of_judged_queries() -> None:
    seen = [Seen(documents=frozenset({"a"}))]
    held = hold_out(QRELS, seen, documents_are_labelled=False, in_sample=False)
    assert held.left_out == 0
    assert held.left_out_documents == frozenset()


def test_fold_models_answer_for_documents_they_did_not_see() -> None:
    seen = [Seen(documents=frozenset({"a"}), folds=True)]
    held = hold_out(QRELS, seen, documents_are_labelled=True, in_sample=False)
    assert held.left_out == 0
    assert held.out_of_fold == 2
    # but a system beside it without folds still must not be graded on them
    both = [*seen, Seen(documents=frozenset({"a"}))]
    held = hold_out(QRELS, both, documents_are_labelled=True, in_sample=False)
    assert (held.left_out, held.out_of_fold) == (2, 0)


def test_the_very_judgments_are_refused_when_queries_are_not_told() -> None:
    seen = [Seen(digests=frozenset({QRELS.digest}))]
    with pytest.raises(UsageError, match="these very judgments"):
        hold_out(QRELS, seen, documents_are_labelled=False, in_sample=False)


def test_nothing_left_is_refused() -> None:
    with pytest.raises(UsageError, match="5 judgments"):
        hold_out(QRELS, [Seen.of(QRELS)], documents_are_labelled=False, in_sample=False)


@pytest.mark.parametrize(
    ("seen", "marked"),
    [
        (Seen(queries=frozenset({"q1"})), True),
        (Seen(digests=frozenset({QRELS.digest})), True),
        (Seen(queries=frozenset({"elsewhere"})), False),
    ],
)
def test_the_flattering_figure_keeps_everything_and_is_marked(seen: Seen, marked: bool) -> None:
    held = hold_out(QRELS, [seen], documents_are_labelled=False, in_sample=True)
    assert held.qrels is QRELS
    assert held.in_sample is marked


def test_what_was_seen_survives_its_file() -> None:
    seen = Seen.of(QRELS).union(Seen(documents=frozenset({"ä"}), folds=True))
    assert Seen.from_json(seen.to_json()) == seen
    assert not seen.folds
    with pytest.raises(InputError, match="Not a record"):
        Seen.from_json({"queries": ["q"]})
