from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from retrieval.cli.report.charts import all_charts
from retrieval.cli.report.plots import png, write_plots
from retrieval.errors import MissingExtraError
from retrieval.testing.power import MemoryFiles
from tests.cli.report import samples


def size_of(content: bytes) -> tuple[int, int]:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_each_chart_becomes_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "plots"
    written = write_plots(samples.four_systems(), folder)
    assert written == [
        folder / name
        for name in (
            "precision-recall.png",
            "precision-by-rank.png",
            "scores-dense.png",
            "scores-lexical.png",
            "scores-hybrid.png",
            "scores-memory.png",
            "silhouette.png",
        )
    ]
    assert sorted(folder.iterdir()) == sorted(written)
    for path in written:
        assert min(size_of(path.read_bytes())) > 400


def test_every_byte_goes_through_the_file_system_given(tmp_path: Path) -> None:
    files = MemoryFiles()
    written = write_plots(samples.one_system(), tmp_path / "plots", files=files)
    assert not (tmp_path / "plots").exists()
    assert files.list((tmp_path / "plots").resolve()) == sorted(path.name for path in written)


def test_nothing_to_draw_makes_no_file(tmp_path: Path) -> None:
    assert write_plots(samples.nothing_to_show(), tmp_path) == []


def test_text_of_any_kind_can_be_drawn() -> None:
    for chart in all_charts(samples.hostile()):
        size_of(png(chart))


def test_a_dollar_is_no_formula() -> None:
    name = r"_$\nothing{$"
    report = samples.one_system(
        systems=(samples.system(name, 0.5),), figures=(samples.figures(name, 0.5),)
    )
    for chart in all_charts(report):
        size_of(png(chart))


def test_many_groups_make_a_tall_picture() -> None:
    charts = {chart.key: chart for chart in all_charts(samples.long_names())}
    width, height = size_of(png(charts["silhouette"]))
    assert height > 1.5 * width


def test_without_matplotlib_the_pip_line_is_told_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'retrieval\[plots\]'"):
        write_plots(samples.one_system(), tmp_path / "plots")
    assert not (tmp_path / "plots").exists()
