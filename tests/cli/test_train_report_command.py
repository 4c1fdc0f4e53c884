"""``retrieve train report`` as it is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import OnTerminal, Run
from tests.train.cards import made_card, write_card


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str, str]:
    cards = [
        made_card([0.71, 0.82], also={"AP": 0.91, "macro F1": 0.5, "validation loss": 0.3}),
        made_card([0.55], measure="AP"),
        made_card([None]),
    ]
    names = ("classes\x1b[31m", "dummy", "blind")
    one, two, three = (write_card(tmp_path / n, c) for n, c in zip(names, cards, strict=True))
    return one, two, three


def test_every_system_is_told(folders: tuple[str, ...], run: Run) -> None:
    (told,) = run("train", "report", *folders).rows
    assert told["schema_version"] == 1
    assert told["measures"] == ["AP", "accuracy", "macro F1"]
    assert [one["name"] for one in told["systems"]] == ["classes\x1b[31m", "dummy", "blind"]
    points = [one["curve"] for one in told["systems"]]
    assert points[0][1]["measures"] == {"AP": 0.91, "accuracy": 0.82, "macro F1": 0.5}
    assert points[1][0]["measures"] == {"AP": 0.55}
    assert points[2][0]["measures"] == {}


def test_all_systems_go_into_one_figure(tmp_path: Path, folders: tuple[str, ...], run: Run) -> None:
    assert run("train", "report", *folders, "--png", "curves.png").code == 0
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    blind = run("train", "report", folders[2], "--png", "none.png")
    assert blind.code == 0
    assert "no curve to draw" in blind.err
    assert not (tmp_path / "none.png").exists()


@pytest.mark.parametrize("columns", [40, 80])
def test_a_person_sees_a_row_a_validation(
    folders: tuple[str, ...], on_terminal: OnTerminal, columns: int
) -> None:
    seen = on_terminal("train", "report", *folders, columns=columns, TERM="dumb")
    assert seen.code == 0
    assert max(map(len, seen.lines)) <= columns
    text = " ".join(seen.text.split())
    assert "0.820" in text
    assert "0.550" in text
    assert "\\x1b[31m" in text
    assert text.count("kept") == 3


def test_a_folder_without_a_card_is_refused(tmp_path: Path, run: Run) -> None:
    done = run("train", "report", str(tmp_path))
    assert done.code == 2
    assert "no training card" in done.error["error"]
