"""``retrieve get`` and ``retrieve export``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import OnTerminal, Run

pytestmark = pytest.mark.usefixtures("reviews")


def test_get_answers_with_the_lines_of_an_export(run: Run) -> None:
    result = run("get", "r2", "r9", "r1")
    assert result.code == 0
    assert [row["id"] for row in result.rows] == ["r2", "r1"]
    assert "1 id not in the index: 'r9'" in result.err
    exported = {row["id"]: row for row in run("export").rows}
    assert exported["r2"] == result.rows[0]


def test_get_of_nothing_that_is_there_has_no_hits(run: Run) -> None:
    assert run("get", "r9").code == 1
    assert run("get").error["code"] == "usage"
    assert [row["id"] for row in run("get", "--ids-from", "-", stdin=b"r3\n").rows] == ["r3"]


def test_get_for_a_person_shows_every_field(on_terminal: OnTerminal) -> None:
    screen = on_terminal("get", "r1", "--index", "reviews")
    assert screen.code == 0
    assert screen.lines[0].split() == ["id", "r1"]
    assert any(line.startswith("text") for line in screen.lines)


def test_an_export_is_piped_into_another_index(run: Run) -> None:
    exported = run("export")
    assert run("index", "-", "--index", "copy", stdin=exported.out.encode()).code == 0
    assert run("export", "--index", "copy").out == exported.out


def test_an_export_into_files_is_reported(run: Run, on_terminal: OnTerminal) -> None:
    (report,) = run("export", "--output", "all.jsonl", "--vectors", "all.npy").rows
    assert report["documents"] == report["rows"] == 5
    assert report["ids"] == "all.ids.jsonl"
    assert len(Path("all.jsonl").read_bytes().splitlines()) == 5
    assert np.load("all.npy").shape == (5, 64)
    screen = on_terminal("export", "--output", "all.jsonl", "--vectors", "all.npy")
    assert "5 rows, one a document, in all.npy" in screen.text


def test_vectors_go_beside_documents_on_standard_output(run: Run) -> None:
    result = run("export", "--vectors", "p.npy", "--unit", "passage")
    assert len(result.rows) == 5
    assert "one a passage, in p.npy" in result.err
