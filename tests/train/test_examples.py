"""Rows that an objective cannot learn from are refused, and it is said why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.errors import InputError, RetrievalError, UsageError
from retrieval.train.biencoder.examples import Pairs
from retrieval.train.biencoder.label_pairs import draw_partners, nearest_mean_accuracy
from retrieval.train.biencoder.options import BiencoderOptions, Objective, RowFields
from retrieval.train.biencoder.pairs import partners_of
from retrieval.train.biencoder.rows import read_training_rows
from tests.train.test_biencoder import write_table

TEXTS = [(f"text {at}", "pos" if at % 3 else "neg") for at in range(40)]
PAIRS = [(f"first {at}", f"second {at}", at % 2) for at in range(40)]


def read(folder: Path, header: Sequence[str], rows: Sequence[Any], **given: Any) -> Any:
    path = write_table(folder / "rows.csv", header, rows)
    return read_training_rows([path], BiencoderOptions(**given))


def test_rows_are_held_out_by_label_and_described(tmp_path: Path) -> None:
    found = read(tmp_path, ("text", "label"), TEXTS, objective="dummy-cosine", validation=0.25)
    assert found.facts.rows == 30
    assert found.facts.validation_rows == 10
    assert found.facts.labels == {"neg": 10, "pos": 20}
    assert found.positive == "pos"
    assert not set(found.train.texts) & set(found.held_out.texts)
    other = read(tmp_path, ("text", "label"), TEXTS[::-1], objective="dummy-cosine")
    assert other.facts.sha256 != found.facts.sha256


@pytest.mark.parametrize(
    ("objective", "header", "rows", "told"),
    [
        ("dummy-cosine", ("text", "class_of"), TEXTS, "a field for the label"),
        ("dummy-cosine", ("body", "label"), TEXTS, "a field for the text"),
        ("dummy-cosine", ("text", "label"), [(one, "pos") for one, _ in TEXTS], "has the label"),
        ("dummy-cosine", ("text", "label"), [*TEXTS, ("", "pos")], "no text in 'text'"),
        ("dummy-softmax", ("text", "label"), [*TEXTS, ("a", "")], "no label in 'label'"),
        ("opposite-pairs", ("text", "label"), [*TEXTS, ("a", "mid")], "two opposite ones"),
        ("same-label-pairs", ("text", "label"), [("a", "x"), ("b", "y")], "Every label has one"),
        ("softmax", ("sentence1", "sentence2"), [("a", "b")], "a field for the class"),
        ("cosine", ("sentence1", "sentence2", "score"), [("a", "b", 5), ("c", "d", 0)],
         "--top-score 5"),
        ("cosine", ("sentence1", "sentence2", "score"), [("a", "b", 1), ("c", "d", 1)],
         "scores that differ"),
        ("cosine", ("sentence1", "sentence2", "score"), [("a", "b", "x"), ("c", "d", 1)],
         "no number in 'score' but 'x'"),
        ("contrastive", ("text1", "text2", "label"), [("a", "b", 2)], "needs 0 or 1"),
        ("contrastive", ("text1", "text2", "label"), [("a", "b", 0)], "no pairs that belong"),
        ("ranking", ("anchor", "positive", "label"), [("a", "b", 0)], "pairs that belong together"),
        ("ranking", ("anchor", "positive"), [(f"t{at}", "<s>") for at in range(9)],
         "second text '<s>'.*dummy-cosine"),
    ],
)  # fmt: skip
def test_rows_of_no_use_are_refused(
    tmp_path: Path, objective: str, header: Sequence[str], rows: Sequence[Any], told: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, header, rows, objective=objective, positive="pos")
    assert re.search(told, str(caught.value), re.IGNORECASE)


def test_which_label_is_positive_has_to_be_known(tmp_path: Path) -> None:
    rows = [(text, {"pos": "a", "neg": "b"}[label]) for text, label in TEXTS]
    with pytest.raises(UsageError, match=r"'a' \(26\), 'b' \(14\)"):
        read(tmp_path, ("text", "label"), rows, objective="dummy-cosine")
    with pytest.raises(UsageError, match="No row has the label 'c'"):
        read(tmp_path, ("text", "label"), rows, objective="dummy-cosine", positive="c")


def test_a_label_that_was_never_learned_is_refused(tmp_path: Path) -> None:
    other = write_table(tmp_path / "v.csv", ("text", "label"), [("a", "new"), ("b", "pos")])
    with pytest.raises(InputError, match="'new' is among the rows to validate on and not"):
        read(tmp_path, ("text", "label"), TEXTS, objective="dummy-softmax", validation=str(other))


def test_what_is_odd_about_rows_is_said(tmp_path: Path) -> None:
    other = write_table(tmp_path / "v.csv", ("text", "label"), [("text 1", "pos"), ("b", "neg")])
    found = read(
        tmp_path,
        ("text", "label"),
        [*TEXTS, ("text 2", "neg")],
        objective="dummy-cosine",
        validation=str(other),
    )
    told = " ".join(found.warnings)
    assert "1 texts to validate on are among those to train on" in told
    assert "1 texts have more than one label" in told
    assert "Only 2 rows to validate on" in told
    none = read(tmp_path, ("text", "label"), TEXTS, objective="dummy-cosine", validation=0.0)
    assert "Without rows to validate on" in " ".join(none.warnings)


def test_fields_can_be_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        ("a", "b", "grade"),
        PAIRS,
        objective="contrastive",
        fields=RowFields(first="b", second="a", label="grade"),
        validation=0.0,
    )
    assert found.train.first[3] == "second 3"
    assert found.train.targets.tolist() == [0.0, 1.0] * 20


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        "".join(f'{{"_id": "d{at}", "title": "t", "text": "body {at}"}}\n' for at in range(9))
    )
    (folder / "queries.jsonl").write_text(
        "".join(f'{{"_id": "q{at}", "text": "query {at}"}}\n' for at in range(6))
    )
    head = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels" / "train.tsv").write_text(
        head + "".join(f"q{at}\td{at}\t1\nq{at}\td{at + 1}\t0\n" for at in range(4))
    )
    (folder / "qrels" / "dev.tsv").write_text(head + "q4\td4\t1\nq5\td5\t1\n")
    return folder


def test_judgments_are_pairs(tmp_path: Path) -> None:
    options = BiencoderOptions(objective=Objective.RANKING, validation="dev")
    found = read_training_rows([beir(tmp_path / "made")], options)
    assert isinstance(found.train, Pairs)
    assert isinstance(found.held_out, Pairs)
    assert found.train.first == tuple(f"query {at}" for at in range(4))
    assert found.train.second == tuple(f"t body {at}" for at in range(4))
    assert found.held_out.second == ("t body 4", "t body 5")
    assert found.asymmetric


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"split": "test"}, "Splits are dev, train"),
        ({"objective": "cosine"}, "does not learn from those"),
    ],
)
def test_what_a_beir_folder_cannot_give(tmp_path: Path, given: dict[str, Any], told: str) -> None:
    options = BiencoderOptions(**{"objective": "ranking", **given})
    with pytest.raises(RetrievalError, match=told):
        read_training_rows([beir(tmp_path / "made")], options)


def test_partners_are_of_the_same_label_half_of_the_time() -> None:
    labels = (*("aaaaaaabbbbbcz"[at % 14] for at in range(13 * 14)), "single")
    partners, same = draw_partners(labels, np.random.default_rng(0))
    for at, (other, alike) in enumerate(zip(partners.tolist(), same.tolist(), strict=True)):
        assert other != at
        assert (labels[at] == labels[other]) == alike
    assert 0.4 < same.mean() <= 0.51
    assert not same[-1]


def test_the_nearest_mean_leaves_the_row_itself_out() -> None:
    rows = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2]]
    assert nearest_mean_accuracy(rows, ("a", "a", "b", "b", "c")) == 0.8
    assert nearest_mean_accuracy(np.eye(2, dtype=np.float32), ("a", "b")) == 0.0


def test_right_answers_of_a_text_do_not_meet_in_a_step(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        ("anchor", "positive"),
        [("q1", "d1"), ("q1", "d2"), ("q2", "d2"), ("q3", "d3")],
        objective="ranking",
        validation=0.0,
    )
    against = partners_of(found.train)
    assert against[0] == {"q1", "d1", "d2"}
    assert against[2] == {"q1", "q2", "d2"}
    assert against[3] == {"q3", "d3"}
