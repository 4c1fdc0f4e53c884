from __future__ import annotations

import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.cli.test_tune_command import judged  # noqa: F401 -- a fixture

pytestmark = pytest.mark.usefixtures("hashing")


def test_a_curve_is_fitted_and_kept(run: Run, judged: list[str]) -> None:  # noqa: F811
    result = run("calibrate", *judged, "--complete", "--mode", "hybrid")
    assert result.code == 0
    (report,) = result.rows
    assert (report["mode"], report["curve"], report["stored"]) == ("hybrid", "platt", True)
    assert (report["queries"], report["relevant"], report["generation"]) == (11, 22, 2)
    assert {"brier", "brier_floor", "log_loss", "ece"} <= set(report["errors"])


def test_judgments_that_are_not_complete_are_refused(
    run: Run,
    judged: list[str],  # noqa: F811
) -> None:
    result = run("calibrate", *judged)
    assert result.code == 2
    assert "--complete" in result.err


def test_the_status_tells_what_was_learned_from_judgments(
    run: Run,
    on_terminal: OnTerminal,
    judged: list[str],  # noqa: F811
) -> None:
    (before,) = run("status").rows
    assert (before["fusion"], before["curves"]) == (None, [])
    (tuned,) = run("tune", *judged).rows
    run("calibrate", *judged, "--complete")
    (after,) = run("status").rows
    assert after["fusion"]["weight"] == tuned["weight"]
    assert [one["mode"] for one in after["curves"]] == ["dense"]
    screen = on_terminal("status", "--index", "rows")
    assert "weight of meaning" in screen.text
    assert "dense, from 11 queries" in screen.text
