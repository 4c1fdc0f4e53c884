import os
import sys

import pytest

from retrieval.cli.observer import CommandObserver
from retrieval.train.progress import Progress
from tests.cli.terminal import open_terminal, read_all


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_notes_and_warnings_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with CommandObserver() as observer:
        observer.note("The text is in the field 'body\x1b'.")
        observer.warn("Careful.")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "note: The text is in the field 'body\\x1b'.\nwarning: Careful.\n"


def test_quiet_leaves_only_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with CommandObserver(quiet=True, clock=clock) as observer:
        observer.note("a")
        clock.now += 1000
        observer.progress("encoding", 1, 2, "passages")
        observer.warn("b")
    assert capsys.readouterr().err == "warning: b\n"


def test_short_work_says_nothing_about_its_progress(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with CommandObserver(clock=clock) as observer:
        for done in range(100):
            clock.now += 0.09
            observer.progress("encoding", done, 100, "passages")
    assert capsys.readouterr().err == ""


def test_a_log_of_long_work_stays_short(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with CommandObserver(clock=clock) as observer:
        for done in range(0, 10_000, 10):
            clock.now += 10  # nearly three hours
            observer.progress("encoding", done, 10_000, "passages")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "after 10.0 s: encoding 0 passages (0 % of 10,000 passages)"
    assert 5 < len(lines) < 15


def test_a_line_tells_every_stage_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with CommandObserver(clock=clock) as observer:
        observer.progress("reading", 2_000_000, 8_000_000, "bytes")
        clock.now += 11
        observer.progress("encoding", 1_200, None, "passages")
    told = "after 11.0 s: reading 2.0 MB (25 % of 8.0 MB), encoding 1,200 passages\n"
    assert capsys.readouterr().err == told


def test_no_drawing_is_loaded_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for name in [name for name in sys.modules if name.startswith("retrieval.cli.progress")]:
        del sys.modules[name]
    with CommandObserver() as observer:
        observer.progress("encoding", 1, 2, "passages")
    assert "retrieval.cli.progress" not in sys.modules
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_bar_on_a_terminal_fits_it_and_goes_away(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    ours, theirs = open_terminal(columns)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    with open(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with CommandObserver() as observer:
            observer.progress("encoding", 1_000, 10_000, "passages")
            observer.note("A field was found.")
            observer.progress("encoding", 2_000, 10_000, "passages")
            observer.progress("merging", 1, None, "parts")
    shown = read_all(ours)
    assert "encoding" in shown
    assert "10,000 passages" in shown
    assert "note: A field was found." in shown
    os.close(ours)
    assert "\x1b[?25h" in shown  # the cursor is back
    visible = [line for line in shown.replace("\r", "\n").split("\n") if "\x1b" not in line]
    assert all(len(line) <= columns for line in visible)


def test_a_training_is_followed_by_validations_and_by_its_loss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    with CommandObserver(clock=clock) as observer:
        for step in range(1, 5):
            clock.now += 8
            shown = Progress(
                step=step,
                steps=4,
                epoch=1,
                epochs=1,
                loss=1 / step,
                measure="AP" if step == 4 else "",
                value=0.75 if step == 4 else None,
                best=0.75 if step == 4 else None,
                validated=step == 4,
                seconds_left=(4 - step) * 8.0,
            )
            observer.trained(shown)
    assert capsys.readouterr().err.splitlines() == [
        "after 16.0 s: training 2 steps (50 % of 4 steps), loss 0.5000, about 16.0 s left",
        "note: epoch 1 of 1, step 4 of 4: loss 0.2500, AP 0.7500 (the best so far)",
        "after 32.0 s: training 4 steps (100 % of 4 steps), loss 0.2500",
    ]
