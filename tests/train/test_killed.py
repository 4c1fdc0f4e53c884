"""A training killed by the system, at any moment, and given again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from retrieval.train.biencoder.options import Objective
from tests.cli.terminal import environment_of_child
from tests.forks import TRAINING, Forked, server_of
from tests.train.test_biencoder import rows_for

ROOT = Path(__file__).parents[2]


def start(base: Path, folder: Path, output: str) -> Forked:
    words = [
        "train", "biencoder", str(folder / "reviews.csv"), "--objective", "dummy-cosine",
        "--base", str(base), "--output", str(folder / output), "--epochs", "3",
        "--batch-size", "8", "--learning-rate", "0.003", "--precision", "fp32", "--device", "cpu",
    ]  # fmt: skip
    with Path(os.devnull).open("r+b") as nowhere:
        return server_of(TRAINING).start(
            "retrieval",
            words,
            folder=ROOT,
            environment=environment_of_child(OMP_NUM_THREADS="1"),
            streams=(nowhere.fileno(),) * 3,
        )


@pytest.mark.parametrize("wait", ["best-", "checkpoint-"])
def test_a_killed_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, tiny_base: Path, wait: str
) -> None:
    rows_for(Objective.DUMMY_COSINE, tmp_path)
    assert start(tiny_base, tmp_path, "unbroken").wait(300) == 0
    killed = start(tiny_base, tmp_path, "killed")
    until = time.monotonic() + 300
    while not list(tmp_path.glob(f".killed.*.training/{wait}*")):
        assert time.monotonic() < until
        assert killed.poll() is None
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait(60)
    assert not (tmp_path / "killed").exists()
    assert start(tiny_base, tmp_path, "killed").wait(300) == 0
    one, other = (tmp_path / name / "model.safetensors" for name in ("unbroken", "killed"))
    assert one.read_bytes() == other.read_bytes()
    assert not list(tmp_path.glob(".*.training"))
