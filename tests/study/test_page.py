"""The page of the study says what the results say, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.study.page import HEADINGS, INTRODUCTION, NOT_RUN, PAGE, named, rendered
from bench.study.system import System
from bench.study.tasks import TASKS

ORIGIN = {
    "runs": 5,
    "runs_differ_in": "seeds",
    "commit": "abc1234",
    "date": "2026-01-01",
    "cpu": "A processor",
    "cores": 2,
    "load": 0.2,
}
FIGURE = {"mean": 0.912, "min": 0.9, "max": 0.92, "low": 0.901, "high": 0.923}


def write(folder: Path, task: str, figures: dict[str, Any]) -> None:
    (folder / f"study-{task}.json").write_text(json.dumps({"figures": figures}), encoding="utf-8")


def sentiment(**told: Any) -> dict[str, Any]:
    one = dict.fromkeys(("AP", "P@100", "accuracy", "F1"), FIGURE)
    return {"rt_polarity": {"systems": {"text": {**one, "from": {**ORIGIN, **told}}}}}


def test_the_page_is_what_the_results_give() -> None:
    for path, text in rendered().items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} differs; run: python -m bench.study --page"
        )


def test_no_figure_lies_beside_the_page_that_it_does_not_show() -> None:
    shown = {path.name for path in rendered() if path.suffix == ".svg"}
    assert {path.name for path in PAGE.parent.glob("study-*.svg")} == shown


def test_every_task_has_a_heading() -> None:
    assert list(HEADINGS) == list(TASKS)


def test_without_results_every_system_is_named_and_has_no_figure(tmp_path: Path) -> None:
    found = rendered(tmp_path, tmp_path / "study.md")
    assert list(found) == [tmp_path / "study.md"]
    text = found[tmp_path / "study.md"].removeprefix(INTRODUCTION)
    count = 0
    for task in TASKS.values():
        for system in task.systems:
            assert f"| {named(system)} | {NOT_RUN} |" in text
            count += len(task.collections)
    assert text.count(NOT_RUN + " |") == count
    rows = [line for line in text.splitlines() if NOT_RUN + " |" in line]
    assert not [row for row in rows if row.split(NOT_RUN)[1].strip("| ")]


def test_what_was_not_run_is_named_with_the_command_that_runs_it(tmp_path: Path) -> None:
    write(tmp_path, "sentiment", sentiment())
    text = rendered(tmp_path, tmp_path / "study.md")[tmp_path / "study.md"]
    (command,) = [
        line for line in text.splitlines() if "--collection rt_polarity --systems" in line
    ]
    asked = command.partition("--systems ")[2].split()
    assert asked == [one.name for one in TASKS["sentiment"].systems if one.name != "text"]


def test_a_figure_stands_with_its_interval_and_runs(tmp_path: Path) -> None:
    write(tmp_path, "sentiment", sentiment())
    text = rendered(tmp_path, tmp_path / "study.md")[tmp_path / "study.md"]
    (row,) = [line for line in text.splitlines() if "0.912" in line]
    assert "0.912 [0.901, 0.923]" in row
    assert "5 (0.900-0.920)" in row
    assert "A processor, 2 cores, 2026-01-01, commit abc1234" in text


def test_a_subset_is_called_one(tmp_path: Path) -> None:
    write(tmp_path, "sentiment", sentiment(subset_rows=300, of_rows=7677))
    text = rendered(tmp_path, tmp_path / "study.md")[tmp_path / "study.md"]
    (row,) = [line for line in text.splitlines() if "0.912" in line]
    assert "subset of 300 of 7,677 training rows" in row


def test_fewer_epochs_are_told(tmp_path: Path) -> None:
    write(tmp_path, "sentiment", sentiment(epochs=1, of_epochs=2))
    text = rendered(tmp_path, tmp_path / "study.md")[tmp_path / "study.md"]
    (row,) = [line for line in text.splitlines() if "0.912" in line]
    assert "(1 of 2 epochs)" in row


@pytest.mark.parametrize(("kept", "ends"), [([4.0], "4"), ([9.0, 3.0, 9.0], "3 to 9")])
def test_the_epochs_whose_state_was_kept_are_told(
    tmp_path: Path, kept: list[float], ends: str
) -> None:
    write(tmp_path, "sentiment", sentiment(epochs=10, kept_epochs=kept))
    text = rendered(tmp_path, tmp_path / "study.md")[tmp_path / "study.md"]
    (row,) = [line for line in text.splitlines() if "0.912" in line]
    assert f"(best after epoch {ends} of 10)" in row


@pytest.mark.parametrize("task", TASKS)
def test_names_of_systems_are_their_own(task: str) -> None:
    systems: tuple[System, ...] = TASKS[task].systems
    assert len({one.name for one in systems}) == len(systems)
    assert not [one.told for one in systems if "|" in one.told]


def test_figures_are_small() -> None:
    for path, text in rendered().items():
        assert len(text.encode()) < 1_000_000, path
