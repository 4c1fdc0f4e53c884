from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from retrieval.engine.benchmark.judgments import JudgmentOptions, find_task
from retrieval.errors import InputError, UsageError
from retrieval.evaluate.results import TaskKind
from tests.engine.corpora import QRELS, beir, built, jsonl, labelled, qrels_tsv


def test_a_beir_folder_is_judged_by_its_test_split(tmp_path: Path) -> None:
    other = {"q1": {"d6": 1}}
    with built(beir(tmp_path / "c", {"test": QRELS, "train": other}), tmp_path / "i") as index:
        task = find_task(index, JudgmentOptions())
        assert task.kind is TaskKind.QUERIES
        assert task.split == "test"
        assert task.qrels.to_mapping() == QRELS
        assert [one.text for one in task.queries] == ["leek cream", "tyre", "tide night"]
        assert "Queries of queries.jsonl that are not judged and not asked: 1." in task.notes
        trained = find_task(index, JudgmentOptions(split="train"))
        assert trained.qrels.to_mapping() == other


def test_a_split_that_is_not_there_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c", {"dev": QRELS}), tmp_path / "i") as index:
        with pytest.raises(InputError, match=r"no judgments of a split 'test'\. It has: dev"):
            find_task(index, JudgmentOptions())
        assert find_task(index, JudgmentOptions(split="dev")).split == "dev"


def test_a_beir_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        (tmp_path / "c").rename(tmp_path / "elsewhere")
        with pytest.raises(InputError, match="is not there any more"):
            find_task(index, JudgmentOptions())


def test_files_win_over_what_belongs_to_the_index(tmp_path: Path) -> None:
    qrels = qrels_tsv(tmp_path / "mine.tsv", {"q2": {"d4": 1}, "q9": {"d1": 1}})
    with built(beir(tmp_path / "c"), tmp_path / "i") as index:
        task = find_task(index, JudgmentOptions(qrels=qrels))
        assert [one.query_id for one in task.queries] == ["q2"]
        assert task.qrels.query_ids == ("q2", "q9")
        assert any("Judged queries without a text" in note for note in task.notes)


def test_judgments_without_texts_of_queries_are_refused(tmp_path: Path) -> None:
    qrels = qrels_tsv(tmp_path / "q.tsv", QRELS)
    with (
        built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index,
        pytest.raises(UsageError, match="not what the query is"),
    ):
        find_task(index, JudgmentOptions(qrels=qrels))


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    qrels = qrels_tsv(tmp_path / "q.tsv", QRELS)
    queries = jsonl(tmp_path / "q.jsonl", [{"_id": "x1", "text": "other"}])
    with (
        built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index,
        pytest.raises(InputError, match="nothing in common"),
    ):
        find_task(index, JudgmentOptions(qrels=qrels, queries=queries))


def test_each_label_is_a_query_and_unlabelled_documents_are_not_ranked(tmp_path: Path) -> None:
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        task = find_task(index, JudgmentOptions())
    assert task.kind is TaskKind.LABELS
    assert task.judgments == "field label"
    assert {one.query_id: one.text for one in task.queries} == {"bad": "bad", "good": "good"}
    assert task.qrels.to_mapping() == {
        "bad": {"a": 0, "b": 0, "c": 1, "d": 1},
        "good": {"a": 1, "b": 1, "c": 0, "d": 0},
    }
    assert not task.may_rank("good", "e")
    assert any("which are not ranked: 1" in note for note in task.notes)


def test_the_text_of_a_label_comes_from_a_template_or_a_file(tmp_path: Path) -> None:
    texts = [{"_id": "bad", "text": "I hate it"}, {"_id": "good", "text": "I love it"}]
    file = jsonl(tmp_path / "l.jsonl", texts)
    with built(labelled(tmp_path / "c.jsonl"), tmp_path / "i") as index:
        made = find_task(index, JudgmentOptions(label_template="{label} review"))
        read = find_task(index, JudgmentOptions(label_queries=file))
        jsonl(file, texts[:1])
        with pytest.raises(InputError, match="no text for the label 'good'"):
            find_task(index, JudgmentOptions(label_queries=file))
    assert [one.text for one in made.queries] == ["bad review", "good review"]
    assert [one.text for one in read.queries] == ["I hate it", "I love it"]


def test_a_list_of_labels_is_several_labels(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "text": "one", "topic": ["x", "y"]},
        {"id": "b", "text": "two", "topic": ["y"]},
        {"id": "c", "text": "three", "topic": 3},
        {"id": "d", "text": "four", "topic": True},
    ]
    with built(labelled(tmp_path / "c.jsonl", rows), tmp_path / "i") as index:
        task = find_task(index, JudgmentOptions(label_field="topic"))
    relevant = {
        label: [one for one, grade in grades.items() if grade]
        for label, grades in task.qrels.to_mapping().items()
    }
    assert relevant == {"3": ["c"], "true": ["d"], "x": ["a"], "y": ["a", "b"]}


def test_several_fields_that_could_be_labels_have_to_be_chosen_from(tmp_path: Path) -> None:
    rows = [
        {"id": str(at), "text": f"text {at}", "mood": "ab"[at % 2], "place": "xy"[at // 2]}
        for at in range(4)
    ]
    with built(labelled(tmp_path / "c.jsonl", rows), tmp_path / "i") as index:
        with pytest.raises(UsageError, match=r"Several fields .*: mood, place"):
            find_task(index, JudgmentOptions())
        assert find_task(index, JudgmentOptions(label_field="mood")).judgments == "field mood"


def test_an_index_that_nothing_judges_is_told_three_ways(tmp_path: Path) -> None:
    rows = [{"id": "a", "text": "one", "year": 1}, {"id": "b", "text": "two", "year": 2}]
    with built(labelled(tmp_path / "c.jsonl", rows), tmp_path / "i") as index:
        with pytest.raises(UsageError, match="Nothing judges") as caught:
            find_task(index, JudgmentOptions())
        for way in ("BEIR folder", "--qrels FILE --queries FILE", "--label-field NAME"):
            assert way in caught.value.fix
        with pytest.raises(UsageError, match="has 0 label"):
            find_task(index, JudgmentOptions(label_field="nothing"))


@pytest.mark.parametrize(
    "options",
    [
        {"qrels": "a", "label_template": "{label}"},
        {"split": "a", "label_queries": "b"},
        {"qrels": "a", "split": "test"},
        {"label_queries": "a", "label_template": "{label}"},
        {"label_template": "no mark"},
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        JudgmentOptions(**options)
