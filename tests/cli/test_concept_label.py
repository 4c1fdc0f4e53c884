from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import retrieval
from retrieval.cli.asking import Answer
from retrieval.cli.concept_label import label
from retrieval.errors import InputError, InterruptedWorkError, UsageError
from tests.cli.conftest import Run
from tests.cli.terminal import converse
from tests.engine.learnable import COMPLAINT, PRAISE, learnable, learnable_rows

INDEX = ("--index", "notes")
LABEL = ("concept", "label", "praise", *INDEX)
PROMPT = "[y/n/s/u/q] "


class Person:
    """Answers by the words of a text, a slip now and then, and stops after some answers."""

    def __init__(self, most: int, *, slips: Iterator[Answer] | None = None) -> None:
        self._left = most
        self._slips = slips or iter(())
        self.headings: list[str] = []
        self.told: list[str] = []
        self.asked: list[str] = []

    def ask(self, heading: str, text: str) -> Answer:
        self.headings.append(heading)
        self.asked.append(text)
        if (slip := next(self._slips, None)) is not None:
            return slip
        if not self._left:
            return Answer.QUIT
        self._left -= 1
        return Answer.YES if set(text.split()) & set(PRAISE) else Answer.NO

    def tell(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def index(tmp_path: Path) -> retrieval.Index:
    return learnable(tmp_path, rows=learnable_rows(200, noise=0.0))


def test_a_person_labels_and_a_concept_is_fitted(index: retrieval.Index, tmp_path: Path) -> None:
    person = Person(30)
    session = index.label_session("praise", tmp_path / "l.jsonl", texts=["good", "fine"])
    concept = label(session, person, most=None)
    assert (concept.version, concept.report.labels) == (1, 30)
    assert concept.labels_are == "chosen"
    assert concept.texts == ("good", "fine")
    assert index.search(concept="praise", k=1)[0].probability is None
    assert "AP of the labels" in person.headings[-1]
    assert len(set(person.asked)) == 31
    kept = [json.loads(line) for line in (tmp_path / "l.jsonl").read_text().splitlines()]
    assert len(kept) == 30
    assert {frozenset(row) for row in kept} == {frozenset({"id", "label"})}
    hits = index.search(concept="praise", k=20)
    assert sum(hit.metadata["label"] == "praise" for hit in hits) >= 18


def test_who_stops_too_early_goes_on_later(index: retrieval.Index, tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    first = Person(9)
    with pytest.raises(InterruptedWorkError, match="9 labels so far"):
        label(index.label_session("praise", path), first, most=None)
    assert index.find_concept("praise") is None
    second = Person(99)
    concept = label(index.label_session("praise", path), second, most=25)
    assert concept.report.labels == 25
    assert second.headings[0].startswith("9 labels")
    assert not set(first.asked[:9]) & set(second.asked)
    assert second.asked[0] == first.asked[9]


def test_answers_are_taken_back(index: retrieval.Index, tmp_path: Path) -> None:
    slips = iter([Answer.UNDO, Answer.NO, Answer.SKIP, Answer.UNDO, Answer.UNDO])
    person = Person(22, slips=slips)
    session = index.label_session("praise", tmp_path / "l.jsonl")
    concept = label(session, person, most=None)
    assert person.told[:3] == ["There is nothing to undo.", "Undone.", "Undone."]
    assert person.asked[0] == person.asked[1] == person.asked[5]
    wrong = [one for one, said in zip(concept.doc_ids, concept.labels, strict=True) if not said]
    documents = {one.document.doc_id: one.document for one in index.snapshot.scan()}
    for doc_id in wrong:
        assert set(documents[doc_id].text.split()) & set(COMPLAINT)


def test_every_document_can_be_labelled(tmp_path: Path) -> None:
    with learnable(tmp_path, 25) as index:
        person = Person(99)
        concept = label(index.label_session("praise", tmp_path / "l.jsonl"), person, most=None)
    assert concept.report.labels == 25
    assert "Every document was asked about." in person.told


def test_what_cannot_be_labelled_is_refused(index: retrieval.Index, tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text('{"id": "zz", "label": true}\n')
    with pytest.raises(InputError, match="'zz'"):
        index.label_session("praise", path)
    path.write_text('{"id": "d0001", "label": "maybe"}\n')
    with pytest.raises(InputError, match="true or false"):
        index.label_session("praise", path)
    with pytest.raises(UsageError, match="unit is"):
        index.label_session("praise", unit="word")
    with pytest.raises(UsageError, match="is empty"):
        index.label_session("praise", texts=[" "])
    session = index.label_session("praise", tmp_path / "new.jsonl")
    with pytest.raises(UsageError, match="Nothing was asked"):
        session.answer(True)
    with pytest.raises(UsageError, match="Nothing was labelled"):
        session.finish()
    (tmp_path / "small").mkdir()
    with (
        learnable(tmp_path / "small", 10) as small,
        pytest.raises(UsageError, match="10 documents"),
    ):
        small.label_session("praise")


@pytest.fixture
def notes(tmp_path: Path, run: Run, hashing: None) -> Path:
    rows = learnable_rows(80, noise=0.0)
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("index", "notes.jsonl").code == 0
    return tmp_path


def test_a_kill_loses_no_answer(notes: Path) -> None:
    environment = {"RETRIEVE_MODEL": "testing-hashing"}
    seen = converse(
        LABEL, ["y", "n", "y"], prompt=PROMPT, folder=notes, environment=environment, killed=True
    )
    assert seen.code == -9
    kept = [
        json.loads(line) for line in (notes / "notes-praise.labels.jsonl").read_text().splitlines()
    ]
    assert [row["label"] for row in kept] == [True, False, True]
    again = converse(LABEL, [], prompt=PROMPT, folder=notes, environment=environment)
    assert again.code == 3
    assert "3 labels: 2 yes, 1 no" in again.text
    assert "3 labels so far" in again.text
    assert "To go on, run: retrieve concept label praise --index notes" in again.text


def test_without_a_person_nothing_is_asked(notes: Path, run: Run) -> None:
    done = run(*LABEL)
    assert (done.code, done.error["code"]) == (2, "usage")
    assert "concept fit NAME --labels FILE" in done.error["fix"]
    assert not (notes / "notes-praise.labels.jsonl").exists()


def test_what_is_taken_back_is_taken_out_of_the_file(
    index: retrieval.Index, tmp_path: Path
) -> None:
    path = tmp_path / "l.jsonl"
    session = index.label_session("praise", path)
    asked = []
    for label_of_it in (True, False):
        document = session.question()
        assert document is not None
        asked.append(document.doc_id)
        session.answer(label_of_it)
    assert session.undo()
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == asked[:1]
    assert session.progress().labels == 1
    again = session.question()
    assert again is not None
    assert again.doc_id == asked[1]
    assert session.undo()
    assert not session.undo()
    assert not path.exists()
