"""How a command ends when it is stopped, or when nobody reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import environment_of_child, open_terminal, read_all, read_until

COMMAND = [sys.executable, "-m", "retrieval"]


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")]
)
def test_a_stopped_command_ends_with_3_and_the_command_to_run_again(
    tmp_path: Path, number: int, name: str
) -> None:
    ours, theirs = open_terminal(80)
    with subprocess.Popen(
        [*COMMAND, "query", "--queries", "-", "--index", "my reviews"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=tmp_path,
        env=environment_of_child(),
    ) as child:
        os.close(theirs)
        read_until(ours, "reading from the keyboard; Ctrl-D ends it.")
        child.send_signal(number)
        text = read_all(ours)
    os.close(ours)
    assert child.returncode == 3
    assert text.strip().splitlines() == [
        f"error: Stopped by {name}. What was committed before is whole.",
        "fix: To run it again: python -m retrieval query --queries - --index 'my reviews'",
    ]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(
        [*COMMAND, "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment_of_child(),
        check=False,
    )
    os.close(writing)
    assert ran.returncode == 0
    assert ran.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_told(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [*COMMAND, "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment_of_child(),
            check=False,
        )
    assert ran.returncode == 2
    assert b'"code": "disk_full"' in ran.stderr
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_encoding_of_the_terminal_crashes_us(tmp_path: Path, encoding: str) -> None:
    ran = subprocess.run(
        [*COMMAND, "日本語 ü"],
        capture_output=True,
        cwd=tmp_path,
        env=environment_of_child(PYTHONIOENCODING=encoding),
        check=False,
    )
    assert ran.returncode == 2
    assert b'"code": "usage"' in ran.stderr


def test_a_traceback_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    def errors(*args: str, **environment: str) -> str:
        return subprocess.run(
            [*COMMAND, *args],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment_of_child(**environment),
            check=False,
        ).stderr

    assert "Traceback" not in errors("query", "a", "b")
    assert "Traceback" not in errors("query", "a", "b", RETRIEVE_DEBUG="0")
    assert "Traceback" in errors("query", "a", "b", "--debug")
    assert "Traceback" in errors("--debug", "query", "a", "b")
    assert "Traceback" in errors("query", "a", "b", RETRIEVE_DEBUG="1")
