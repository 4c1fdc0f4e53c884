from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from retrieval.cli.asking import Answer, TerminalAsker
from retrieval.cli.concept_audit import judge
from retrieval.records import Document
from tests.cli.conftest import Run
from tests.cli.terminal import converse
from tests.engine.learnable import learnable_rows

INDEX = ("--index", "notes")
AUDIT = ("concept", "audit", "praise", *INDEX)


class Scripted:
    """An asker with its answers written down."""

    def __init__(self, answers: str) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, heading: str, text: str) -> Answer:
        self.asked.append(text)
        return Answer(next(self._answers))

    def tell(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def notes(tmp_path: Path, run: Run, hashing: None) -> list[dict[str, str]]:
    rows = learnable_rows(150, noise=0.05)
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run("index", "notes.jsonl").code == 0
    fit = ("concept", "fit", "praise", "--label-field", "label", "--positive", "praise")
    assert run(*fit, *INDEX).code == 0
    return rows


def judged_by(
    answers: str, known: Mapping[str, bool] | None = None
) -> tuple[dict[str, bool | None], Scripted, list[dict[str, bool]]]:
    documents = [Document(f"d{at}", f"text {at}") for at in range(4)]
    asker, kept = Scripted(answers), []
    done = judge(documents, known or {}, asker, lambda labels: kept.append(dict(labels)))
    return dict(done.judgments), asker, kept


def test_every_document_is_asked_and_every_answer_kept_at_once() -> None:
    judgments, asker, kept = judged_by("ynsy")
    assert judgments == {"d0": True, "d1": False, "d2": None, "d3": True}
    assert asker.asked == ["text 0", "text 1", "text 2", "text 3"]
    assert kept == [
        {"d0": True},
        {"d0": True, "d1": False},
        {"d0": True, "d1": False},
        {"d0": True, "d1": False, "d3": True},
    ]


def test_an_answer_can_be_taken_back() -> None:
    judgments, asker, kept = judged_by("uynuuynyn")
    assert judgments == {"d0": True, "d1": False, "d2": True, "d3": False}
    assert asker.told == ["There is nothing to undo.", "Undone.", "Undone."]
    assert kept[3] == {}


def test_who_stops_keeps_what_was_judged_and_the_rest_is_not_drawn() -> None:
    judgments, _, _ = judged_by("ynq")
    assert judgments == {"d0": True, "d1": False}


def test_what_is_known_is_not_asked_again() -> None:
    judgments, asker, _ = judged_by("nn", {"d0": True, "d2": True})
    assert asker.asked == ["text 1", "text 3"]
    assert judgments == {"d0": True, "d1": False, "d2": True, "d3": False}


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    import io

    screen = io.StringIO()
    asker = TerminalAsker("Good?", io.StringIO("maybe\n\n Yes \n"), screen)
    assert asker.ask("1 of 1", "a text\x1b[31m") is Answer.YES
    assert screen.getvalue().count("Please answer y yes") == 2
    assert "\\x1b" in screen.getvalue()
    assert asker.ask("1 of 1", "more") is Answer.QUIT  # nothing more comes


def answers_of(rows: Sequence[dict[str, str]], drawn: Sequence[str]) -> list[str]:
    labels = {row["id"]: row["label"] for row in rows}
    return ["y" if labels[one] == "praise" else "n" for one in drawn]


def drawn_ids(run: Run, tmp_path: Path, count: int = 50) -> list[str]:
    assert run(*AUDIT, "--sample", "drawn.jsonl", "--count", str(count)).code == 0
    lines = (tmp_path / "drawn.jsonl").read_text().splitlines()
    (tmp_path / "drawn.jsonl").unlink()
    return [json.loads(line)["id"] for line in lines]


def test_a_person_judges_at_the_terminal_stops_and_goes_on(
    notes: list[dict[str, str]], run: Run, tmp_path: Path
) -> None:
    answers = answers_of(notes, drawn_ids(run, tmp_path, 25))

    def said(given: list[str]) -> tuple[int, str]:
        screen = converse(
            (*AUDIT, "--count", "25"),
            given,
            prompt="[y/n/s/u/q] ",
            folder=tmp_path,
            environment={"RETRIEVE_MODEL": "testing-hashing"},
        )
        return screen.code, screen.text

    code, text = said(answers[:10])
    assert code == 3
    assert "10 documents judged; 20 are the least" in text
    assert "notes-praise.audit.jsonl" in text
    assert run("concept", "show", "praise", *INDEX).rows[0]["version"] == 1
    code, text = said([*answers[10:14], "u", *answers[13:24]])
    assert code == 0
    assert "10 documents judged before" in text
    assert "25 of 25" in text
    (told,) = run("concept", "show", "praise", *INDEX).rows
    assert told["version"] == 2
    assert (told["audit"]["judged"], told["audit"]["drawn"]) == (24, 24)
    assert told["audit"]["source"] == "at the terminal"
    assert told["audit"]["positives"] == answers[:24].count("y")
    assert not (tmp_path / "notes-praise.audit.jsonl").exists()


def test_without_a_person_nothing_is_asked(notes: list[dict[str, str]], run: Run) -> None:
    done = run(*AUDIT)
    assert (done.code, done.error["code"]) == (2, "usage")
    assert "--sample" in done.error["fix"]


def test_a_sample_is_judged_elsewhere(
    notes: list[dict[str, str]], run: Run, tmp_path: Path
) -> None:
    ids = drawn_ids(run, tmp_path)
    rows = [
        {"id": one, "label": label} for one, label in zip(ids, answers_of(notes, ids), strict=True)
    ]
    (tmp_path / "j.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run(*AUDIT, "--judgments", "j.jsonl")
    assert done.code == 0
    assert done.rows[0]["audit"]["judged"] == 50
    hit = run("query", "--concept", "praise", "-k", "1", *INDEX).rows[0]
    assert hit["probability"] > 0.5
    given = run(*AUDIT, "--prevalence", "0.01")
    assert (given.rows[0]["audit"], given.rows[0]["prevalence"]) == (None, 0.01)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sample", "a.csv", "--prevalence", "0.5"), "three ways"),
        (("--judgments", "none.jsonl"), "none.jsonl"),
        (("--sample", "a.csv", "--count", "5"), "20 are the least"),
        (("--prevalence", "1.5"), "between 0 and 1"),
    ],
)
def test_what_cannot_be_is_refused(
    notes: list[dict[str, str]], run: Run, words: tuple[str, ...], told: str
) -> None:
    done = run(*AUDIT, *words)
    assert done.code == 2
    assert told in done.error["error"]


def test_answers_of_another_draw_are_named(notes: list[dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "notes-praise.audit.jsonl").write_text('{"id": "elsewhere", "label": true}\n')
    screen = converse(
        AUDIT, [], prompt="fix:", folder=tmp_path, environment={"RETRIEVE_MODEL": "testing-hashing"}
    )
    assert screen.code == 2
    assert "'elsewhere'" in screen.text


def test_a_smaller_count_does_not_throw_judgments_away(
    notes: list[dict[str, str]], run: Run, tmp_path: Path
) -> None:
    ids = drawn_ids(run, tmp_path)
    answers = zip(ids, answers_of(notes, ids), strict=True)
    rows = [{"id": one, "label": label} for one, label in answers]
    (tmp_path / "j.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(*AUDIT, "--judgments", "j.jsonl").code == 0
    screen = converse(
        (*AUDIT, "--count", "52"),
        ["s"],
        prompt="[y/n/s/u/q] ",
        folder=tmp_path,
        environment={"RETRIEVE_MODEL": "testing-hashing"},
    )
    assert "50 documents judged before" in screen.text
    assert "51 of 52" in screen.text
    (told,) = run("concept", "show", "praise", *INDEX).rows
    assert (told["audit"]["judged"], told["audit"]["skipped"]) == (50, 1)
    fewer = converse(
        (*AUDIT, "--count", "20"),
        [],
        prompt="[y/n/s/u/q] ",
        folder=tmp_path,
        environment={"RETRIEVE_MODEL": "testing-hashing"},
    )
    assert "51 of 51" in fewer.text
