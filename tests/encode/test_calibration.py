from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import orjson
import pytest
from numpy.typing import NDArray

from retrieval.encode.calibration import (
    Calibration,
    calibrate,
    keep_calibration,
    kept_calibration,
    list_calibrations,
    this_machine,
)
from retrieval.encode.precision import Precision
from retrieval.fsops import LocalFiles
from retrieval.vectors import FloatRows

FILES = LocalFiles()
DIM = 8
PASSAGES = [np.arange(tokens, dtype=np.int64) for tokens in (3, 5, 8)]
MACHINE = this_machine("a processor", 2, "a model")


class Clock:
    """Time that passes only when somebody works."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def fill(
        self, seconds: float, off: float = 0.0
    ) -> Callable[[Sequence[NDArray[np.int64]], FloatRows], None]:
        """Return a forward that takes so long and turns vectors by ``off``."""

        def fill(ids: Sequence[NDArray[np.int64]], rows: FloatRows) -> None:
            self.now += seconds
            rows[:] = 0.0
            rows[:, 0], rows[:, 1] = np.cos(off), np.sin(off)

        return fill


def tried(bf16_seconds: float, off: float) -> Calibration:
    clock = Clock()
    fills = {Precision.FP32: clock.fill(0.1), Precision.BF16: clock.fill(bf16_seconds, off)}
    return calibrate(MACHINE, fills, PASSAGES, DIM, clock=clock, now="2026-01-02T03:04:05+00:00")


@pytest.mark.parametrize(
    ("bf16_seconds", "off", "chosen"),
    [
        (0.05, 0.001, Precision.BF16),
        (0.098, 0.001, Precision.FP32),  # hardly faster
        (0.2, 0.001, Precision.FP32),
        (0.05, 0.1, Precision.FP32),  # cosine 0.995
    ],
)
def test_what_is_faster_and_exact_enough_is_chosen(
    bf16_seconds: float, off: float, chosen: Precision
) -> None:
    assert tried(bf16_seconds, off).chosen is chosen


def test_speed_and_cosine_are_what_was_seen() -> None:
    single, half = tried(0.05, 0.1).trials
    assert single.tokens_per_second == pytest.approx(160)
    assert half.tokens_per_second == pytest.approx(320)
    assert single.least_cosine == pytest.approx(1.0)
    assert half.least_cosine == pytest.approx(np.cos(0.1), abs=1e-6)


def test_an_outcome_holds_for_its_machine_and_model_alone(tmp_path: Path) -> None:
    found = tried(0.05, 0.001)
    keep_calibration(FILES, tmp_path / "calibration", found)
    home = tmp_path / "calibration"
    assert kept_calibration(FILES, home, MACHINE) == found
    assert list_calibrations(FILES, home) == [found]
    for other in (
        replace(MACHINE, processor="another"),
        replace(MACHINE, cores=3),
        replace(MACHINE, model="another"),
        replace(MACHINE, versions={"torch": "0"}),
    ):
        assert kept_calibration(FILES, home, other) is None


def test_what_cannot_be_read_is_tried_again(tmp_path: Path) -> None:
    keep_calibration(FILES, tmp_path, tried(0.05, 0.001))
    (path,) = tmp_path.glob("*.json")
    fields = orjson.loads(path.read_bytes())
    for content in (b"{", b"[]", orjson.dumps({**fields, "format": 2}), b'{"format": 1}'):
        path.write_bytes(content)
        assert kept_calibration(FILES, tmp_path, MACHINE) is None
        assert list_calibrations(FILES, tmp_path) == []


def test_a_folder_that_cannot_be_made_costs_a_trial_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    keep_calibration(FILES, tmp_path / "file" / "calibration", tried(0.05, 0.001))
    assert list_calibrations(FILES, tmp_path / "none") == []
