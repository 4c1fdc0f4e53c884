"""The frame of every training: checkpoints, going on, publishing, refusing."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import (
    DiskFullError,
    InterruptedWorkError,
    LockedError,
    TrainingError,
    UsageError,
)
from retrieval.fsops import LocalFiles, OutputFile
from retrieval.train.card import TrainingCard, read_card
from retrieval.train.options import Precision
from retrieval.train.plan import Plan
from retrieval.train.running import run_training
from retrieval.train.task import Task
from retrieval.train.workplace import Workplace
from tests.train.tiny import ROWS, Followed, Line, plan


def train(
    output: Path,
    *,
    of: Plan | None = None,
    make: Callable[[], Line] = Line,
    observer: Followed | None = None,
    files: LocalFiles | None = None,
) -> TrainingCard:
    return run_training(
        of or plan(),
        make,
        output,
        usage="Load it.",
        observer=observer or Followed(),
        files=files,
    )


def weights(folder: Path) -> bytes:
    return (folder / "inside" / "weights").read_bytes()


def left_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_a_finished_training_is_a_folder_with_its_card(tmp_path: Path) -> None:
    observer = Followed()
    card = train(tmp_path / "deep" / "line", observer=observer)
    assert left_in(tmp_path / "deep") == ["line"]
    assert left_in(tmp_path / "deep" / "line") == ["README.md", "inside", "training.json"]
    assert read_card(tmp_path / "deep" / "line") == card
    assert [one.step for one in card.curve] == [10, 20, 30]
    assert card.best == max(one.value for one in card.curve if one.value is not None)
    assert [one.step for one in observer.steps if not one.validated] == list(range(1, 31))
    assert [one.step for one in observer.steps if one.validated] == [10, 20, 30]
    assert observer.steps[-1].seconds_left == 0
    page = (tmp_path / "deep" / "line" / "README.md").read_text(encoding="utf-8")
    assert card.key in page
    assert "Load it." in page


@pytest.mark.parametrize("moment", [1, 9, 10, 11, 17, 30])
def test_an_interrupted_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, moment: int
) -> None:
    unbroken = train(tmp_path / "unbroken")
    with pytest.raises(InterruptedWorkError, match=f"after step {moment} of 30"):
        train(tmp_path / "broken", observer=Followed(stop_at=moment))
    assert not (tmp_path / "broken").exists()
    again = Followed()
    resumed = train(tmp_path / "broken", observer=again)
    assert weights(tmp_path / "broken") == weights(tmp_path / "unbroken")
    assert [(one.step, one.loss, one.value) for one in resumed.curve] == [
        (one.step, one.loss, one.value) for one in unbroken.curve
    ]
    assert resumed.resumed == (1 if moment > 1 else 0)
    assert left_in(tmp_path) == ["broken", "unbroken"]


def test_other_choices_do_not_go_on_from_it_and_are_told_of_it(tmp_path: Path) -> None:
    with pytest.raises(InterruptedWorkError):
        train(tmp_path / "line", observer=Followed(stop_at=12))
    other = Followed()
    card = train(tmp_path / "line", of=plan(learning_rate=0.01), observer=other)
    assert card.resumed == 0
    assert len(other.notes) == 1
    assert "unfinished training" in other.notes[0]


def test_checkpoints_are_few(tmp_path: Path) -> None:
    with pytest.raises(InterruptedWorkError):
        train(tmp_path / "line", observer=Followed(stop_at=25))
    place = Workplace(tmp_path / "line", plan().key, LocalFiles())
    names = left_in(place.folder)
    assert len([one for one in names if one.startswith("checkpoint-")]) == 1
    assert len([one for one in names if one.startswith("best-")]) == 1


def test_a_checkpoint_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(InterruptedWorkError):
        train(tmp_path / "line", observer=Followed(stop_at=12))
    place = Workplace(tmp_path / "line", plan().key, LocalFiles())
    (newest,) = place.folder.glob("checkpoint-*")
    newest.write_bytes(newest.read_bytes()[:-9])
    train(tmp_path / "unbroken")
    assert train(tmp_path / "line").resumed == 0
    assert weights(tmp_path / "line") == weights(tmp_path / "unbroken")


def test_the_same_training_again_does_nothing(tmp_path: Path) -> None:
    first = train(tmp_path / "line")
    observer = Followed()
    assert train(tmp_path / "line", observer=observer) == first
    assert observer.steps == []
    assert "finished" in observer.notes[0]


@pytest.mark.parametrize("there", ["file", "folder", "training"])
def test_what_is_there_is_not_overwritten(tmp_path: Path, there: str) -> None:
    if there == "file":
        (tmp_path / "line").write_text("mine")
    elif there == "folder":
        (tmp_path / "line").mkdir()
    else:
        train(tmp_path / "line", of=plan(seed=5))
    with pytest.raises(UsageError, match="is there already"):
        train(tmp_path / "line")


def test_two_processes_do_not_train_the_same(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "line", plan().key, LocalFiles())
    with place.held(), pytest.raises(LockedError):
        train(tmp_path / "line")


def test_the_best_weights_are_published_and_patience_ends_it(tmp_path: Path) -> None:
    values = [0.5, 0.9, 0.1, 0.2, 0.3, 0.4]
    of = plan(epochs=6, patience=2)
    card = train(tmp_path / "line", of=of, make=lambda: Line(values=values))
    assert (card.best, card.best_step, card.stopped_early, card.steps) == (0.9, 20, True, 40)
    short = train(tmp_path / "short", of=plan(epochs=6, patience=None), make=lambda: Line(
        values=[0.5, 0.9, 0.1, 0.2, 0.3, 0.4]))  # fmt: skip
    assert (short.steps, short.best_step) == (60, 20)
    assert weights(tmp_path / "short") == weights(tmp_path / "line")


def test_a_training_stopped_early_and_killed_before_publishing_only_publishes(
    tmp_path: Path,
) -> None:
    values = [0.9, 0.1, 0.2]
    of = plan(epochs=6, patience=2)
    full = FullDisk(of_names=("training.json",))
    with pytest.raises(DiskFullError):
        train(tmp_path / "line", of=of, make=lambda: Line(values=values), files=full)
    again = Line(values=[])
    card = train(tmp_path / "line", of=of, make=lambda: again)
    assert again.seen == []
    assert (card.best, card.steps, card.stopped_early) == (0.9, 30, True)


def test_a_finished_model_is_checked_in_single_precision(tmp_path: Path) -> None:
    import torch

    card = run_training(
        plan(precision=Precision.BF16),
        Line,
        tmp_path / "line",
        usage="Load it.",
        observer=Followed(),
        checks=lambda task: {"halved": torch.is_autocast_enabled("cpu")},
    )
    assert (card.precision, card.checks) == ("bf16", {"halved": False})


def test_a_check_that_was_interrupted_is_made_again_without_another_step(tmp_path: Path) -> None:
    def interrupted(task: Task) -> dict[str, Any]:
        raise KeyboardInterrupt

    given: dict[str, Any] = {"usage": "Load it.", "observer": Followed()}
    with pytest.raises(KeyboardInterrupt):
        run_training(plan(), Line, tmp_path / "line", checks=interrupted, **given)
    assert not (tmp_path / "line").exists()
    observer = Followed()
    card = run_training(
        plan(),
        Line,
        tmp_path / "line",
        usage="Load it.",
        observer=observer,
        checks=lambda task: {"made": True},
    )
    assert (card.checks, observer.steps) == ({"made": True}, [])


def test_validations_within_an_epoch(tmp_path: Path) -> None:
    card = train(tmp_path / "line", of=plan(epochs=1, validations=4, patience=None))
    assert [one.step for one in card.curve] == [3, 5, 8, 10]


def test_without_validation_the_last_weights_are_published(tmp_path: Path) -> None:
    class Unmeasured(Line):
        def validate(self) -> None:
            return None

    card = train(tmp_path / "line", make=Unmeasured)
    assert (card.best, card.measure, card.best_step) == (None, "", 30)
    assert all(one.value is None and math.isfinite(one.loss) for one in card.curve)


def test_a_loss_that_is_no_number_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"The loss is nan in step \d+ of 30 .*rows"):
        train(tmp_path / "line", make=lambda: Line(broken_row=ROWS - 1))
    assert left_in(tmp_path) == []


def test_a_model_of_no_use_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="all alike"):
        train(tmp_path / "line", make=lambda: Line(fault="all alike"))
    assert left_in(tmp_path) == []


class FullDisk(LocalFiles):
    """A disk that is full for some names."""

    def __init__(self, of_names: tuple[str, ...]) -> None:
        self._of_names = of_names

    def create(self, path: Path) -> OutputFile:
        if path.name.startswith(self._of_names):
            raise DiskFullError(f"The disk is full: {path}.")
        return super().create(path)


@pytest.mark.parametrize("name", ["checkpoint-000000017", "best-000000020", "README.md"])
def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path, name: str) -> None:
    train(tmp_path / "unbroken")
    with pytest.raises(DiskFullError):
        train(tmp_path / "line", files=FullDisk(of_names=(name,)))
    assert not (tmp_path / "line").exists()
    assert train(tmp_path / "line").resumed == 1
    assert weights(tmp_path / "line") == weights(tmp_path / "unbroken")


def test_a_disk_that_is_full_for_the_library_says_so(tmp_path: Path) -> None:
    class Full(Line):
        def save(self, folder: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    class FullInRust(Line):
        def save(self, folder: Path) -> None:
            raise RuntimeError("Error while serializing: I/O error: No space (os error 28)")

    for made in (Full, FullInRust):
        with pytest.raises(DiskFullError):
            train(tmp_path / "line", make=made)
    assert not (tmp_path / "line").exists()
    train(tmp_path / "line")
    assert left_in(tmp_path) == ["line"]


def test_a_training_that_never_began_leaves_no_folder(tmp_path: Path) -> None:
    def impossible() -> Line:
        raise UsageError("There is no such layer.")

    with pytest.raises(UsageError, match="no such layer"):
        train(tmp_path / "line", make=impossible)
    with pytest.raises(InterruptedWorkError, match="no checkpoint yet"):
        train(tmp_path / "line", observer=Followed(stop_at=1))
    assert left_in(tmp_path) == []
